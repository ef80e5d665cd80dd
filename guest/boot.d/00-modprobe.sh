#!/bin/sh
# Kernel modules that mounts and containers need and that nothing loads for a user without privileges. At the start of the boot: an
# upgrade may take the files of the running kernel away. A kernel may have them built in or not at all; neither is a failure. In the
# background, as it takes longer than all the other scripts; 35-setup-packages waits for it where it matters.
# shellcheck source=../lib.sh
. "$LIMA_CIDATA_MNT/lib.sh"
# By its path, as BusyBox has one of its own, which takes longer.
modprobe=/sbin/modprobe
[ -x "$modprobe" ] || exit 0
missing=
for module in fuse tun tap bridge veth ip_tables ip6_tables iptable_nat ip6table_nat iptable_filter ip6table_filter nf_tables \
  x_tables xt_MASQUERADE xt_addrtype xt_comment xt_conntrack xt_mark xt_multiport xt_nat xt_tcpudp overlay; do
  [ -e "/sys/module/$module" ] || missing="$missing $module"
done
mkdir -p /run/lima
nice=
! have nice || nice='nice'
{
  # shellcheck disable=SC2086 # a list of words
  [ -z "$missing" ] || $nice "$modprobe" -a -q $missing || true
  : >/run/lima/modules-loaded
} >/dev/null 2>&1 &
