#!/usr/bin/env bash
# Installs Debian packages that are missing: install-needs.sh run|build|test …
#   run    what LimaActors uses at run time (QEMU, firmware, OpenSSH) and for building guest images
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
  case $what in build | test) packages+=(gcc libc6-dev zlib1g-dev) ;; esac
  case $what in test) packages+=(openssh-server genisoimage shellcheck dash busybox-static procps) ;; esac
done

missing=()
for package in $(printf '%s\n' "${packages[@]}" | sort -u); do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

sudo=()
if [ "$(id -u)" != 0 ]; then
  command -v sudo >/dev/null || { echo "please install: ${missing[*]}" >&2; exit 1; }
  sudo=(sudo)
fi
echo "installing ${missing[*]}"
"${sudo[@]}" apt-get update -qq
"${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
