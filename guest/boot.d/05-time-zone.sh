#!/bin/sh
# The time zone, where cloud-init has not set it.
[ -n "${LIMA_CIDATA_TIMEZONE:-}" ] || exit 0
zone=/usr/share/zoneinfo/$LIMA_CIDATA_TIMEZONE
# shellcheck disable=SC3013 # dash and BusyBox have it
[ ! /etc/localtime -ef "$zone" ] || exit 0
# A copy of the zone is as good as a link to it.
[ ! -f /etc/localtime ] || ! cmp -s /etc/localtime "$zone" || exit 0
# Without any, it is UTC.
case $LIMA_CIDATA_TIMEZONE in UTC | Etc/UTC) [ -e /etc/localtime ] || exit 0 ;; esac
[ -f "$zone" ] || { echo "this guest knows no time zone $LIMA_CIDATA_TIMEZONE; the package tzdata would bring it"; exit 0; }
ln -sf "$zone" /etc/localtime.lima
mv -f /etc/localtime.lima /etc/localtime
[ ! -e /etc/timezone ] || echo "$LIMA_CIDATA_TIMEZONE" >/etc/timezone
