#!/bin/sh
# The disks beside the instance: each gets a partition and a file system the first time, is mounted on /mnt/lima-NAME (or becomes
# swap space), and follows when it has grown. Nothing is ever written over: a disk that has anything on it is taken as it is.
# At boot there are no arguments, and lima.env names the disks. The host sends this script into a running guest with one of
#   disk NAME DEVICE FORMAT FSTYPE FSARGS   that disk alone, just attached or just grown; DEVICE is a name in /dev, or wwid:WWID
#   release NAME DEVICE                     nobody uses it any more, so that it can be detached
#   root                                    the root file system follows its disk
#   trim                                    what is free is given back to the host
set -uf
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
: "${LIMA_DEV:=/dev}" "${LIMA_SYS:=/sys}" "${LIMA_PROC:=/proc}" "${LIMA_MNT:=/mnt}" "${LIMA_STATE:=/var/lib/lima/disks}"

have() { command -v "$1" >/dev/null 2>&1; }
fail() { echo "$what: $*" >&2; exit 1; }
# need PROGRAM PACKAGE: ends the work on this disk when the guest has no such program.
need() { have "$1" || fail "\`$1\` is missing in this guest; install the package $2"; }
sectors() { cat "$LIMA_SYS/class/block/${1##*/}/size" 2>/dev/null || echo 0; }

# probe DEVICE: what blkid says of it. -p asks the disk and not blkid's memory of it; BusyBox has no -p, and no memory.
probe() { blkid -p "$1" 2>/dev/null || blkid "$1" 2>/dev/null || :; }
# said KEY TEXT: the value of KEY="VALUE" in what blkid said.
said() { printf '%s\n' "$2" | sed -n "s/.*[[:space:]]$1=\"\([^\"]*\)\".*/\1/p"; }

mounted_on() { while read -r _ entry _; do [ "$entry" != "$1" ] || return 0; done <"$LIMA_PROC/mounts"; return 1; }
is_swap() { while read -r entry _; do [ "$entry" != "$1" ] || return 0; done <"$LIMA_PROC/swaps"; return 1; }

# await PATH: a device appears a moment after its partition table or its controller; 10 seconds at most.
await() {
  tries=0
  until [ -e "$1" ]; do
    tries=$((tries + 1))
    [ "$tries" -lt 100 ] || return 1
    sleep 0.1
  done
}

# find_device NAME|wwid:WWID: sets disk to the device. One that was attached to a running guest is known by its WWID.
find_device() {
  disk=$LIMA_DEV/$1
  case $1 in wwid:*) ;; *) await "$disk" || fail "there is no device $1"; return ;; esac
  ! have modprobe || modprobe -q sd_mod 2>/dev/null || :
  tries=0
  while [ "$tries" -lt 100 ]; do
    set +f
    for file in "$LIMA_SYS"/class/block/*/device/wwid; do
      [ -r "$file" ] || continue
      read -r found <"$file" || continue
      [ "wwid:$found" = "$1" ] || continue
      set -f
      disk=${file%/device/wwid}
      disk=$LIMA_DEV/${disk##*/}
      return 0
    done
    set -f
    tries=$((tries + 1))
    sleep 0.1
  done
  fail "the disk does not appear in this guest"
}

# find_part: sets part to the first partition, or to the whole disk when that is what has a file system.
find_part() {
  case $disk in *[0-9]) part=${disk}p1 ;; *) part=${disk}1 ;; esac
  [ -e "$part" ] || part=$disk
}

make_partition() {
  [ -z "$(said PTTYPE "$(probe "$disk")")" ] || fail "$disk has a partition table without a first partition; it is left as it is"
  case $type in swap) kind=swap ;; *) kind=linux ;; esac
  # Without sfdisk the file system is the whole disk, which is as good.
  if have sfdisk; then
    echo "type=$kind" | sfdisk -q --label gpt "$disk" || fail "$disk cannot be partitioned"
    case $disk in *[0-9]) part=${disk}p1 ;; *) part=${disk}1 ;; esac
    await "$part" || fail "$part does not appear"
  fi
}

