#!/usr/bin/env bash
# From a fresh checkout on a Debian-like machine with the .NET SDK to a command inside a first VM.
# Run again at any time: what is there already is kept.
set -euo pipefail
cd "$(dirname "$0")"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_CLI_WORKLOAD_UPDATE_NOTIFY_DISABLE=1 DOTNET_NOLOGO=1

step() { printf '\n\033[1m%s\033[0m\n' "$1"; }

command -v dotnet >/dev/null || {
  echo "The .NET SDK is missing. Install the version that global.json names, then run this again." >&2; exit 1; }

step "1/4 Installing what is missing"
./hack/install-needs.sh run build

step "2/4 Building"
# A tree that is newer than every source is complete.
if [ ! -x out/bin/limactl ] || [ -n "$(find src templates images guest plugins config build.sh Directory.*.props -newer out/bin/limactl -type f -not -path '*/obj/*' -not -path '*/bin/*' -print -quit)" ]; then
  ./build.sh
else
  echo "out/ is up to date"
fi
export PATH="$PWD/out/bin:$PATH"

step "3/4 Starting the VM \`default\` (the first time, its image is fetched or built)"
if limactl list --quiet default >/dev/null 2>&1; then
  limactl start default
else
  limactl start --tty=false --name=default template:default
fi

step "4/4 Inside the VM"
lima uname -a

cat <<TXT

That was \`uname -a\` inside the VM. Try next (put $PWD/out/bin in your PATH first):
  lima                                a shell in the VM
  limactl list                        all VMs
  limactl start --name=small template:tiny   a second, very small VM
  limactl stop default                shut it down; \`limactl start default\` brings it back
  limactl --help                      everything else
TXT
