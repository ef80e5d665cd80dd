#!/bin/sh
# containerd, for the system or for the user without root: from the archive that the host attaches as a disk (with nerdctl and
# BuildKit), else what the guest has or its distribution offers. Packages are fetched only where containerd was asked for, and once.
# shellcheck disable=SC2046,SC2086 # lists of words
system=${LIMA_CIDATA_CONTAINERD_SYSTEM:-}
user=${LIMA_CIDATA_CONTAINERD_USER:-}
[ -n "$system$user" ] || exit 0
set -eu
if [ ! -d /run/systemd/system ]; then
  echo "containerd: left out, because this guest has no systemd"
  exit 0
fi
prefix=$LIMA_CIDATA_GUEST_INSTALL_PREFIX
export PATH="$prefix/bin:$PATH"
mark=/var/lib/lima/containerd-archive

have() { command -v "$1" >/dev/null 2>&1; }

# Runs a command as the instance's user, who has no session of its own here.
as_user() {
  set -- XDG_RUNTIME_DIR="/run/user/$LIMA_CIDATA_UID" PATH="$PATH:/usr/sbin:/sbin" "$@"
  sudo -u "$LIMA_CIDATA_USER" -H env -C / "$@"
}

# Prints the disk that is the archive.
archive_disk() {
  for file in /sys/block/*/serial; do
    [ -r "$file" ] || continue
    serial=
    # There is no line feed at the end of it.
    read -r serial <"$file" || true
    [ "$serial" = lima-containerd ] || continue
    name=${file%/serial}
    echo "/dev/${name##*/}"
    return
  done
}

stop_services() {
  systemctl stop stargz-snapshotter.service buildkit.service containerd.service 2>/dev/null || true
  as_user systemctl --user stop stargz-snapshotter.service buildkit.service containerd.service 2>/dev/null || true
}

# Another archive has another beginning: its first file has a time.
unpack() {
  id=$(head -c 1048576 "$1" | sha256sum)
  [ "$id" != "$(cat $mark 2>/dev/null)" ] || return 0
  echo "containerd: unpacking nerdctl, containerd and BuildKit to $prefix"
  [ ! -e $mark ] || stop_services
  mkdir -p "$prefix" "${mark%/*}"
  tar -C "$prefix" --no-same-owner -xzf "$1"
  ! have restorecon || restorecon -R "$prefix/bin" "$prefix/lib/systemd" 2>/dev/null || true
  [ ! -d /etc/bash_completion.d ] || nerdctl completion bash >/etc/bash_completion.d/nerdctl 2>/dev/null || rm -f /etc/bash_completion.d/nerdctl
  systemctl daemon-reload
  echo "$id" >$mark
}

# Prints those of the packages that the distribution has.
known() {
  for package; do
    if have apt-cache; then apt-cache --quiet=0 show "$package" >/dev/null 2>&1 && echo "$package"
    elif have dnf; then dnf -q list "$package" >/dev/null 2>&1 && echo "$package"
    elif have zypper; then zypper -q info "$package" 2>/dev/null | grep -q '^Version' && echo "$package"
    elif have pacman; then pacman -Si "$package" >/dev/null 2>&1 && echo "$package"
    fi
  done
  true
}

fetch_packages() {
  echo "containerd: no archive is at hand; installing the packages of this distribution"
  names="runc"
  more="nerdctl buildkit"
  [ -z "$user" ] || more="$more rootlesskit slirp4netns fuse-overlayfs"
  if have apt-get; then
    export DEBIAN_FRONTEND=noninteractive
    quick="-o Acquire::http::Timeout=15 -o Acquire::https::Timeout=15 -o Acquire::Retries=1 -o DPkg::Lock::Timeout=300"
    timeout 300 apt-get -q $quick update >/dev/null
    timeout 600 apt-get -q -y $quick --no-install-recommends install containerd $names $(known $more)
  elif have dnf; then timeout 600 dnf -q -y install "$(known containerd containerd.io | head -n 1)" $names $(known $more)
  elif have zypper; then timeout 600 zypper -q -n install containerd $names $(known $more)
  elif have pacman; then timeout 600 pacman -Sy --noconfirm --needed containerd $names $(known $more)
  else return 1
  fi
}

# Prints a configuration of containerd; the snapshotter of the archive is a service of its own.
containerd_config() {
  echo 'version = 2'
  echo 'imports = ["/etc/containerd/conf.d/*.toml"]'
  printf '[plugins."io.containerd.grpc.v1.cri"]\n  enable_cdi = true\n'
  ! have containerd-stargz-grpc || printf '[proxy_plugins.stargz]\n  type = "snapshot"\n  address = "/run/containerd-stargz-grpc/containerd-stargz-grpc.sock"\n'
}

for_system() {
  if [ ! -e /etc/containerd/config.toml ]; then
    mkdir -p /etc/containerd/conf.d
    containerd_config >/etc/containerd/config.toml
  fi
  if have buildkitd && [ ! -e /etc/buildkit/buildkitd.toml ]; then
    mkdir -p /etc/buildkit
    printf '[worker.oci]\n  enabled = false\n[worker.containerd]\n  enabled = true\n  namespace = "default"\n  snapshotter = "overlayfs"\n' \
      >/etc/buildkit/buildkitd.toml
  fi
  for unit in containerd buildkit stargz-snapshotter; do
    systemctl cat "$unit.service" >/dev/null 2>&1 || continue
    if ! systemctl -q is-active "$unit.service" || ! systemctl -q is-enabled "$unit.service"; then systemctl -q enable --now "$unit.service"; fi
  done
}

