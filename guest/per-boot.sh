#!/bin/sh
# Run at every boot by the guest's cloud-init (or what stands for it): finds the seed disk and hands over to its boot.sh.
set -eu
seed=/mnt/lima-cidata
[ -d "$seed" ] || mkdir -p "$seed"
chmod 700 "$seed" 2>/dev/null || true
if [ ! -e "$seed/boot.sh" ]; then
  device=/dev/disk/by-label/cidata
  tries=0
  while [ ! -e "$device" ] && [ "$tries" -lt 100 ]; do
    tries=$((tries + 1))
    sleep 0.1
  done
  [ -e "$device" ] || device=$(blkid -L cidata 2>/dev/null || findfs LABEL=cidata)
  mount -t iso9660 -o ro,mode=0700,dmode=0700,overriderockperm,uid=0 "$device" "$seed"
fi
export LIMA_CIDATA_MNT="$seed"
exec /bin/sh "$seed/boot.sh"
