#!/bin/sh
# A guest without a clock of its own starts in the past, where no certificate is valid yet: waits for the time from the network, 60
# seconds at most. Until then the seed's date is the better guess.
[ ! -c /dev/rtc0 ] || exit 0
# shellcheck source=../lib.sh
. "$LIMA_CIDATA_MNT/lib.sh"
[ -d /run/systemd/system ] && have timedatectl || exit 0

synchronized() { [ "$(timedatectl show --property=NTPSynchronized --value)" = yes ]; }

guess_time() {
  seed=$(stat -c %Y "$LIMA_CIDATA_MNT/user-data")
  [ "$(date +%s)" -lt "$seed" ] || return 0
  # The time cannot be set while somebody keeps it.
  systemctl stop systemd-timesyncd
  date -s "@$seed" >/dev/null
  systemctl start systemd-timesyncd
  echo "no clock: it is taken to be $(date)"
}

! synchronized || exit 0
guess_time
tries=0
until synchronized; do
  tries=$((tries + 1))
  [ "$tries" -le 120 ] || { echo "the time could not be had from the network within 60 seconds"; exit 1; }
  sleep 0.5
done
