#!/bin/sh
# What containers of a user without privileges need: a home of its own, programs in PATH, delegated control groups, ranges of numbers,
# and a manager that runs without a login.
[ -d /run/systemd/system ] || exit 0
# shellcheck source=../lib.sh
. "$LIMA_CIDATA_MNT/lib.sh"
user=$LIMA_CIDATA_USER home=$LIMA_CIDATA_HOME

# A directory mounted inside the home was there before the user was, and so root made the home. Whatever is mounted is left alone.
own_home() {
  [ -O "$home" ] || return 0
  find "$home" -xdev \( -type d -exec mountpoint -q {} \; -prune \) -o -user 0 -exec chown -h "$user:" {} + || true
}

older_than_5_13() {
  IFS=.- read -r major minor _ </proc/sys/kernel/osrelease
  [ "$major" -lt 5 ] || { [ "$major" -eq 5 ] && [ "$minor" -lt 13 ]; }
}

# Debian's users do not have iptables and mount.fuse3 in their PATH; that overlay mounts work for them is new in 5.13.
# shellcheck disable=SC2016 # for the login shells
profile_lines() {
  echo '# Lima BEGIN'
  echo '# for iptables and mount.fuse3'
  echo 'PATH="$PATH:/usr/sbin:/sbin"'
  echo 'export PATH'
  ! older_than_5_13 || printf '%s\n' 'CONTAINERD_SNAPSHOTTER="fuse-overlayfs"' 'export CONTAINERD_SNAPSHOTTER'
  echo '# Lima END'
}

# shellcheck disable=SC2317 # called by filter
with_lines() {
  cat
  profile_lines
}

set_profiles() {
  # A blank before each name, so that none is taken for the end of another.
  has=" $(cd "$home" && grep -l '^# Lima BEGIN' .profile .bashrc .zshrc 2>/dev/null | tr '\n' ' ')"
  for file in .profile .bashrc .zshrc; do
    case $has in *" $file "*) continue ;; esac
    if [ -e "$home/$file" ]; then
      filter "$home/$file" with_lines
    else
      put "$home/$file" 644 "$(profile_lines)"
      chown "$user:" "$home/$file"
    fi
  done
}

sysctls() {
  [ ! -e /proc/sys/kernel/unprivileged_userns_clone ] || echo 'kernel.unprivileged_userns_clone=1'
  echo 'net.ipv4.ping_group_range=0 2147483647'
  echo 'net.ipv4.ip_unprivileged_port_start=0'
}

# From 524288 on, where systemd-homed looks for it, or above the user's own number; 1 Gi of them.
number_ranges() {
  first=524288
  [ "$LIMA_CIDATA_UID" -lt "$first" ] || first=$((LIMA_CIDATA_UID + 1))
  for file in /etc/subuid /etc/subgid; do
    has_line "$file" "$user:*" || add_line "$file" 644 "$user:$first:1073741824"
  done
}

own_home
set_profiles
! put /etc/systemd/system/user@.service.d/lima.conf 644 '[Service]
Delegate=yes' || systemctl daemon-reload
[ -e /etc/sysctl.d/99-lima.conf ] || ! put /etc/sysctl.d/99-lima.conf 644 "$(sysctls)" || sysctl -q -e -p /etc/sysctl.d/99-lima.conf
number_ranges
[ -e "/var/lib/systemd/linger/$user" ] || {
  systemctl start systemd-logind.service
  loginctl enable-linger "$user"
}
