#!/bin/sh
# Alpine has no bash, but templates have scripts for it: its ash knows the most of it. No link: BusyBox goes by its name.
[ -e /etc/alpine-release ] && [ ! -x /bin/bash ] || exit 0
# shellcheck source=../lib.sh
. "$LIMA_CIDATA_MNT/lib.sh"

# shellcheck disable=SC2016 # for the script
put /bin/bash 755 '#!/bin/sh
exec /bin/ash "$@"'
