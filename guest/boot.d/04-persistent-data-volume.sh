#!/bin/sh
# Alpine running from RAM: what has to outlast a boot lives on a disk, in a file system labelled data-volume, and is mounted over the
# RAM's own directories. Made at the first boot on the first disk that is empty; grown when its disk has.
[ -e /etc/alpine-release ] || exit 0
# shellcheck source=../lib.sh
. "$LIMA_CIDATA_MNT/lib.sh"

kept="/etc /home /root /tmp /usr/local /var/lib"
data=/mnt/data

from_ram() {
  root=
  while read -r _ point type _; do
    [ "$point" != / ] || root=$type
  done </proc/mounts
  [ "$root" = tmpfs ]
}

# The kernel writes blanks and backslashes of paths as octal numbers.
plain_path() { printf '%b' "$(printf '%s' "$1" | sed 's/\\\([0-7]\{3\}\)/\\0\1/g')"; }

# Of the options that 9p shows, the way of caching has to be given back by its name.
options() { printf '%s' "$1" | sed 's/cache=8f\(,\|$\)/cache=fscache\1/; s/cache=f\(,\|$\)/cache=loose\1/; s/cache=5\(,\|$\)/cache=mmap\1/; s/cache=1\(,\|$\)/cache=readahead\1/; s/cache=0\(,\|$\)/cache=none\1/'; }

# Directories of the workstation mounted below what is kept are let go first, lest they be copied along, and mounted again at the end.
# The innermost ones come last in the list of the kernel.
let_go() {
  cp /proc/mounts /run/lima/mounts
  tac /run/lima/mounts | while read -r source point type flags _; do
    case $type in ext4 | tmpfs) continue ;; esac
    path=$(plain_path "$point")
    for directory in $kept; do
      case $path in "$directory" | "$directory"/*) ;; *) continue ;; esac
      umount "$path"
      printf '%s %s %s %s\n' "$source" "$point" "$type" "$(options "$flags")"
    done
  done >/run/lima/moved-mounts
}

mount_again() {
  tac /run/lima/moved-mounts | while read -r source point type flags; do
    path=$(plain_path "$point")
    mkdir -p "$path"
    mount -t "$type" -o "$flags" "$(plain_path "$source")" "$path"
  done
}

# By what is on the disks: links made by udev come and go while partitions are read again.
find_label() { blkid | sed -n "/[[:space:]]LABEL=\"$1\"/{s/^\([^:]*\):.*/\1/p;q;}"; }

settle() { ! have udevadm || udevadm settle || true; }

grow() {
  have growpart && have resize2fs || return 0
  growpart "/dev/$(lsblk -nro PKNAME "$volume")" 1 || true
  settle
  # Only a file system that is whole is grown; what e2fsck has mended is.
  e2fsck -f -p "$volume" || [ "$?" -le 1 ] || return 0
  resize2fs "$volume" || true
}

# What this boot has found out anew goes onto the volume.
refresh() {
  for file in /etc/network/interfaces /etc/resolv.conf /etc/localtime /etc/timezone /etc/zoneinfo; do
    [ -e "$file" ] || [ -L "$file" ] || continue
    mkdir -p "$data${file%/*}"
    rm -rf "${data:?}$file"
    cp -a "$file" "$data$file"
  done
}

# No partitions, no file system, nothing mounted.
empty_disk() {
  lsblk -nro NAME,TYPE | while read -r disk type; do
    [ "$type" = disk ] || continue
    found=$(lsblk -nro FSTYPE,TYPE,MOUNTPOINT "/dev/$disk" | sed 's/^ *disk *$//' | tr -d '[:space:]')
    [ -n "$found" ] || { echo "/dev/$disk"; break; }
  done
}

new_partition() {
  disk=$(empty_disk)
  [ -n "$disk" ] || return 0
  echo type=83 | sfdisk -q --label dos "$disk" >&2
  settle
  lsblk -nro NAME,TYPE "$disk" | sed -n 's/^\(.*\) part$/\/dev\/\1/p'
}

# It has its label only when all is on it; one that a power failure has left half done is made again.
make_volume() {
  volume=$(find_label data-volume-new)
  [ -n "$volume" ] || volume=$(new_partition)
  [ -n "$volume" ] || { echo "nothing outlasts this boot: there is no empty disk"; return 1; }
  mkfs.ext4 -q -F -L data-volume-new "$volume"
  mount -t ext4 "$volume" "$data"
  mkdir -p "$data/apk/cache" /etc/apk
  ln -sfn "$data/apk/cache" /etc/apk/cache
  for directory in $kept; do
    mkdir -p "$directory" "$data${directory%/*}"
    cp -a "$directory" "$data${directory%/*}/"
  done
  sync
  e2label "$volume" data-volume
  settle
}

from_ram || exit 0
mkdir -p "$data" /run/lima
let_go
volume=$(find_label data-volume)
if [ -n "$volume" ]; then
  grow
  mount -t ext4 "$volume" "$data"
  refresh
else
  make_volume || { mount_again; exit 1; }
fi
for directory in $kept; do
  [ -d "$data$directory" ] || continue
  mkdir -p "$directory"
  mount --bind "$data$directory" "$directory"
done
mount_again
# Packages that were installed at earlier boots, from the cache on the volume.
apk fix --no-network
# These have changed what was in the RAM.
for script in "$LIMA_CIDATA_MNT"/boot.essential/*.sh; do /bin/sh "$script"; done
