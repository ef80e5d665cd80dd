#!/bin/sh
# The guest agent: through it the host hears what listens here and reaches it. Early, so that it serves while the rest is set up. It is
# copied only when the seed has another one than at the last boot, and started anew at each boot: nothing starts it in plain mode.
# shellcheck source=../lib.sh
. "$LIMA_CIDATA_MNT/lib.sh"
[ -n "${LIMA_CIDATA_AGENT:-}" ] || exit 0
name=lima-guestagent
program=${LIMA_CIDATA_GUEST_INSTALL_PREFIX:-/usr/local}/bin/$name
unit=/etc/systemd/system/$name.service
service=/etc/init.d/$name
stamp=/var/lib/lima/guest-agent
wanted="$LIMA_CIDATA_AGENT $program $LIMA_CIDATA_UID"

installed() {
  [ -x "$program" ] && [ -r "$stamp" ] && read -r have <"$stamp" && [ "$have" = "$wanted" ]
}

# By renaming, as the one that is there may be running; on the disk before the stamp says so.
copy_program() {
  mkdir -p "${program%/*}"
  rm -f "$program.lima"
  cp "$LIMA_CIDATA_MNT/$name" "$program.lima"
  chmod 755 "$program.lima"
  sync "$program.lima" 2>/dev/null || sync
  mv -f "$program.lima" "$program"
}

put_unit() {
  put "$unit" 644 "[Unit]
Description=Lima's guest agent
StartLimitIntervalSec=0

[Service]
ExecStart=$program daemon
Environment=LIMA_CIDATA_UID=$LIMA_CIDATA_UID
Restart=always
RestartSec=500ms

[Install]
WantedBy=multi-user.target"
}

put_service() {
  put "$service" 755 "#!/sbin/openrc-run
description=\"Lima's guest agent\"
supervisor=supervise-daemon
command=$program
command_args=daemon
error_log=/var/log/$name.log
respawn_delay=1
respawn_max=0
export LIMA_CIDATA_UID=$LIMA_CIDATA_UID"
}

# Where nothing keeps services running; once a boot.
keep_running() {
  started=/run/lima/guest-agent
  if [ -r "$started" ] && read -r pid <"$started" && [ -d "/proc/$pid" ]; then return 0; fi
  mkdir -p /run/lima
  {
    while :; do
      "$program" daemon || true
      sleep 1
    done
  } </dev/null >/dev/null 2>/run/lima/guest-agent.log &
  echo $! >"$started"
}

fresh=
installed || fresh=1
[ -z "$fresh" ] || copy_program
if [ -d /run/systemd/system ]; then
  if [ -n "$fresh" ] || [ ! -e "$unit" ]; then
    ! put_unit || systemctl daemon-reload
    fresh=1
  fi
  systemctl --no-block ${fresh:+re}start "$name"
elif [ -x /sbin/openrc-run ]; then
  if [ -n "$fresh" ] || [ ! -e "$service" ]; then
    put_service || true
    fresh=1
  fi
  [ -z "$fresh" ] || rc-service --ifstarted "$name" stop
  rc-service --ifstopped "$name" start
else
  keep_running
fi
# Last, so that what was cut short is done anew.
[ -z "$fresh" ] || put "$stamp" 644 "$wanted" || true