# A label longer than the file system can keep is cut short; nothing here depends on it.
make_filesystem() {
  label=lima-$name
  echo "$what: making $type on $part"
  # shellcheck disable=SC2086 # words, as they stand in lima.yaml
  case $type in
    swap) mkswap $arguments -L "$(cut_to 15)" "$part" >/dev/null ;;
    ext[234]) need "mkfs.$type" e2fsprogs; "mkfs.$type" -q $arguments -L "$(cut_to 16)" "$part" ;;
    xfs) need mkfs.xfs xfsprogs; mkfs.xfs -q $arguments -L "$(cut_to 12)" "$part" ;;
    btrfs) need mkfs.btrfs btrfs-progs; mkfs.btrfs -q $arguments -L "$label" "$part" ;;
    f2fs) need mkfs.f2fs f2fs-tools; mkfs.f2fs -q $arguments -l "$label" "$part" ;;
    vfat | exfat) need "mkfs.$type" "the programs of $type"; "mkfs.$type" $arguments -n "$(cut_to 11)" "$part" ;;
    *[!a-z0-9]* | '') fail "\`$type\` is no file system" ;;
    *) need "mkfs.$type" "the programs of $type"; "mkfs.$type" $arguments -L "$label" "$part" ;;
  esac || fail "$type cannot be made on $part"
  found=$type
}
cut_to() { printf "%.$1s" "$label"; }

# grow_partition DISK NUMBER: the partition reaches to the end of its disk, if it is the last and there is a MiB or more behind it.
grow_partition() {
  base=${1##*/} own=$LIMA_SYS/class/block/${1##*/}
  case $base in *[0-9]) own=$own/${base}p$2 ;; *) own=$own/$base$2 ;; esac
  [ -r "$own/start" ] || return 0
  [ $(($(cat "$own/start") + $(cat "$own/size") + 4096)) -le "$(sectors "$1")" ] || return 0
  if have growpart; then
    growpart "$1" "$2" >/dev/null || [ $? -eq 1 ] || fail "$1 has grown, and its partition cannot"
    return 0
  fi
  need sfdisk fdisk
  echo ', +' | sfdisk -q --no-reread --force -N "$2" "$1" >/dev/null 2>&1 || fail "$1 has grown, and its partition cannot"
  # In use, the kernel has to be told of this partition alone.
  if have partx; then partx -u "$1"; else blockdev --rereadpt "$1"; fi || fail "$1 has grown; this guest sees it after its next boot"
}

# grow_filesystem TYPE DEVICE MOUNTPOINT
grow_filesystem() {
  case $1 in
    ext[234]) need resize2fs e2fsprogs; resize2fs "$2" >/dev/null 2>&1 ;;
    xfs) need xfs_growfs xfsprogs; xfs_growfs "$3" >/dev/null ;;
    btrfs) need btrfs btrfs-progs; btrfs filesystem resize max "$3" >/dev/null ;;
    *) echo "$what: $1 does not grow by itself"; return 0 ;;
  esac || fail "the disk has grown, and its $1 cannot"
}

# fitted: was the file system fitted to the size the partition has now? Its size in sectors at that time is kept, so that a boot
# at which nothing has changed starts no program.
fitted() { [ -r "$LIMA_STATE/$name" ] && read -r known <"$LIMA_STATE/$name" && [ "$known" = "$(sectors "$part")" ]; }
note_fitted() { mkdir -p "$LIMA_STATE" && sectors "$part" >"$LIMA_STATE/$name.new" && mv "$LIMA_STATE/$name.new" "$LIMA_STATE/$name"; }

use_swap() {
  # What is swapped out now stays where it is; the space grows at the next boot.
  ! is_swap "$part" || return 0
  if ! fitted && [ "$format" = true ] && [ -z "$made" ]; then
    # Nothing is in swap space that is not in use: made again, it is as large as its disk.
    label=lima-$name
    mkswap -L "$(cut_to 15)" "$part" >/dev/null || fail "swap cannot be made on $part"
  fi
  swapon "$part" || fail "swap on $part cannot be switched on"
  fitted || note_fitted
}

