#!/bin/sh
# Alpine: what the workstation counts on, in plain mode, too: package repositories, sudo, logins by key, forwarding, and that the
# power button ends the guest.
[ -e /etc/alpine-release ] || exit 0
# shellcheck source=../lib.sh
. "$LIMA_CIDATA_MNT/lib.sh"

# The two repositories of this release, unless there are some already, of whatever mirror.
add_repositories() {
  branch=edge
  while IFS='=' read -r key value; do
    [ "$key" = VERSION_ID ] || continue
    case $value in *_alpha* | *_beta*) ;; *.*.*) branch=v${value%.*} ;; esac
  done </etc/os-release
  for part in main community; do
    has_line /etc/apk/repositories "[!#]*/$part" ||
      add_line /etc/apk/repositories 644 "https://dl-cdn.alpinelinux.org/alpine/$branch/$part"
  done
}

# Without PAM, the SSH server refuses users whose password is locked. One that was set is left as it is.
# shellcheck disable=SC2317 # called by filter
unlocked() { awk -F: -v OFS=: -v user="$LIMA_CIDATA_USER" '$1 == user && $2 ~ /^!/ { $2 = "*" } { print }'; }

# shellcheck disable=SC2317 # called by filter
forwarding() { sed 's/^\(AllowTcpForwarding\) no$/\1 yes/; s/^#UsePAM no$/UsePAM yes/'; }

add_repositories
have sudo || apk add sudo
! has_line /etc/shadow "$LIMA_CIDATA_USER:!*" || filter /etc/shadow unlocked
if has_line /etc/ssh/sshd_config 'AllowTcpForwarding no' || has_line /etc/ssh/sshd_config '#UsePAM no'; then
  ! filter /etc/ssh/sshd_config forwarding || reload_sshd
fi
[ -e /etc/init.d/acpid ] || exit 0
[ -e /etc/runlevels/default/acpid ] || rc-update add acpid
rc-service --ifstopped acpid start
