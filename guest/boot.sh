#!/bin/sh
# What Lima does inside the guest at every boot, as root: its own scripts (boot.essential, and boot.d
# unless in plain mode) with those of the user that
# bring packages (provision.dependency) before the one that installs packages, then what else the instance is provisioned with, in
# the order data, yq, system, user. A script that fails is reported and the run goes on; the exit code is then 1. Nothing here waits
# for the host.
#
# The host hears of it through the pipe /run/lima/progress: lines "LIMA1 <uptime> <kind> <text>"; any other line is taken as output
# of a script. Images made for Lima read that pipe themselves; elsewhere this script starts the reader. Kinds: "phase NAME" when
# something begins, "warn NAME exit STATUS" when it has failed, "end NAME" when it is over, "met NAME" when what the host waits for
# holds, "ready ID" at the end of all.
set -u
umask 022
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH
: "${LIMA_CIDATA_MNT:=/mnt/lima-cidata}"
export LIMA_CIDATA_MNT
pipe=/run/lima/progress
failed=0
variables=
told=
# A script that reboots the guest makes this file first; then this boot is not reported as done.
LIMA_REBOOT_REQUIRED=/run/lima-reboot-required
export LIMA_REBOOT_REQUIRED

# report KIND [TEXT]: one line to the host.
report() {
  read -r uptime _ </proc/uptime
  printf 'LIMA1 %s %s %s\n' "$uptime" "$1" "${2:-}" >&5
}

# Writes what comes through the pipe to the host's port, if there is one, and to /var/log/lima-boot.log.
relay() {
  exec 3>/dev/null 4>/var/log/lima-boot.log
  for name in /sys/class/virtio-ports/*/name; do
    [ -r "$name" ] && read -r port <"$name"
    [ "${port:-}" = io.lima-vm.progress.0 ] || continue
    device=${name%/name}
    device=/dev/${device##*/}
    # GNU dd (by its path: BusyBox has its own) leaves the open port non-blocking: a write then fails when the host is not there.
    # Without it there is no port.
    [ -c "$device" ] && exec 3>"$device"
    /bin/dd oflag=nonblock count=0 if=/dev/null >&3 2>/dev/null || exec 3>/dev/null
    break
  done
  while IFS= read -r text; do
    case $text in
      'LIMA1 '*) ;;
      *) read -r uptime _ </proc/uptime && text="LIMA1 $uptime line $text" ;;
    esac
    printf '%.999s\n' "$text" >&3
    printf '%s\n' "$text" >&4
  done 2>/dev/null
}

open_pipe() {
  if [ -p "$pipe" ]; then
    exec 5<>"$pipe"
    return
  fi
  mkdir -p /run/lima
  mkfifo -m 600 "$pipe" || return
  exec 5<>"$pipe"
  # It has the pipe open from its beginning on: a boot that ends before it gets to its first line would take all lines with it.
  relay <&5 >/dev/null 2>&1 5>&- &
}

# load FILE: exports the variables a file of NAME=value lines sets.
load() {
  [ -r "$1" ] || return 0
  set -a
  # shellcheck disable=SC1090 # written by the host, quoted for the shell
  . "$1"
  set +a
}

# Exports the variables of etc_environment, lines KEY="VALUE" taken literally, as PAM does for logins.
load_environment() {
  [ -r "$LIMA_CIDATA_MNT/etc_environment" ] || return 0
  while IFS= read -r line; do
    key=${line%%=*}
    case $line in '#'* | [0-9]*) continue ;; *=*) ;; *) continue ;; esac
    case $key in *[!A-Za-z0-9_]*) continue ;; esac
    value=${line#*=}
    case $value in \"*\") value=${value#\"} value=${value%\"} ;; esac
    export "$key=$value"
    variables="$variables $key"
  done <"$LIMA_CIDATA_MNT/etc_environment"
}

# run PHASE COMMAND…: runs a command or function with its output going to the host; its status is in $code.
run() {
  phase=$1
  shift
  report phase "$phase"
  "$@" </dev/null >&5 2>&1 5>&-
  code=$?
  [ "$code" -eq 0 ] || fail "$phase exit $code"
  report end "$phase"
}

fail() {
  failed=1
  report warn "$1"
}

# tell NAME COMMAND…: says once that something the host waits for holds.
tell() {
  case " $told " in *" $1 "*) return ;; esac
  name=$1
  shift
  "$@" >/dev/null 2>&1 || return 0
  told="$told $name"
  report met "$name"
}

# What the host may wait for (docs/vm-states.md); asked after each script, because one of them brings it.
tell_what_holds() {
  tell user-session test -e /run/lima-ssh-ready
  if [ "${LIMA_CIDATA_MOUNTTYPE:-}" = reverse-sshfs ]; then
    tell sshfs command -v sshfs
    tell fuse test -e /run/lima-fuse-ready
  fi
  if [ -n "${LIMA_CIDATA_CONTAINERD_SYSTEM:-}${LIMA_CIDATA_CONTAINERD_USER:-}" ]; then
    tell systemd command -v systemctl
    tell containerd has_containerd
  fi
}

# shellcheck disable=SC2317 # called by tell
has_containerd() {
  command -v nerdctl || command -v containerd || test -x "${LIMA_CIDATA_GUEST_INSTALL_PREFIX:-/usr/local}/bin/nerdctl"
}

# boot_scripts FOLDER
boot_scripts() {
  for step in "$LIMA_CIDATA_MNT/$1"/*.sh; do
    [ -f "$step" ] || continue
    title=${step##*/}
    title=${title%.sh}
    case $1.$title in boot.d.[3-9][0-9]-*) dependencies ;; esac
    if [ "$title" = 30-install-packages ] && [ "$missing" -ne 0 ]; then
      echo "$title is left out, because a dependency script failed" >&5
      continue
    fi
    run "script $title" /bin/sh "$step"
    [ ! -e "$LIMA_REBOOT_REQUIRED" ] || reboots
    tell_what_holds
  done
}

# A script has the guest reboot: nothing else is begun in this boot, and it is not reported as done.
reboots() {
  report phase reboot
  exit "$failed"
}

# Scripts of the user that bring what Lima's own installation of packages would have to; before that, and once.
dependencies() {
  [ -z "$missing" ] || return 0
  before=$failed failed=0
  provision_all dependency
  missing=$failed
  [ "$before" -eq 0 ] || failed=1
}
missing=

# shellcheck source=guest/provision.sh
. "$LIMA_CIDATA_MNT/provision.sh"
rm -f /run/lima-boot-done "$LIMA_REBOOT_REQUIRED"
exec 5>/dev/null
open_pipe
report phase boot-scripts
load "$LIMA_CIDATA_MNT/lima.env"
load "$LIMA_CIDATA_MNT/param.env"
load_environment
boot_scripts boot.essential
[ -n "${LIMA_CIDATA_PLAIN:-}" ] || { boot_scripts boot.d; dependencies; }
[ -e /run/lima-ssh-ready ] || echo "$LIMA_CIDATA_IID" >/run/lima-ssh-ready
tell_what_holds
for mode in data yq system user; do provision_all "$mode"; done
[ ! -e "$LIMA_REBOOT_REQUIRED" ] || reboots
echo "$LIMA_CIDATA_IID" >/run/lima-boot-done.new
mv /run/lima-boot-done.new /run/lima-boot-done
report ready "$LIMA_CIDATA_IID"
exit "$failed"
