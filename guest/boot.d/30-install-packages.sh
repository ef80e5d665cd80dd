#!/bin/sh
# Programs that mounts, copies and containers need, from the distribution. Where all are there, no package manager is asked.
# shellcheck disable=SC2046,SC2086 # lists of words are meant to be split
[ -z "${LIMA_CIDATA_SKIP_DEFAULT_DEPENDENCY_RESOLUTION:-}" ] || exit 0
# shellcheck source=../lib.sh
. "$LIMA_CIDATA_MNT/lib.sh"
wanted=
wished=

# want PROGRAM [NAME]
want() { have "$1" || wanted="$wanted ${2:-$1}"; }

# wish PROGRAM: it would serve well, and the guest does without.
wish() { have "$1" || wants "$1" || wished="$wished $1"; }

wants() { case " $wanted " in *" $1 "*) return 0 ;; esac; return 1; }

# Container engines are installed where systemd runs them.
containers=
[ ! -d /run/systemd/system ] || containers=${LIMA_CIDATA_CONTAINERD_USER:-}${LIMA_CIDATA_CONTAINERD_SYSTEM:-}

find_missing() {
  [ "${LIMA_CIDATA_MOUNTTYPE:-}" != reverse-sshfs ] || [ "${LIMA_CIDATA_MOUNTS:-0}" = 0 ] || want sshfs
  [ -z "$containers" ] || want iptables
  if [ -n "$containers" ] && [ -n "${LIMA_CIDATA_CONTAINERD_USER:-}" ]; then
    want newuidmap uidmap
    want mount.fuse3 fuse3
  fi
  want tar
  # Copies work without the one, and names without the other, though those of the workstation alone are not known then.
  wish rsync
  case ${LIMA_CIDATA_UDP_DNS_LOCAL_PORT:-}${LIMA_CIDATA_TCP_DNS_LOCAL_PORT:-} in
    *[!0]*) have nft || wish iptables ;;
  esac
}

# names [NAME=PACKAGE…]: what is wanted by the distribution's own names.
names() {
  for name in $wanted; do
    for pair; do
      [ "${pair%%=*}" != "$name" ] || name=${pair#*=}
    done
    printf ' %s' "$name"
  done
}

# openSUSE has a script called apt-get that does not do the same.
find_manager() {
  manager=
  if have apt-get && head -c 4 "$(command -v apt-get)" | grep -q ELF; then
    manager=apt
    return
  fi
  for name in dnf yum pacman zypper apk; do
    if have "$name"; then
      manager=$name
      return
    fi
  done
}

use_apt() {
  export DEBIAN_FRONTEND=noninteractive
  packages=$(names)
  ! wants uidmap || packages="$packages dbus-user-session"
  timeout 600 apt-get -q update
  apt-get -q -y -o DPkg::Lock::Timeout=600 install --no-upgrade --no-install-recommends $packages
}

# Sets what dnf needs to find sshfs, which RHEL and its like do not have among their own packages.
enterprise_repositories() {
  release=$(cat /etc/system-release 2>/dev/null) || true
  set -- ${release##*release }
  version=${1:-}
  case $release in
    'Oracle Linux Server release 8'*) options="$options --repo ol8_baseos_latest --repo ol8_codeready_builder" ;;
    *'release 8'*) options="$options --enablerepo powertools" ;;
    'Oracle Linux Server release 9'*) add_epel oracle-epel-release-el9 ol9_developer_EPEL ol9_developer_EPEL ;;
    'Oracle Linux Server release 10'*)
      add_epel oracle-epel-release-el10 "ol10_u${version#*.}_developer_EPEL" "ol10_u${version#*.}_developer_EPEL" ;;
    *'release 9'* | *'release 10'*) add_epel epel-release 'epel*' epel ;;
  esac
}

# add_epel PACKAGE REPOSITORIES REPOSITORY: it is there for what is installed here, and off otherwise.
add_epel() {
  dnf install $options "$1"
  dnf config-manager --disable "$2" >/dev/null 2>&1 || true
  options="$options --enablerepo $3"
}

use_dnf() {
  options="-y --setopt=install_weak_deps=False"
  ! wants sshfs || enterprise_repositories
  dnf install $options $(names sshfs=fuse-sshfs uidmap=shadow-utils)
}

use_yum() {
  ! wants sshfs || yum install -y epel-release
  yum install -y $(names sshfs=fuse-sshfs uidmap=shadow-utils)
}

install() {
  echo "installing$wanted"
  case $manager in
    apt) use_apt ;;
    dnf) use_dnf ;;
    yum) use_yum ;;
    pacman) pacman -Sy --noconfirm --needed $(names uidmap=shadow) ;;
    zypper) zypper --non-interactive install -y --no-recommends $(names uidmap=shadow) ;;
    apk) apk add --update-cache $(names uidmap=shadow-uidmap) ;;
    *) echo "this guest has no package manager that is known here"; return 1 ;;
  esac
}

# Oracle's own kernel has virtiofs in a package of its own.
virtiofs_of_oracle() {
  [ "${LIMA_CIDATA_MOUNTTYPE:-}" = virtiofs ] && has_line /etc/system-release 'Oracle Linux Server*' || return 0
  ! grep -qw virtiofs /proc/filesystems && ! modprobe -q virtiofs || return 0
  set --
  for repository in $(dnf -q repolist --all | sed -n 's/^\([^ ]*UEK[^ ]*\).*/\1/p'); do set -- "$@" --enablerepo "$repository"; done
  dnf install -y "$@" "kernel-uek-modules-$(uname -r)"
  mount -t virtiofs -a
}

virtiofs_of_oracle
find_missing
[ -z "$wanted$wished" ] || find_manager
# What is only wished for is asked for once: a guest without a network need not wait for it at every boot.
tried=/var/lib/lima/packages-tried
if [ -n "$wanted" ]; then
  wanted=$wanted$wished
  install
elif [ -n "$wished" ] && [ -n "$manager" ] && ! has_line "$tried" "$manager$wished"; then
  wanted=$wished
  (install) || { put "$tried" 644 "$manager$wished"; echo "cannot be installed, and is done without:$wished"; }
fi
# The snapshotter of containerd calls it by its old name.
if [ -n "$containers" ] && ! have fusermount && have fusermount3; then
  ln -s fusermount3 /usr/bin/fusermount
fi
