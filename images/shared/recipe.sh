# shellcheck shell=bash
# shellcheck disable=SC2154 # needs and shared are set by the recipe, as are version and packages, that sources this file
# What every recipe does alike: its arguments, the packages it needs, temporary files, the Debian archive to take packages from,
# and the disk image at the end. A recipe sets `needs` (an array of Debian package names) and then sources this file.
#
# Contract of a recipe (images/NAME/build):
#   build --needs                       prints the Debian packages it needs, one a line
#   build --out DIR --arch x86_64       builds into the empty directory DIR; --install first installs missing packages
# Standard output: lines "step: TEXT". Standard error: details; on failure its last line says what to do. Exit 3: packages missing.

set -euo pipefail
export LC_ALL=C DEBIAN_FRONTEND=noninteractive PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
umask 022

step() { echo "step: $*"; }
fail() { echo "$*" >&2; exit 1; }

# Lists those of the needed packages that are not installed.
missing_packages() {
  local package
  for package in "${needs[@]}"; do
    dpkg-query -W -f='${db:Status-Abbrev}' "$package" 2>/dev/null | grep -q '^ii' || echo "$package"
  done
}

# Reads the command line into out and arch; answers --needs; sees to missing packages and to the rights a build needs.
recipe_start() {
  local install=no original=("$@") missing
  out='' arch=x86_64
  while [ $# -gt 0 ]; do
    case $1 in
      --needs) printf '%s\n' "${needs[@]}"; exit 0 ;;
      --out) out=${2:?--out needs a directory}; shift ;;
      --arch) arch=${2:?--arch needs a name}; shift ;;
      --install) install=yes ;;
      *) fail "Unknown argument '$1'; use: build --out DIR [--arch x86_64] [--install], or build --needs." ;;
    esac
    shift
  done
  [ -n "$out" ] || fail "Say where to build: build --out DIR"
  [ -d "$out" ] || fail "The directory '$out' does not exist; create it first."
  [ "$arch" = x86_64 ] || fail "This recipe builds x86_64 guests only, not '$arch'."
  command -v dpkg-query >/dev/null || fail "This recipe needs a Debian-like machine (dpkg and apt); use a downloaded image instead."
  mapfile -t missing < <(missing_packages)
  if [ ${#missing[@]} -gt 0 ]; then
    if [ $install = no ]; then echo "needs: ${missing[*]}" >&2; exit 3; fi
    step "install packages this recipe needs"
    { apt-get update -q && apt-get install -y -q --no-install-recommends "${missing[@]}"; } >&2 ||
      fail "apt-get could not install: ${missing[*]}; install them by hand and build again."
  fi
  become_root "${original[@]}"
  work=$(mktemp -d "${TMPDIR:-/var/tmp}/lima-build.XXXXXX")
  trap 'rm -rf --one-file-system "$work"' EXIT
  child=''
  trap 'stop_child; exit 143' TERM
  trap 'stop_child; exit 130' INT
}

# Runs a long command so that a signal to this script ends it too (bash alone would wait for it to finish).
run() { "$@" >&2 & child=$!; wait "$child"; }
stop_child() { [ -z "$child" ] || { kill "$child" 2>/dev/null && wait "$child"; } || true; }

# Without root the whole build runs again as the root of a user namespace of its own, where files may have any owner.
become_root() {
  [ "$(id -u)" -ne 0 ] || return 0
  local user kind
  user=$(id -un)
  command -v newuidmap >/dev/null || fail "Building without root needs the package uidmap: sudo apt-get install uidmap"
  for kind in uid gid; do
    grep -qs -e "^$user:" -e "^$(id -u):" "/etc/sub$kind" || fail "Building without root needs a range of ${kind}s for $user in \
/etc/sub$kind: sudo usermod --add-sub${kind}s 100000-165535 $user (numbers that no other line there has)."
  done
  unshare --map-root-user --map-auto --mount --pid --fork true 2>/dev/null ||
    fail "Building needs root or user namespaces, and this machine lets $user have none; try: unshare --map-root-user --map-auto true"
  exec unshare --map-root-user --map-auto --mount --pid --fork --kill-child --mount-proc "$0" "$@"
}

# Prints sources for the Debian suite $1, taken from this machine's own apt sources (one-line and deb822 format).
# A machine of another Debian release names the same archive under other suites: then the suites are replaced.
debian_sources() {
  local suite=$1 entries files
  if [ -n "${LIMA_DEBIAN_ARCHIVE:-}" ]; then
    echo "deb $LIMA_DEBIAN_ARCHIVE $suite main"
    return
  fi
  mapfile -t files < <(find /etc/apt/sources.list /etc/apt/sources.list.d -name '*.list' -o -name '*.sources' 2>/dev/null)
  entries=$(awk -v suite="$suite" -f "$shared/apt-sources.awk" /dev/null "${files[@]}")
  [ -n "$entries" ] ||
    fail "This machine's apt sources name no Debian archive; set LIMA_DEBIAN_ARCHIVE to the URL of one and build again."
  echo "$entries"
}

# Prints this machine's settings for downloads (proxy, checks of dates, retries) as options for mmdebstrap, one a line.
apt_options() {
  printf '%s\n' '--aptopt=APT::Install-Recommends "false"' '--aptopt=Acquire::Languages "none"' '--aptopt=Acquire::Retries "5"'
  apt-config dump 2>/dev/null |
    sed -n -E 's/^(Acquire::(https?::[^ ]+|Check-Valid-Until|Check-Date|Retries|ForceIPv4) "[^"]*");$/--aptopt=\1/p'
}

# Runs mmdebstrap for Debian 12 into directory $1; the rest are further options.
bootstrap() {
  local directory=$1 options
  shift
  debian_sources bookworm >"$work/sources.list"
  mapfile -t options < <(apt_options)
  run mmdebstrap --quiet --mode=root --components=main "${options[@]}" "$@" bookworm "$directory" "$work/sources.list" ||
    fail "mmdebstrap could not fetch or unpack the packages; see above, check that apt-get update works here, and build again."
}

# Prints the size of directory $1 in MiB, as a file system will need it.
size_of() { du -sm --apparent-size "$1" | cut -f1; }

# Turns the raw disk $1 into the compressed $out/disk.qcow2. zstd: a guest reads it several times faster than zlib.
finish_disk() {
  run qemu-img convert -f raw -O qcow2 -c -o compression_type=zstd "$1" "$out/disk.qcow2.part"
  mv "$out/disk.qcow2.part" "$out/disk.qcow2"
}

# The two functions below take modules of kernel $version in the tree $packages.

# Prints the file names of the modules given and of all they need, in the order to load them.
module_files() {
  local module
  for module; do
    modprobe -d "$packages" -S "$version" --show-depends --ignore-install "$module" 2>/dev/null |
      awk '$1 == "insmod" { print $2 }'
  done | awk '!seen[$0]++'
}

# Writes $out/initrd: BusyBox, the modules given with all they need, and initrd/init. Not compressed: a copy is faster in the guest.
make_initrd() {
  local tree=$work/initrd file
  mkdir -p "$tree"/{bin,dev,proc,sys,root,modules}
  cp "$packages/bin/busybox" "$tree/bin/busybox"
  for file in sh mount insmod switch_root sleep findfs; do ln -s busybox "$tree/bin/$file"; done
  install -m 755 "$shared/initrd/init" "$tree/init"
  module_files "$@" | while read -r file; do
    cp "$file" "$tree/modules/"
    basename "$file"
  done >"$tree/modules/list"
  (cd "$tree" && find . | sort | cpio -o -H newc --quiet -R 0:0) >"$out/initrd"
}

# Writes the ELF kernel inside the bzImage $1 to $2. QEMU starts it by its PVH entry, without a guest-side decompression.
uncompress_kernel() {
  local image=$1 setup offset length magic
  setup=$(od -An -tu1 -j $((0x1f1)) -N1 "$image")
  offset=$(od -An -tu4 -j $((0x248)) -N4 "$image")
  length=$(od -An -tu4 -j $((0x24c)) -N4 "$image")
  offset=$(((setup + 1) * 512 + offset))
  tail -c "+$((offset + 1))" "$image" | head -c "$((length - 4))" >"$2.payload" || true
  magic=$(od -An -tx1 -N4 "$2.payload" | tr -d ' ')
  case $magic in
    fd377a58) xz -dc <"$2.payload" >"$2" ;;
    28b52ffd) zstd -qdc <"$2.payload" >"$2" ;;
    1f8b*) gzip -dc <"$2.payload" >"$2" ;;
    *) fail "The kernel $image is packed in a way this recipe does not know (magic $magic)." ;;
  esac
  rm "$2.payload"
  [ "$(od -An -tx1 -N4 "$2" | tr -d ' ')" = 7f454c46 ] || fail "The kernel $image holds no ELF image."
}
