#!/bin/sh
# Guests find each other as NAME.local by multicast DNS, where systemd-resolved is the resolver. A link needs to be told at each boot.
[ -d /run/systemd/resolve ] || exit 0
# shellcheck source=../lib.sh
. "$LIMA_CIDATA_MNT/lib.sh"
have resolvectl || exit 0
! put /etc/systemd/resolved.conf.d/00-lima-enable-mdns.conf 644 '[Resolve]
MulticastDNS=yes' || systemctl restart systemd-resolved.service
for link in /sys/class/net/*; do
  read -r index <"$link/ifindex"
  [ "${link##*/}" != lo ] && ! has_line "/run/systemd/resolve/netif/$index" 'MDNS=yes' || continue
  resolvectl mdns "${link##*/}" yes
done
