#!/bin/sh
# After upgradePackages cloud-init has the guest boot again where that is needed, but with dnf it does not. Asked only when packages
# have changed, and never twice in a row.
[ -n "${LIMA_CIDATA_UPGRADE_PACKAGES:-}" ] && command -v dnf >/dev/null || exit 0
# shellcheck source=../lib.sh
. "$LIMA_CIDATA_MNT/lib.sh"

stamp=/var/lib/lima/packages-checked
changed=
for database in /usr/lib/sysimage/rpm/rpmdb.sqlite /var/lib/rpm/rpmdb.sqlite /var/lib/rpm/Packages; do
  # shellcheck disable=SC3013 # dash and BusyBox have it
  [ ! -e "$database" ] || [ "$stamp" -nt "$database" ] || changed=1
done
[ -n "$changed" ] || exit 0
mkdir -p "${stamp%/*}"
: >"$stamp"

rebooted=/var/lib/lima/rebooted-after-upgrade
[ ! -e "$rebooted" ] || { rm -f "$rebooted"; exit 0; }
dnf -q needs-restarting --help >/dev/null 2>&1 || exit 0
code=0
answer=$(LC_ALL=C.UTF-8 dnf -q needs-restarting -r 2>&1) || code=$?
case $code:$answer in 1:*'eboot is required'*) ;; *) exit 0 ;; esac
echo "packages were upgraded; the guest boots again"
: >"$rebooted"
sync
: >"$LIMA_REBOOT_REQUIRED"
systemctl reboot
