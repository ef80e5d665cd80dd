#!/bin/sh
# In the instance called default the prompt is lime green, where the distribution's .bashrc has a green one.
[ "$LIMA_CIDATA_NAME" = default ] || exit 0
# shellcheck source=../lib.sh
. "$LIMA_CIDATA_MNT/lib.sh"
rc=$LIMA_CIDATA_HOME/.bashrc
[ -f "$rc" ] && grep -q color_prompt "$rc" && ! grep -q '^# Lima PS1' "$rc" || exit 0

# shellcheck disable=SC2317 # called by filter
with_lines() {
  cat
  cat <<'END'
# Lima PS1: lime green instead of green
case $COLORTERM:$TERM in
  truecolor:*) PS1=${PS1//01;32m/38;2;50;205;50m} ;;
  *:*-256color) PS1=${PS1//01;32m/38;5;77m} ;;
esac
END
}
filter "$rc" with_lines
