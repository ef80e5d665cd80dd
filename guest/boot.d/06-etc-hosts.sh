# host.lima.internal is the workstation, as the guest sees it.
[ -n "${LIMA_CIDATA_SLIRP_GATEWAY:-}" ] || exit 0
wanted="$LIMA_CIDATA_SLIRP_GATEWAY host.lima.internal"
found=
while read -r line; do
  case $line in
    "$wanted") found="$found+" ;;
    *host.lima.internal*) found="$found-" ;;
  esac
done </etc/hosts
[ "$found" != + ] || exit 0
# Written in place: the file may be a mount of its own.
others=$(grep -v 'host\.lima\.internal' /etc/hosts)
printf '%s\n%s\n' "$others" "$wanted" >/etc/hosts