use_filesystem() {
  point=$LIMA_MNT/lima-$name
  if ! mounted_on "$point"; then
    mkdir -p "$point"
    ! have modprobe || modprobe -q "$found" 2>/dev/null || :
    mount -t "$found" "$part" "$point" || fail "$part ($found) cannot be mounted on $point"
  fi
  fitted || { [ -n "$made" ] || grow_filesystem "$found" "$part" "$point"; note_fitted; }
}

# use NAME DEVICE FORMAT FSTYPE FSARGS
use() {
  name=$1 format=${3:-true} type=${4:-ext4} arguments=$5 what="disk $1" made=
  find_device "$2"
  need blkid util-linux
  find_part
  found=$(said TYPE "$(probe "$part")")
  if [ -z "$found" ]; then
    [ "$format" = true ] || fail "there is no file system on $disk, and \`format\` is false"
    [ "$part" != "$disk" ] || make_partition
    make_filesystem
    made=1
  elif [ "$found" != "$type" ]; then
    [ "$format" = false ] && [ -z "${4:-}" ] || echo "$what: it has $found and not $type, and is left as it is"
  fi
  [ "$part" = "$disk" ] || [ -n "$made" ] || grow_partition "$disk" 1
  if [ "$found" = swap ]; then use_swap; else use_filesystem; fi
}

# release NAME DEVICE
release() {
  name=$1 what="disk $1"
  point=$LIMA_MNT/lima-$name
  if mounted_on "$point"; then umount "$point" || fail "$point is in use in the guest; end what uses it there"; fi
  find_device "$2"
  find_part
  if is_swap "$part"; then swapoff "$part" || fail "the swap space on $part cannot be done without"; fi
  sync
}

# root: the device of / by its number, its partition, its disk.
grow_root() {
  what="root file system"
  found='' part=''
  while read -r _ _ number _ point rest; do
    [ "$point" = / ] || continue
    rest=${rest#* - }
    found=${rest%% *}
    own=$(readlink -f "$LIMA_SYS/dev/block/$number") && part=$LIMA_DEV/${own##*/}
  done <"$LIMA_PROC/self/mountinfo"
  [ -e "${part:-/none}" ] || fail "it is on no disk"
  if [ -r "$own/partition" ]; then
    disk=${own%/*}
    grow_partition "$LIMA_DEV/${disk##*/}" "$(cat "$own/partition")"
  fi
  grow_filesystem "$found" "$part" /
}

# Every file system on a disk, once.
trim() {
  what=trim seen=' '
  have fstrim || fail "\`fstrim\` is missing in this guest"
  while read -r device point type _; do
    case $device in "$LIMA_DEV"/*) ;; *) continue ;; esac
    case $type in iso9660 | swap | squashfs) continue ;; esac
    case $seen in *" $device "*) continue ;; esac
    seen="$seen$device "
    fstrim -v "$(printf '%b' "$point")" || :
  done <"$LIMA_PROC/mounts"
}

all() {
  failed=0 at=0
  while [ "$at" -lt "${LIMA_CIDATA_DISKS:-0}" ]; do
    for key in NAME DEVICE FORMAT FSTYPE FSARGS; do eval "v$key=\${LIMA_CIDATA_DISK_${at}_$key:-}"; done
    # shellcheck disable=SC2154 # set by eval
    (use "$vNAME" "$vDEVICE" "$vFORMAT" "$vFSTYPE" "$vFSARGS") || failed=1
    at=$((at + 1))
  done
  return "$failed"
}

case ${1:-} in
  '') all ;;
  disk) use "$2" "$3" "${4:-}" "${5:-}" "${6:-}" ;;
  release) release "$2" "$3" ;;
  root) grow_root ;;
  trim) trim ;;
  *) echo "unknown: $1" >&2; exit 2 ;;
esac </dev/null
