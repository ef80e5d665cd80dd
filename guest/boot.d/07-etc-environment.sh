# The instance's environment variables: the block between #LIMA-START and #LIMA-END in /etc/environment, which every login reads.
# When it has changed, the user's sessions end, so that nobody goes on with the old variables.
set -e
wanted=$(cat "$LIMA_CIDATA_MNT/etc_environment" 2>/dev/null) || wanted=
[ -e /etc/environment ] || : >/etc/environment
current=$(sed -n '/^#LIMA-START/,/^#LIMA-END/p' /etc/environment)
[ "$current" != "$wanted" ] || exit 0
others=$(sed '/^#LIMA-START/,/^#LIMA-END/d' /etc/environment)
{
  [ -z "$others" ] || printf '%s\n' "$others"
  [ -z "$wanted" ] || printf '%s\n' "$wanted"
} >/etc/environment.lima
chmod 644 /etc/environment.lima
mv /etc/environment.lima /etc/environment
# A host that was quicker than this script has a connection with the old variables; it connects again.
[ -e /run/lima-ssh-ready ] || ! command -v loginctl >/dev/null || loginctl terminate-user "$LIMA_CIDATA_USER" 2>/dev/null || true
