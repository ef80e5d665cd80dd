#!/bin/sh
# Certificates of authorities to be trusted, where cloud-init does not see to it.
bundle=$LIMA_CIDATA_MNT/ca-certs.pem
[ -e "$bundle" ] || [ -e /var/lib/lima/ca-certs ] || exit 0
! command -v cloud-init >/dev/null || [ -e /etc/arch-release ] || exit 0
# shellcheck source=../lib.sh
. "$LIMA_CIDATA_MNT/lib.sh"

wanted=$(cat "$bundle" 2>/dev/null) || true
state="$wanted
remove-defaults=${LIMA_CIDATA_CA_CERTS_REMOVE_DEFAULTS:-}"
[ ! -e /var/lib/lima/ca-certs ] || [ "$(cat /var/lib/lima/ca-certs)" != "$state" ] || exit 0

# One file each, as some tools take no more from one. split FOLDER
split() {
  mkdir -p "$1"
  rm -f "$1"/lima-*.crt
  printf '%s\n' "$wanted" | awk -v folder="$1" '
    /-----BEGIN/ { file = sprintf("%s/lima-%03d.crt", folder, count++) }
    file != "" { print >file }
    /-----END/ { close(file); file = "" }'
}

# The whole bundle of a guest that has no tool for it.
plain_bundle() {
  file=/etc/ssl/certs/ca-certificates.crt
  mkdir -p "${file%/*}"
  others=
  [ -n "${LIMA_CIDATA_CA_CERTS_REMOVE_DEFAULTS:-}" ] || [ ! -e "$file" ] ||
    others=$(sed '/^# Lima BEGIN$/,/^# Lima END$/d' "$file")
  put "$file" 644 "${others:+$others
}# Lima BEGIN
$wanted
# Lima END" || true
}

# Those that came with the distribution, where they are files of their own.
remove_defaults() {
  [ -n "${LIMA_CIDATA_CA_CERTS_REMOVE_DEFAULTS:-}" ] || return 0
  [ ! -e /etc/ca-certificates.conf ] || : >/etc/ca-certificates.conf
  rm -f /usr/share/pki/ca-trust-source/*.p11-kit /usr/share/pki/trust/*.p11-kit /usr/share/ca-certificates/trust-source/*.p11-kit
}

remove_defaults
if have update-ca-trust; then
  if [ -d /etc/ca-certificates/trust-source ]; then
    split /etc/ca-certificates/trust-source/anchors
  else
    split /etc/pki/ca-trust/source/anchors
  fi
  update-ca-trust
elif have update-ca-certificates; then
  if [ -d /etc/pki/trust ]; then split /etc/pki/trust/anchors; else split /usr/local/share/ca-certificates; fi
  update-ca-certificates
else
  plain_bundle
fi
put /var/lib/lima/ca-certs 600 "$state"
