#!/bin/sh
# Part of boot.sh: what the user has the instance provisioned with. Works with its functions run and fail.
work=/var/lib/lima/provision
index='' owner='' path='' permissions='' overwrite='' format=''

# A provisioning script is started by its own first line, from a copy its user may read; the seed is root's alone.
# provision MODE FILE
provision() {
  index=${2##*/}
  copy=$work/$1-$index
  case $1 in
    data) run "provision data $index" write_data "$2" ;;
    yq) run "provision yq $index" change_file "$2" ;;
    user)
      copy_script "$2" && chown "$LIMA_CIDATA_USER" "$copy" || return
      run "provision user $index" as_user "$copy"
      ;;
    *)
      copy_script "$2" || return
      run "provision $1 $index" "$copy"
      ;;
  esac
  rm -f "$copy"
}

copy_script() {
  cp "$1" "$copy" && chmod 500 "$copy" && return
  fail "provision $mode $index exit 1"
  return 1
}

# of_file PREFIX: sets owner, path, permissions from the variables of the entry, and user, the owner without its group.
of_file() {
  eval "owner=\${LIMA_CIDATA_$1_OWNER} path=\${LIMA_CIDATA_$1_PATH} permissions=\${LIMA_CIDATA_$1_PERMISSIONS}"
  directory=${path%/*}
  directory=${directory:-/}
  user=${owner%%:*}
  case $user in
    '') user=root ;;
    *[!0-9]*) ;;
    *) user="#$user" ;;
  esac
}

# Runs a command as the owner of the file that is being written.
as_owner() {
  case $user in
    root | '#0') "$@" ;;
    *) sudo -u "$user" -- "$@" ;;
  esac
}

# write_data FILE: makes a file that has this content. It appears under its name as a whole, with its owner and permissions.
# shellcheck disable=SC2317 # called by run
write_data() {
  of_file "DATAFILE_$index"
  eval "overwrite=\${LIMA_CIDATA_DATAFILE_${index}_OVERWRITE}"
  if [ -e "$path" ] && [ "$overwrite" = false ]; then
    echo "$path is there and is kept"
    return 0
  fi
  if [ ! -d "$directory" ] && ! as_owner mkdir -p "$directory"; then
    echo "$directory cannot be made by $user; it will be root's"
    mkdir -p "$directory" || return
  fi
  if [ -d "$path" ]; then
    echo "$path is a directory"
    return 1
  fi
  [ ! -h "$path" ] || path=$(readlink -f "$path")
  cmp -s "$1" "$path" || { cp "$1" "$path.lima-new" && chown "$owner" "$path.lima-new" && chmod "$permissions" "$path.lima-new" &&
    mv -f "$path.lima-new" "$path"; } || {
    rm -f "$path.lima-new"
    return 1
  }
  chown "$owner" "$path" && chmod "$permissions" "$path"
}

# change_file FILE: applies the expression in FILE to a file of the guest, if its owner may write it; it is made if it is not there.
# shellcheck disable=SC2317 # called by run
change_file() {
  of_file "YQ_PROVISION_$index"
  eval "format=\${LIMA_CIDATA_YQ_PROVISION_${index}_FORMAT}"
  as_owner mkdir -p "$directory" || return
  if [ -e "$path" ] && ! as_owner test -w "$path"; then
    echo "$path cannot be written by $user"
    return 1
  fi
  (umask 077 && "$LIMA_CIDATA_MNT/lima-guestagent" yq "$format" "$1" "$path" >"$copy") || return
  cmp -s "$copy" "$path" || as_owner tee "$path" <"$copy" >/dev/null || return
  as_owner chown "$owner" "$path" && as_owner chmod "$permissions" "$path"
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
  fail "network exit 1"
}

# As the instance's user in a login shell, with the variables of param.env and etc_environment.
# shellcheck disable=SC2317 # called by run
as_user() {
  set -- "LIMA_CIDATA_MNT=$LIMA_CIDATA_MNT" "$@"
  [ ! -d "/run/user/$LIMA_CIDATA_UID" ] || set -- "XDG_RUNTIME_DIR=/run/user/$LIMA_CIDATA_UID" "$@"
  # shellcheck disable=SC2013 # names have no blanks
  for name in ${variables:-} $(sed -n 's/^\(PARAM_[A-Za-z0-9_]*\)=.*/\1/p' "$LIMA_CIDATA_MNT/param.env" 2>/dev/null); do
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

# provision_all MODE: all entries of that mode, in the order of the list.
provision_all() {
  mode=$1
  set -- "$LIMA_CIDATA_MNT/provision.$mode"/*
  [ -f "$1" ] || return 0
  mkdir -p "$work"
  chmod 711 /var/lib/lima "$work"
  case $mode in data | yq) ;; *) await_network ;; esac
  [ "$mode" != user ] || start_user_manager
  for file; do provision "$mode" "$file"; done
}
