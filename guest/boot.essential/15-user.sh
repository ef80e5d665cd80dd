#!/bin/sh
# The user's shell, full name and rule for sudo, when lima.yaml has other ones than at the last boot: cloud-init gives them to new
# users only. What the user changes in the guest meanwhile stays.
# shellcheck source=../lib.sh
. "$LIMA_CIDATA_MNT/lib.sh"

stamp=/var/lib/lima/user
wanted="$LIMA_CIDATA_USER
$LIMA_CIDATA_SHELL
$LIMA_CIDATA_COMMENT
passwordless=${LIMA_CIDATA_PASSWORDLESS_SUDO:-}"
known=
[ ! -r "$stamp" ] || known=$(cat "$stamp")
[ "$known" != "$wanted" ] || exit 0
passwd_entry "$LIMA_CIDATA_USER" || exit 0

# shellcheck disable=SC2317 # called by filter
renamed() {
  WANTED_COMMENT=$LIMA_CIDATA_COMMENT WANTED_SHELL=$1 awk -F: -v OFS=: -v user="$LIMA_CIDATA_USER" \
    '$1 == user { $5 = ENVIRON["WANTED_COMMENT"]; $7 = ENVIRON["WANTED_SHELL"] } { print }'
}

update_account() {
  [ "$shell" != "$LIMA_CIDATA_SHELL" ] || [ "$comment" != "$LIMA_CIDATA_COMMENT" ] || return 0
  if [ -x "$LIMA_CIDATA_SHELL" ]; then
    shell=$LIMA_CIDATA_SHELL
  else
    echo "the shell $LIMA_CIDATA_SHELL is not installed; $LIMA_CIDATA_USER keeps $shell"
    missing=1
  fi
  ! filter /etc/passwd renamed "$shell" || echo "user $LIMA_CIDATA_USER: shell $shell, comment $LIMA_CIDATA_COMMENT"
}

# Of rules that fit, sudo takes the last one. That is after cloud-init's, which only ever adds to its own file.
update_sudo() {
  rule="ALL=(ALL) ${LIMA_CIDATA_PASSWORDLESS_SUDO:+NOPASSWD:}ALL"
  [ "${known##*passwordless=}" != "${LIMA_CIDATA_PASSWORDLESS_SUDO:-}" ] && [ -d /etc/sudoers.d ] || return 0
  put /etc/sudoers.d/95-lima-user 440 "$LIMA_CIDATA_USER $rule" || true
}

missing=
if [ "${known%%
*}" = "$LIMA_CIDATA_USER" ]; then
  update_account
  update_sudo
fi
# A shell that may be installed yet is looked for at the next boot, too.
[ -n "$missing" ] || put "$stamp" 600 "$wanted"
