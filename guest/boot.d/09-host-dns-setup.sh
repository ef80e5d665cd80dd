#!/bin/sh
# Questions to the name server of the guest's network go to the workstation's own resolver, when the host runs one at these ports. The
# rules are gone with the boot; 35-setup-packages calls this again when iptables has just been installed.
[ "${LIMA_CIDATA_UDP_DNS_LOCAL_PORT:-0}" != 0 ] || [ "${LIMA_CIDATA_TCP_DNS_LOCAL_PORT:-0}" != 0 ] || exit 0
# shellcheck source=../lib.sh
. "$LIMA_CIDATA_MNT/lib.sh"
have iptables || exit 0

nat() { iptables -w 10 -t nat "$@"; }

# redirect PROTOCOL PORT
redirect() {
  [ "${2:-0}" != 0 ] || return 0
  nat -A LIMADNS -d "$LIMA_CIDATA_SLIRP_DNS" -p "$1" --dport 53 -j DNAT --to-destination "$LIMA_CIDATA_SLIRP_GATEWAY:$2"
}

nat -N LIMADNS 2>/dev/null || nat -F LIMADNS
redirect udp "${LIMA_CIDATA_UDP_DNS_LOCAL_PORT:-}"
redirect tcp "${LIMA_CIDATA_TCP_DNS_LOCAL_PORT:-}"
for chain in PREROUTING OUTPUT; do
  nat -C "$chain" -j LIMADNS 2>/dev/null || nat -I "$chain" 1 -j LIMADNS
done
