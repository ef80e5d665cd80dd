#!/bin/sh
# Alpine: root may use sudo, which starts the users' provisioning scripts; and the user of the image makes room for the instance's,
# who may want its number.
[ -e /etc/alpine-release ] || exit 0
# shellcheck source=../lib.sh
. "$LIMA_CIDATA_MNT/lib.sh"

rule=/etc/sudoers.d/00-root-user
[ -e "$rule" ] || put "$rule" 440 'root ALL=(ALL) NOPASSWD:ALL'

[ "$LIMA_CIDATA_USER" != alpine ] || exit 0
passwd_entry alpine && [ "$uid" = 1000 ] || exit 0
echo "removing the user of the image; the guest boots again"
if have userdel; then userdel alpine; else deluser alpine; fi
rmdir "$home" 2>/dev/null || true
# So that cloud-init sets up the instance's own user, which it could not with that number taken.
! have cloud-init || cloud-init clean --logs
: >"$LIMA_REBOOT_REQUIRED"
reboot
