#!/bin/sh
# A user with the number of a system account has no journal of its own; journalctl --user then reads the system's, for this group.
[ "$LIMA_CIDATA_UID" -lt 1000 ] || exit 0
# shellcheck source=../lib.sh
. "$LIMA_CIDATA_MNT/lib.sh"
members=
while IFS=: read -r name _ _ users; do
  [ "$name" != systemd-journal ] || members=",$users,"
done </etc/group
case $members in '' | *",$LIMA_CIDATA_USER,"*) exit 0 ;; esac
usermod -aG systemd-journal "$LIMA_CIDATA_USER"
