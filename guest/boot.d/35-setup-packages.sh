#!/bin/sh
# Settings of packages that were just installed: other users may see a directory that one has mounted, the workstation learns that
# FUSE is ready, the name server is redirected if that took iptables, and containers of users find the kernel modules that 00-modprobe
# loads: 60 seconds at most.
# shellcheck source=../lib.sh
. "$LIMA_CIDATA_MNT/lib.sh"

allow_other() {
  file=/etc/fuse.conf
  [ ! -e /etc/fuse3.conf ] || file=/etc/fuse3.conf
  has_line "$file" 'user_allow_other*' || add_line "$file" 644 user_allow_other
}

# Some distributions let fusermount3 mount in few places only; a home directory itself is none of them.
allow_homes() {
  [ -e /etc/apparmor.d/fusermount3 ] && [ ! -e /etc/apparmor.d/local/fusermount3 ] || return 0
  put /etc/apparmor.d/local/fusermount3 644 '# Lima mounts over a home directory, too.
mount fstype=@{fuse_types} options=(nosuid,nodev) options in (ro,rw,noatime,dirsync,nodiratime,noexec,sync) -> @{HOME},
umount @{HOME},'
  apparmor_parser -r /etc/apparmor.d/fusermount3
}

await_modules() {
  have podman || have rootlesskit || return 0
  [ -x /sbin/modprobe ] || return 0
  tries=0
  until [ -e /run/lima/modules-loaded ] || [ "$tries" -ge 300 ]; do
    tries=$((tries + 1))
    sleep 0.2
  done
}

if have sshfs; then
  allow_other
  allow_homes
fi
echo "$LIMA_CIDATA_IID" >/run/lima-fuse-ready
[ -e /run/lima/host-names ] || /bin/sh "$LIMA_CIDATA_MNT/boot.d/09-host-dns-setup.sh"
await_modules
