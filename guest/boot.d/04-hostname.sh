# The host name, when the instance asks for another one than the seed's meta-data gives.
[ -n "${LIMA_CIDATA_HOSTNAME:-}" ] || exit 0
read -r current </proc/sys/kernel/hostname
[ "$current" != "$LIMA_CIDATA_HOSTNAME" ] || exit 0
if command -v hostnamectl >/dev/null; then
  hostnamectl set-hostname "$LIMA_CIDATA_HOSTNAME"
else
  echo "$LIMA_CIDATA_HOSTNAME" >/etc/hostname
  hostname "$LIMA_CIDATA_HOSTNAME"
fi
