#!/bin/sh
# With passwordlessSudo: false the user needs a password for sudo: 16 random hexadecimal digits, once, left in ~/password.
[ -z "${LIMA_CIDATA_PASSWORDLESS_SUDO:-}" ] || exit 0
# shellcheck source=../lib.sh
. "$LIMA_CIDATA_MNT/lib.sh"

flag=$LIMA_CIDATA_HOME/.lima-password-set
[ ! -e "$flag" ] || exit 0
[ -d "$LIMA_CIDATA_HOME" ] || { echo "the home directory $LIMA_CIDATA_HOME does not exist"; exit 1; }

# shellcheck disable=SC2317 # called by filter
with_hash() { HASH=$hash awk -F: -v OFS=: -v user="$LIMA_CIDATA_USER" '$1 == user { $2 = ENVIRON["HASH"] } { print }'; }

# Neither way shows the password to those who list the guest's processes.
set_password() {
  if have chpasswd; then
    printf '%s:%s\n' "$LIMA_CIDATA_USER" "$password" | chpasswd
  elif have mkpasswd; then
    hash=$(printf '%s\n' "$password" | mkpasswd -m sha512)
    filter /etc/shadow with_hash
  else
    echo "no password for $LIMA_CIDATA_USER: this guest has neither chpasswd nor mkpasswd"
    exit 1
  fi
}

password=$(head -c 8 /dev/urandom | od -An -tx1 | tr -d ' \n')
[ "${#password}" = 16 ]
# It is written down before it is set, and the flag comes last: whenever the power fails, ~/password holds what is valid, or the
# next boot makes another.
put "$LIMA_CIDATA_HOME/password" 600 "$password"
chown -h "$LIMA_CIDATA_USER" "$LIMA_CIDATA_HOME/password"
set_password
put "$flag" 600 ""
chown -h "$LIMA_CIDATA_USER" "$flag"
