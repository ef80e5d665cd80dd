#!/bin/bash
# check-image.sh IMAGE_DIR [NAME]: boots a built image (disk.qcow2, optional kernel, initrd, cmdline) under emulation with a seed of the
# shape Lima makes, and looks whether it keeps its promises. Prints PASS and FAIL lines; exit 1 when one failed. Environment:
#   KEEP=DIR    keep the seed, the overlay and the logs there      FIRMWARE=FILE  boot through this UEFI code, not the kernel
#   BOOT=bios   boot through the disk's own boot loader            LIMIT=SECONDS  for one boot (default 300)
# shellcheck disable=SC2016 # most of what is in single quotes is for the guest
set -euo pipefail
image=$(realpath "${1:?usage: check-image.sh IMAGE_DIR}")
repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
limit=${LIMIT:-300}
work=${KEEP:-$(mktemp -d "${TMPDIR:-/var/tmp}/lima-check.XXXXXX")}
mkdir -p "$work"
failures=0 qemu='' listener='' boot=0

cleanup() {
  for pid in $qemu $listener; do { kill "$pid" && wait "$pid"; } 2>/dev/null || true; done
  [ -n "${KEEP:-}" ] || rm -rf "$work"
}
trap cleanup EXIT

now() { date +%s.%N; }
since() { awk -v a="$1" -v b="$(now)" 'BEGIN { printf "%.1f", b - a }'; }
pass() { echo "PASS $*"; }
flunk() { echo "FAIL $*"; failures=$((failures + 1)); }
# check TEXT COMMAND…: PASS when the command succeeds.
check() { local text=$1; shift; if "$@" >>"$work/check.log" 2>&1; then pass "$text"; else flunk "$text"; fi; }
equal() { local text=$1; if [ "$2" = "$3" ]; then pass "$text"; else flunk "$text: expected '$2', found '$3'"; fi; }

# Writes a cloud-config block scalar: every line of standard input indented by $1 blanks.
block() { sed "s/^/$(printf "%$1s" '')/"; }

write_seed() {
  local seed=$work/seed id=$1
  rm -rf "$seed"
  mkdir -p "$seed/boot.essential" "$seed/boot.d" "$seed/provision.system" "$seed/provision.user"
  printf 'instance-id: %s\nlocal-hostname: lima-check\n' "$id" >"$seed/meta-data"
  cat >"$seed/network-config" <<END
version: 2
ethernets:
  eth0:
    match:
      macaddress: "52:55:55:12:34:56"
    dhcp4: true
    set-name: "eth0"
    dhcp4-overrides:
      route-metric: 200
    dhcp-identifier: "mac"
END
  {
    cat <<END
#cloud-config
growpart:
  mode: "auto"
  devices: ["/"]
users:
  - name: "alice"
    uid: "1001"
    gecos: "Alice"
    homedir: "/home/alice.guest"
    shell: "/bin/bash"
    sudo: "ALL=(ALL) NOPASSWD:ALL"
    lock_passwd: true
    ssh_authorized_keys:
      - "$(cat "$work/user.pub")"
ssh_deletekeys: true
ssh_genkeytypes: []
ssh_keys:
  ed25519_private: |
$(block 4 <"$work/host")
  ed25519_public: "$(cat "$work/host.pub")"
write_files:
  - path: "/var/lib/cloud/scripts/per-boot/00-lima.boot.sh"
    owner: "root:root"
    permissions: "0755"
    content: |
$(block 6 <"$repo/guest/per-boot.sh")
  - path: "/etc/check/file"
    owner: "root:root"
    permissions: "0640"
    content: |
      first "line"

        third 'line'
bootcmd:
  - "export PARAM_greeting='it''s \$5 \"here\"'\nread -r up rest </proc/uptime\necho \"\$up\" >>/var/tmp/bootcmd"
END
  } | sed "s/it''s/it'\\\\\\\\''s/" >"$seed/user-data"
  cat >"$seed/lima.env" <<END
LIMA_CIDATA_DEBUG=''
LIMA_CIDATA_IID='$id'
LIMA_CIDATA_NAME='check'
LIMA_CIDATA_USER='alice'
LIMA_CIDATA_UID='1001'
LIMA_CIDATA_COMMENT='Alice'
LIMA_CIDATA_HOME='/home/alice.guest'
LIMA_CIDATA_SHELL='/bin/bash'
LIMA_CIDATA_PLAIN=''
LIMA_CIDATA_SLIRP_GATEWAY='192.168.5.2'
LIMA_CIDATA_SLIRP_DNS='192.168.5.3'
LIMA_CIDATA_VMTYPE='qemu'
LIMA_CIDATA_HOSTNAME='lima-check'
END
  printf "PARAM_greeting='it'\\\\''s \$5 \"here\"'\n" >"$seed/param.env"
  printf '#LIMA-START\nCHECK_VARIABLE="a value"\n#LIMA-END\n' >"$seed/etc_environment"
  cp "$repo/guest/boot.sh" "$seed/"
  cp "$repo"/guest/boot.essential/*.sh "$seed/boot.essential/"
  cp "$repo"/guest/boot.d/*.sh "$seed/boot.d/"
  printf '#!/bin/sh\necho "system $(id -un) $PARAM_greeting" | tee /var/tmp/system\n' >"$seed/provision.system/00000000"
  printf '#!/bin/sh\necho about to fail\nexit 7\n' >"$seed/provision.system/00000001"
  printf '#!/bin/bash\nread -r up rest </proc/uptime\necho "user $(id -un) $PARAM_greeting $HOME $CHECK_VARIABLE" >~/user\n' >"$seed/provision.user/00000002"
  chmod +x "$seed"/provision.*/* "$seed/boot.sh"
  genisoimage -quiet -V cidata -R -o "$work/cidata.iso" "$seed"
}

