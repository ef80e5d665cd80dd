#!/bin/sh
# The SSH server takes COLORTERM from the workstation's terminal.
# shellcheck source=../lib.sh
. "$LIMA_CIDATA_MNT/lib.sh"
main=/etc/ssh/sshd_config
[ -e "$main" ] && ! grep -qs '^[^#]*COLORTERM' "$main" /etc/ssh/sshd_config.d/*.conf || exit 0
if [ -d /etc/ssh/sshd_config.d ] && grep -qi '^Include.*sshd_config\.d' "$main"; then
  put /etc/ssh/sshd_config.d/10-acceptenv-colorterm.conf 644 'AcceptEnv COLORTERM' || exit 0
else
  # At the top, as what follows a Match line would not be for all.
  filter "$main" sed '1i\
AcceptEnv COLORTERM' || exit 0
fi
reload_sshd
