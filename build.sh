#!/usr/bin/env bash
# Builds everything that is installed into out/: a tree that runs from any place.
#   out/bin/{limactl,lima,…}            one native binary under its names
#   out/libexec/lima/lima-host          the background host
#   out/libexec/lima/limactl-…          plugins
#   out/libexec/lima/lima-virtiofs-relay  what stands between QEMU and each virtiofsd
#   out/share/lima/{templates,images,guest}
#   out/share/lima/lima-guestagent.Linux-…  what is put into guests that need it
# Environment: CONFIGURATION (Release), OUT (out), RID (this machine's), LIMA_READY_TO_RUN (true).
set -euo pipefail
cd "$(dirname "$0")"

configuration=${CONFIGURATION:-Release}
out=${OUT:-out}
case $(uname -m) in
  x86_64) rid=${RID:-linux-x64} ;;
  aarch64) rid=${RID:-linux-arm64} ;;
  *) rid=${RID:?this machine\'s architecture has no known name: set RID} ;;
esac

command -v dotnet >/dev/null || { echo "build.sh: the .NET SDK (see global.json) is not installed" >&2; exit 1; }
command -v gcc >/dev/null || command -v clang >/dev/null || {
  echo "build.sh: a C linker is needed for the native binary: apt-get install gcc zlib1g-dev" >&2; exit 1; }

stage=$(mktemp -d "${TMPDIR:-/tmp}/lima-build.XXXXXX")
trap 'rm -rf "$stage"' EXIT
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_CLI_WORKLOAD_UPDATE_NOTIFY_DISABLE=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1

echo "building lima-host ($rid)"
dotnet publish src/Lima.Host -c "$configuration" -r "$rid" --no-self-contained \
  -p:PublishReadyToRun="${LIMA_READY_TO_RUN:-true}" -p:PublishDir="$stage/libexec/lima/" -v:quiet
echo "building limactl ($rid, native)"
dotnet publish src/Lima.Cli -c "$configuration" -r "$rid" -p:PublishDir="$stage/cli/" -v:quiet

echo "building lima-guestagent ($rid, native, static)"
dotnet publish src/Lima.GuestAgent -c "$configuration" -r "$rid" -p:PublishDir="$stage/agent/" -v:quiet

echo "building lima-virtiofs-relay ($rid, native)"
dotnet publish src/Lima.VirtiofsRelay -c "$configuration" -r "$rid" -p:PublishDir="$stage/relay/" -v:quiet

mkdir -p "$stage/bin" "$stage/share/lima"
install -m 0755 "$stage/cli/limactl" "$stage/bin/limactl"
for name in lima docker.lima nerdctl.lima podman.lima kubectl.lima apptainer.lima; do ln -s limactl "$stage/bin/$name"; done
case $rid in linux-x64) arch=x86_64 ;; linux-arm64) arch=aarch64 ;; *) arch=$rid ;; esac
install -m 0755 "$stage/agent/lima-guestagent" "$stage/share/lima/lima-guestagent.Linux-$arch"
install -m 0755 "$stage/relay/lima-virtiofs-relay" "$stage/libexec/lima/lima-virtiofs-relay"
rm -rf "$stage/cli" "$stage/agent" "$stage/relay" "$stage"/libexec/lima/*.pdb
install -m 0755 plugins/limactl-* "$stage/libexec/lima/"
# Aliases among the templates are symbolic links, and stay so.
cp -RP templates images guest "$stage/share/lima/"

rm -rf "$out.old"
mkdir -p "$(dirname "$out")"
[ ! -e "$out" ] || mv "$out" "$out.old"
mv "$stage" "$out"
trap - EXIT
chmod 0755 "$out"
rm -rf "$out.old"
echo "built $out"
