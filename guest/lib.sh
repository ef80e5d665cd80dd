#!/bin/sh
# What the boot scripts share; each reads this file first. A script does nothing where there is nothing to do: it looks before it
# writes, and prints a line only for what it has changed.
set -eu
[ "${LIMA_CIDATA_DEBUG:-}" != true ] || set -x

have() { command -v "$1" >/dev/null 2>&1; }

# has_line FILE PATTERN: does a line of it match the pattern of the shell? Without starting a program, so for short files.
has_line() {
  [ -r "$1" ] || return 1
  while IFS= read -r line || [ -n "$line" ]; do
    # shellcheck disable=SC2254 # a pattern is what is wanted
    case $line in $2) return 0 ;; esac
  done <"$1"
  return 1
}

# put FILE MODE TEXT: the file, with that text, which does not end in a line feed, and one. False when it was so already. By renaming,
# as what is written into a file shortly before the power fails may come back as zeros.
put() {
  [ ! -e "$1" ] || [ "$(cat "$1")" != "$3" ] || return 1
  mkdir -p "${1%/*}"
  # Never through a link that somebody has put there.
  rm -f "$1.lima"
  (umask 077 && set -C && printf '%s\n' "$3" >"$1.lima")
  chmod "$2" "$1.lima"
  mv -f "$1.lima" "$1"
}

# add_line FILE MODE LINE: LINE comes at the end of the file, which is made when there is none.
add_line() {
  set -- "$1" "$2" "$3" "$(cat "$1" 2>/dev/null)"
  put "$1" "$2" "${4:+$4
}$3"
}

# filter FILE COMMAND…: the file becomes what the command makes of it; its owner and mode stay. False when that is the same.
filter() {
  file=$1
  shift
  [ ! -L "$file" ] || file=$(readlink -f "$file")
  rm -f "$file.lima"
  cp -p "$file" "$file.lima"
  "$@" <"$file" >"$file.lima" || { rm -f "$file.lima"; echo "$file cannot be changed"; exit 1; }
  if cmp -s "$file" "$file.lima"; then
    rm -f "$file.lima"
    return 1
  fi
  mv -f "$file.lima" "$file"
}

# passwd_entry USER: sets home, shell, comment, uid, gid to what /etc/passwd has. False when there is no such user.
passwd_entry() {
  uid='' gid='' comment='' home='' shell=''
  # shellcheck disable=SC2034 # for the scripts
  while IFS=: read -r name _ uid gid comment home shell; do
    [ "$name" != "$1" ] || return 0
  done </etc/passwd
  return 1
}

# The SSH server reads its configuration again; connections stay.
reload_sshd() {
  if [ -d /run/systemd/system ]; then
    for unit in ssh sshd; do
      ! systemctl -q is-active "$unit" || { systemctl reload "$unit"; return; }
    done
  elif [ -x /sbin/openrc-run ]; then
    rc-service --ifstarted sshd reload
  elif [ -r /run/sshd.pid ] && read -r pid </run/sshd.pid; then
    kill -HUP "$pid"
  fi
}
