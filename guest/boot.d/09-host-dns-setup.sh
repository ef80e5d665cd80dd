#!/bin/sh
# Questions to the name server of the guest's network go to the workstation's own resolver, when the host runs one at these ports. The
# rules are gone with the boot; 35-setup-packages calls this again when iptables has just been installed. They are made by a script that
# stays, so that the guest agent can take them away while there is no host, and the network's own server answers.
[ "${LIMA_CIDATA_UDP_DNS_LOCAL_PORT:-0}" != 0 ] || [ "${LIMA_CIDATA_TCP_DNS_LOCAL_PORT:-0}" != 0 ] || exit 0
# shellcheck source=../lib.sh
. "$LIMA_CIDATA_MNT/lib.sh"
switch=/run/lima/host-names

# What iptables-restore reads; it empties the chain. $1: a word for each protocol and its port.
tables() {
  echo '*nat'
  echo ':LIMADNS -'
  for rule in $1; do
    echo "-A LIMADNS -d $LIMA_CIDATA_SLIRP_DNS -p ${rule%:*} --dport 53 -j DNAT --to-destination $LIMA_CIDATA_SLIRP_GATEWAY:${rule#*:}"
  done
}

# What nft reads.
ruleset() {
  echo 'table ip lima_dns {'
  for hook in prerouting output; do
    echo "  chain $hook {"
    echo "    type nat hook $hook priority -100;"
    for rule in $1; do
      echo "    ip daddr $LIMA_CIDATA_SLIRP_DNS ${rule%:*} dport 53 dnat to $LIMA_CIDATA_SLIRP_GATEWAY:${rule#*:}"
    done
    echo '  }'
  done
  echo '}'
}

rules=
[ "${LIMA_CIDATA_UDP_DNS_LOCAL_PORT:-0}" = 0 ] || rules="udp:$LIMA_CIDATA_UDP_DNS_LOCAL_PORT"
[ "${LIMA_CIDATA_TCP_DNS_LOCAL_PORT:-0}" = 0 ] || rules="$rules tcp:$LIMA_CIDATA_TCP_DNS_LOCAL_PORT"

# What the resolver has kept is of the other server.
begin="#!/bin/sh
# Run with on or off.
set -eu
trap '! command -v resolvectl >/dev/null || [ -n \"\${2:-}\" ] || resolvectl flush-caches || :' EXIT
if [ \"\$1\" = on ]; then rm -f $switch.off; else : >$switch.off; fi"

# Made anew as a whole each time: what other programs do to the packet filter may have taken a part away.
if have iptables-restore; then
  text="$begin
jump() { iptables -w 10 -t nat -C \"\$1\" -j LIMADNS 2>/dev/null || echo \"-I \$1 1 -j LIMADNS\"; }
if [ \"\$1\" = on ]; then
  {
    cat <<'EOF'
$(tables "$rules")
EOF
    jump PREROUTING
    jump OUTPUT
    echo COMMIT
  } | iptables-restore -w 10 -n
else
  iptables -w 10 -t nat -F LIMADNS
fi"
elif have nft; then
  text="$begin
{
  echo 'table ip lima_dns {}'
  echo 'delete table ip lima_dns'
  [ \"\$1\" != on ] || cat <<'EOF'
$(ruleset "$rules")
EOF
} | nft -f -"
else
  exit 0
fi
put "$switch" 700 "$text" || true
/bin/sh "$switch" on first