# The user's own services need its manager, which runs without a login.
await_user_manager() {
  [ -e "/var/lib/systemd/linger/$LIMA_CIDATA_USER" ] || loginctl enable-linger "$LIMA_CIDATA_USER"
  tries=0
  until as_user systemctl --user show-environment >/dev/null 2>&1; do
    tries=$((tries + 1))
    if [ "$tries" -ge 300 ]; then
      echo "containerd: the systemd of $LIMA_CIDATA_USER has not come up"
      exit 1
    fi
    sleep 0.2
  done
  as_user systemctl --user start dbus.socket 2>/dev/null || true
}

# Where programs may make user namespaces only by a profile, rootlesskit gets one.
allow_namespaces() {
  [ "$(cat /proc/sys/kernel/apparmor_restrict_unprivileged_userns 2>/dev/null)" = 1 ] && have apparmor_parser || return 0
  program=$(command -v rootlesskit)
  profile=/etc/apparmor.d/$(echo "${program#/}" | tr / .)
  [ ! -e "$profile" ] || return 0
  printf 'abi <abi/4.0>,\ninclude <tunables/global>\n%s flags=(unconfined) {\n  userns,\n}\n' "$program" >"$profile"
  apparmor_parser -r "$profile"
}

# nerdctl's own way: it brings the services too.
with_setup_tool() {
  tool=containerd-rootless-setuptool.sh
  echo "containerd: setting up the services of $LIMA_CIDATA_USER"
  enforcing=
  if have getenforce && [ "$(getenforce)" = Enforcing ]; then
    enforcing=1
    setenforce 0
  fi
  code=0
  {
    as_user "$tool" install && { ! have buildkitd || as_user CONTAINERD_NAMESPACE=default "$tool" install-buildkit-containerd; } && {
      if [ "$(printf '5.13\n%s\n' "$(uname -r)" | sort -V | head -n 1)" = 5.13 ]; then
        ! have containerd-stargz-grpc || as_user "$tool" install-stargz
      else
        ! have containerd-fuse-overlayfs-grpc || as_user "$tool" install-fuse-overlayfs
      fi
    }
  } || code=$?
  [ -z "$enforcing" ] || setenforce 1
  return $code
}

# Distributions that have no nerdctl have no such tool: a service that does the same with what they have.
with_own_service() {
  program=$prefix/bin/containerd-rootless
  echo "containerd: setting up a service of $LIMA_CIDATA_USER; there is no nerdctl here, its client is: containerd-rootless ctr"
  mkdir -p "$prefix/bin"
  cat >"$program" <<'END'
#!/bin/sh
# containerd without root. `containerd-rootless` is the service; `containerd-rootless ctr ARGS` is its client.
set -eu
run=${XDG_RUNTIME_DIR:-/run/user/$(id -u)}/containerd-rootless
data=$HOME/.local/share/containerd
case ${1:-} in
  '')
    mkdir -p "$data" "$run"
    exec rootlesskit --state-dir="$run/kit" --net=slirp4netns --mtu=65520 --disable-host-loopback --port-driver=builtin \
      --pidns --cgroupns --evacuate-cgroup2=containerd --copy-up=/etc --copy-up=/run --propagation=rslave "$0" inside
    ;;
  inside)
    # What was copied up is root's; these are made anew for this user.
    rm -rf /run/containerd /run/runc /run/xtables.lock
    mkdir -p /run/containerd
    printf 'version = 2\nroot = "%s"\nstate = "%s/state"\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\n[grpc]\n  address = "%s/containerd.sock"\n' \
      "$data" "$run" "$run" >"$run/config.toml"
    exec containerd -c "$run/config.toml"
    ;;
  *)
    pid=$(cat "$run/kit/child_pid")
    program=$1
    shift
    exec nsenter -U --preserve-credentials -m -n -p -t "$pid" -- env CONTAINERD_ADDRESS="$run/containerd.sock" "$program" "$@"
    ;;
esac
END
  chmod 755 "$program"
  units=$LIMA_CIDATA_HOME/.config/systemd/user
  as_user mkdir -p "$units"
  cat >"$units/containerd.service" <<END
[Unit]
Description=containerd without root
[Service]
Environment=PATH=$prefix/bin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
ExecStart=$program
Restart=always
RestartSec=2
Delegate=yes
KillMode=control-group
TimeoutStopSec=10
Type=simple
[Install]
WantedBy=default.target
END
  chown "$LIMA_CIDATA_USER:" "$units/containerd.service"
  as_user systemctl --user daemon-reload
  as_user systemctl --user -q enable --now containerd.service
}

for_user() {
  [ ! -e "$LIMA_CIDATA_HOME/.config/systemd/user/containerd.service" ] || return 0
  if ! have rootlesskit || ! have newuidmap; then
    echo "containerd: without root it needs rootlesskit and uidmap, which this guest does not have"
    [ -z "${LIMA_CIDATA_CONTAINERD_ASKED:-}" ]
    return
  fi
  await_user_manager
  allow_namespaces
  if have containerd-rootless-setuptool.sh; then with_setup_tool; else with_own_service; fi
}

disk=$(archive_disk)
if [ -n "$disk" ]; then
  unpack "$disk"
elif [ -z "${LIMA_CIDATA_CONTAINERD_ASKED:-}" ] && ! have nerdctl; then
  # Nobody asked for it: a boot without the archive is no slower for it.
  exit 0
elif ! have containerd || ! have runc || { [ -n "$user" ] && ! have rootlesskit; }; then
  fetch_packages || {
    echo "containerd: there is no archive, and the distribution's packages cannot be installed; give \`containerd.archives\` a file, \
or set \`containerd.user\` and \`containerd.system\` to false"
    exit 1
  }
fi
[ -z "$system" ] || for_system
[ -z "$user" ] || for_user