start_guest() {
  local how=()
  boot=$((boot + 1))
  rm -f "$work"/*.sock
  if [ -n "${FIRMWARE:-}" ]; then how=(-drive "if=pflash,format=raw,readonly=on,file=$FIRMWARE")
  elif [ -e "$image/kernel" ] && [ "${BOOT:-}" != bios ]; then
    how=(-kernel "$image/kernel" -initrd "$image/initrd" -append "$(cat "$image/cmdline")")
  fi
  started=$(now)
  qemu-system-x86_64 -name check -machine q35,vmport=off -accel tcg,thread=multi,tb-size=128 -cpu max -smp 2 -m "${MEMORY:-512}" \
    -nodefaults -display none "${how[@]}" -serial "file:$work/serial-$boot.log" \
    -drive "file=$work/disk.qcow2,if=none,id=disk,format=qcow2,discard=unmap" -device virtio-blk-pci,drive=disk,bootindex=1 \
    -device virtio-scsi-pci,id=scsi0 -drive "file=$work/cidata.iso,if=none,id=seed,format=raw,readonly=on" \
    -device "${SEED_DEVICE:-virtio-blk-pci,drive=seed}" \
    -netdev "user,id=net0,net=192.168.5.0/24,dhcpstart=192.168.5.15,hostfwd=tcp:127.0.0.1:$port-:22" \
    -device virtio-net-pci,netdev=net0,mac=52:55:55:12:34:56,romfile= -device virtio-rng-pci -device virtio-balloon-pci -device pvpanic \
    -device virtio-serial-pci -chardev "socket,id=progress,path=$work/progress.sock,server=on,wait=off,logfile=$work/progress-$boot.log" \
    -device virtserialport,chardev=progress,name=io.lima-vm.progress.0 \
    -qmp "unix:$work/qmp.sock,server=on,wait=off" 2>"$work/qemu-$boot.log" &
  qemu=$!
  until [ -S "$work/progress.sock" ] || ! kill -0 "$qemu" 2>/dev/null; do sleep 0.05; done
  python3 -c 'import socket,sys
s=socket.socket(socket.AF_UNIX); s.connect(sys.argv[1])
while s.recv(4096): pass' "$work/progress.sock" &
  listener=$!
}

qmp() { python3 -c 'import json,socket,sys
s=socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); f=s.makefile("rw"); f.readline()
for c in ("qmp_capabilities", sys.argv[2]):
    f.write(json.dumps({"execute": c}) + "\n"); f.flush(); print(f.readline())' "$work/qmp.sock" "$1" >>"$work/check.log"; }

guest() {
  ssh -F /dev/null -i "$work/user" -p "$port" -o StrictHostKeyChecking=yes -o "UserKnownHostsFile=$work/known_hosts" \
    -o BatchMode=yes -o IdentitiesOnly=yes -o ConnectTimeout=20 -o LogLevel=ERROR alice@127.0.0.1 "$@" </dev/null
}

# A connection made before the guest has its address would hang in QEMU for seconds: first wait to hear of the server.
await_login() {
  local deadline=$((SECONDS + limit))
  until grep -aq ' ssh ' "$work/progress-$boot.log" || [ $SECONDS -ge $deadline ]; do sleep 0.05; done
  until guest true 2>>"$work/ssh-$boot.log"; do
    kill -0 "$qemu" 2>/dev/null || { flunk "boot $boot: QEMU ended: $(tail -1 "$work/qemu-$boot.log")"; exit 1; }
    [ $SECONDS -lt $deadline ] || { flunk "boot $boot: no login in $limit s"; tail -5 "$work/serial-$boot.log"; exit 1; }
    sleep 0.1
  done
  pass "boot $boot: login with the injected keys after $(since "$started") s"
}

await_ready() {
  local deadline=$((SECONDS + limit))
  until grep -aq ' ready ' "$work/progress-$boot.log"; do
    [ $SECONDS -lt $deadline ] || { flunk "boot $boot: not ready in $limit s"; cat "$work/progress-$boot.log"; return; }
    sleep 0.1
  done
  pass "boot $boot: ready after $(since "$started") s (guest: $(awk '$3 == "ssh" || $3 == "ready" { printf "%s %s ", $3, $2 }' "$work/progress-$boot.log"))"
}

await_exit() {
  local from deadline=$((SECONDS + 120))
  from=$(now)
  while kill -0 "$qemu" 2>/dev/null; do
    [ $SECONDS -lt $deadline ] || { flunk "boot $boot: still running 120 s after $1"; kill -9 "$qemu"; break; }
    sleep 0.1
  done
  wait "$qemu" 2>/dev/null || true
  qemu=''
  pass "boot $boot: QEMU ended $(since "$from") s after $1"
}

check_common() {
  equal "boot $boot: marker ssh-ready" "$1" "$(guest cat /run/lima-ssh-ready)"
  equal "boot $boot: marker boot-done" "$1" "$(guest cat /run/lima-boot-done)"
  equal "boot $boot: progress is well formed" 0 "$(grep -acvE '^LIMA1 [0-9]+\.[0-9]{2} (phase|line|ssh|warn|ready)( |$)' "$work/progress-$boot.log" || true)"
  for kind in 'phase init' 'ssh' 'phase boot-scripts' 'phase provision system 00000000' "ready $1"; do
    check "boot $boot: progress has '$kind'" grep -aqE "^LIMA1 [0-9.]+ $kind *\$" "$work/progress-$boot.log"
  done
  check "boot $boot: a failing script is a warning" grep -aq 'warn provision system 00000001 exit 7' "$work/progress-$boot.log"
  check "boot $boot: output of scripts arrives" grep -aq 'line about to fail' "$work/progress-$boot.log"
  equal "boot $boot: bootcmd ran at every boot" "$boot" "$(guest wc -l /var/tmp/bootcmd | cut -d' ' -f1)"
}

check_first() {
  equal "user" "uid=1001(alice)" "$(guest id | cut -d' ' -f1)"
  equal "home" "/home/alice.guest" "$(guest pwd)"
  equal "host name" "lima-check" "$(guest hostname)"
  equal "interface" "eth0" "$(guest ls /sys/class/net | grep -v lo | tr -d '\n')"
  equal "sudo without a password" "0" "$(guest sudo -n id -u)"
  equal "written file" "$(printf 'first "line"\n\n  third '\''line'\''')" "$(guest sudo cat /etc/check/file)"
  equal "mode of the written file" "640 root:root" "$(guest sudo stat -c "'%a %U:%G'" /etc/check/file)"
  equal "system provisioning" "system root it's \$5 \"here\"" "$(guest cat /var/tmp/system)"
  equal "user provisioning" "user alice it's \$5 \"here\" /home/alice.guest a value" "$(guest cat user)"
  equal "environment of a login" "a value" "$(guest 'echo $CHECK_VARIABLE')"
  equal "host.lima.internal" "192.168.5.2" "$(guest getent hosts host.lima.internal | cut -d' ' -f1)"
  check "the seed is root's alone" guest '! ls /mnt/lima-cidata/ 2>/dev/null && sudo test -e /mnt/lima-cidata/user-data'
  check "no root login" guest '! sudo grep -q "^ssh" /root/.ssh/authorized_keys 2>/dev/null'
  for module in 9p virtiofs fuse overlay; do check "module $module" guest "sudo modprobe $module && sudo modprobe -n $module"; done
  check "pvpanic is loaded" guest 'for i in 1 2 3 4 5 6 7 8 9 10; do test -n "$(ls /sys/bus/*/drivers/pvpanic*/*/driver -d 2>/dev/null)" && exit 0; sleep 1; done; exit 1'
  check "sshfs, sftp-server, bash" guest 'command -v sshfs && command -v bash && test -x /usr/lib/openssh/sftp-server'
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    size=$(guest df -Pk / | awk 'NR == 2 { print int($2 / 1000000) }')
    [ "$size" -lt 7 ] || break
    sleep 1
  done
  check "root has grown with the disk ($size GB)" test "$size" -ge 7
}

rm -f "$work"/{user,host}{,.pub}
ssh-keygen -q -t ed25519 -N '' -C lima -f "$work/user"
ssh-keygen -q -t ed25519 -N '' -C lima -f "$work/host"
port=$(python3 -c 'import socket; s=socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
echo "[127.0.0.1]:$port $(cat "$work/host.pub")" >"$work/known_hosts"
write_seed iid-0123456789
qemu-img create -q -f qcow2 -b "$image/disk.qcow2" -F qcow2 "$work/disk.qcow2" 8G

start_guest
await_login
await_ready
check_common iid-0123456789
check_first
guest 'echo kept >kept; sync'
qmp system_powerdown
await_exit system_powerdown

start_guest
await_login
await_ready
check_common iid-0123456789
equal "data is kept" kept "$(guest cat kept)"
equal "nothing was written twice" "1 1" "$(guest 'echo $(grep -c host.lima.internal /etc/hosts) $(grep -c LIMA-START /etc/environment)')"
guest 'sudo sh -c "sleep 1; echo c >/proc/sysrq-trigger" >/dev/null 2>&1 &' || true
python3 -c 'import json,socket,sys
s=socket.socket(socket.AF_UNIX); s.settimeout(60); s.connect(sys.argv[1]); f=s.makefile("rw"); f.readline()
f.write("{\"execute\":\"qmp_capabilities\"}\n"); f.flush()
while True:
    m=json.loads(f.readline())
    if m.get("event")=="GUEST_PANICKED": print("panicked"); break' "$work/qmp.sock" >"$work/panic" 2>>"$work/check.log" || true
equal "a kernel panic is seen by QEMU" panicked "$(cat "$work/panic")"
kill "$qemu" 2>/dev/null || true
await_exit "a kernel panic"

[ $failures -eq 0 ] || echo "$failures failed; see $work (set KEEP to keep it)"
[ $failures -eq 0 ]
