#!/usr/bin/env bash
# Installs Debian packages that are missing: install-needs.sh run|build|test …
#   run    what LimaActors uses at run time (QEMU, firmware, OpenSSH) and for building guest images; without root for the latter
#          also a range of user and group numbers
#   build  what building from source needs besides the .NET SDK
#   test   all of that and what the tests look at results with
set -euo pipefail

qemu_package() { case $(uname -m) in x86_64) echo qemu-system-x86 ;; aarch64) echo qemu-system-arm ;; *) echo qemu-system ;; esac; }
firmware_package() { case $(uname -m) in aarch64) echo qemu-efi-aarch64 ;; *) echo ovmf ;; esac; }

packages=()
for what in "$@"; do
  case $what in run | test)
    packages+=("$(qemu_package)" "$(firmware_package)" qemu-utils openssh-client xz-utils zstd bzip2)
    for recipe in "$(dirname "$0")"/../images/*/build; do mapfile -t -O "${#packages[@]}" packages < <("$recipe" --needs); done ;;
  esac
  # Without root, recipes are built in a user namespace.
  case $what in run | test) [ "$(id -u)" = 0 ] || packages+=(uidmap) ;; esac
  case $what in build | test) packages+=(gcc libc6-dev zlib1g-dev) ;; esac
  case $what in test) packages+=(openssh-server genisoimage rsync shellcheck dash busybox-static procps swtpm) ;; esac
done

missing=()
for package in $(printf '%s\n' "${packages[@]}" | sort -u); do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo "$@"
  else echo "install-needs.sh: this needs root, and sudo is not installed; as root, run: $*" >&2; exit 1; fi
}

if [ ${#missing[@]} -gt 0 ]; then
  echo "installing ${missing[*]}"
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

# That namespace needs a range of user and group numbers. adduser gives one to every new user, other ways of making users do not.
user=$(id -un)
case " $* " in *" run "* | *" test "*)
  for kind in uid gid; do
    [ "$(id -u)" != 0 ] || break
    ! grep -qs -e "^$user:" -e "^$(id -u):" "/etc/sub$kind" || continue
    # shellcheck disable=SC2002 # the file need not be there
    first=$(cat "/etc/sub$kind" 2>/dev/null | awk -F: 'BEGIN { free = 100000 } $2 + $3 > free { free = $2 + $3 } END { print free }')
    echo "giving $user the ${kind}s $first-$((first + 65535)) for user namespaces"
    as_root usermod "--add-sub${kind}s" "$first-$((first + 65535))" "$user"
  done ;;
esac
