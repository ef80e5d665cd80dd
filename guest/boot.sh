#!/bin/sh
# What Lima does inside the guest at every boot, as root: its own scripts (boot.essential, and boot.d unless in plain mode), then the
# provisioning scripts of the instance. A script that fails is reported and the run goes on; the exit code is then 1. Nothing here
# waits for the host.
#
# The host hears of it through the pipe /run/lima/progress: lines "LIMA1 <uptime> <kind> <text>"; any other line is taken as output
# of a script. Images made for Lima read that pipe themselves; elsewhere this script starts the reader.
set -u
umask 022
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH
: "${LIMA_CIDATA_MNT:=/mnt/lima-cidata}"
export LIMA_CIDATA_MNT
pipe=/run/lima/progress
failed=0
variables=

# report KIND [TEXT]: one line to the host.
report() {
  read -r uptime _ </proc/uptime
  printf 'LIMA1 %s %s %s\n' "$uptime" "$1" "${2:-}" >&5
}

# Writes what comes through the pipe to the host's port, if there is one, and to /var/log/lima-boot.log.
relay() {
  exec 0<>"$pipe" 3>/dev/null 4>/var/log/lima-boot.log
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
  if [ ! -p "$pipe" ]; then
    mkdir -p /run/lima
    mkfifo -m 600 "$pipe" || return
    relay >/dev/null 2>&1 5>&- &
  fi
  exec 5<>"$pipe"
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

# run PHASE COMMAND…: runs a command with its output going to the host.
run() {
  phase=$1
  shift
  report phase "$phase"
  "$@" </dev/null >&5 2>&1 5>&-
  code=$?
  [ "$code" -eq 0 ] && return
  failed=1
  report warn "$phase exit $code"
}

# Scripts of the user may count on the network: waits until there is a default route, 30 seconds at most.
await_network() {
  tries=0
  while [ "$tries" -lt 300 ]; do
    while read -r _ destination _; do
      [ "$destination" = 00000000 ] && return
    done </proc/net/route
    tries=$((tries + 1))
    sleep 0.1
  done
  report warn "network exit 1"
  failed=1
}

# boot_scripts FOLDER: a script that has the guest reboot writes the marker, and nothing else is begun in this boot.
boot_scripts() {
  for script in "$LIMA_CIDATA_MNT/$1"/*.sh; do
    [ -f "$script" ] || continue
    name=${script##*/}
    run "script ${name%.sh}" /bin/sh "$script"
    [ ! -e "$LIMA_REBOOT_REQUIRED" ] || exit "$failed"
  done
}

# A provisioning script is started by its own first line, from a copy its user may read; the seed is root's alone.
# provision MODE SCRIPT: MODE is system or user.
provision() {
  index=${2##*/}
  copy=/var/lib/lima/provision/$1-$index
  cp "$2" "$copy" && chmod 500 "$copy" || return
  if [ "$1" = user ]; then
    chown "$LIMA_CIDATA_USER" "$copy"
    run "provision user $index" as_user "$copy"
  else
    run "provision system $index" "$copy"
  fi
  rm -f "$copy"
}

# As the instance's user in a login shell, with the variables of param.env and etc_environment.
# shellcheck disable=SC2317 # called by run
as_user() {
  set -- "LIMA_CIDATA_MNT=$LIMA_CIDATA_MNT" "$@"
  [ ! -d "/run/user/$LIMA_CIDATA_UID" ] || set -- "XDG_RUNTIME_DIR=/run/user/$LIMA_CIDATA_UID" "$@"
  # shellcheck disable=SC2013 # names have no blanks
  for name in $variables $(sed -n 's/^\(PARAM_[A-Za-z0-9_]*\)=.*/\1/p' "$LIMA_CIDATA_MNT/param.env" 2>/dev/null); do
    eval "set -- \"$name=\$$name\" \"\$@\""
  done
  sudo -iu "$LIMA_CIDATA_USER" "$@"
}

# With systemd the user's own manager has to run before scripts talk to it; 30 seconds at most.
start_user_manager() {
  command -v loginctl >/dev/null || return 0
  [ -e "/var/lib/systemd/linger/$LIMA_CIDATA_USER" ] || loginctl enable-linger "$LIMA_CIDATA_USER"
  tries=0
  until [ -e "/run/user/$LIMA_CIDATA_UID/systemd/private" ] || [ "$tries" -ge 150 ]; do
    tries=$((tries + 1))
    sleep 0.2
  done
}

provision_all() {
  mode=$1
  set -- "$LIMA_CIDATA_MNT/provision.$mode"/*
  [ -f "$1" ] || return 0
  mkdir -p /var/lib/lima/provision
  chmod 711 /var/lib/lima /var/lib/lima/provision
  await_network
  [ "$mode" = system ] || start_user_manager
  for script; do provision "$mode" "$script"; done
}

export LIMA_REBOOT_REQUIRED=/run/lima-reboot-required
rm -f /run/lima-boot-done "$LIMA_REBOOT_REQUIRED"
exec 5>/dev/null
open_pipe
report phase boot-scripts
load "$LIMA_CIDATA_MNT/lima.env"
load "$LIMA_CIDATA_MNT/param.env"
load_environment
boot_scripts boot.essential
[ -n "${LIMA_CIDATA_PLAIN:-}" ] || boot_scripts boot.d
[ -e /run/lima-ssh-ready ] || echo "$LIMA_CIDATA_IID" >/run/lima-ssh-ready
provision_all system
provision_all user
echo "$LIMA_CIDATA_IID" >/run/lima-boot-done.new
mv /run/lima-boot-done.new /run/lima-boot-done
report ready "$LIMA_CIDATA_IID"
exit "$failed"
