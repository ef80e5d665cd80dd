#!/usr/bin/env bash
# Builds with warnings as errors and runs every test, real VMs included.
#   ./test.sh            everything
#   ./test.sh fast       all but the tests that boot VMs
set -euo pipefail
cd "$(dirname "$0")"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1 DOTNET_HOSTBUILDER__RELOADCONFIGONCHANGE=false

started=$SECONDS
say() { printf '\n== %s (%ss)\n' "$1" $((SECONDS - started)); }

say "packages that the tests use"
./hack/install-needs.sh test

say "build"
dotnet build LimaActors.sln -c Release -nodeReuse:false -v:quiet
say "install tree"
./build.sh

say "shell scripts"
if command -v shellcheck >/dev/null; then
  shellcheck -x -P SCRIPTDIR -S warning build.sh test.sh quickstart.sh hack/*.sh images/*/build
  shellcheck -s sh -x -P SCRIPTDIR -S warning guest/*.sh guest/boot.essential/*.sh guest/boot.d/*.sh
else
  echo "SKIP: shellcheck is not installed"
fi

results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
failed=0
projects=(tests/*.Tests)
[ "${1:-}" = fast ] && projects=("${projects[@]/tests\/Lima.EndToEnd.Tests/}")
for project in "${projects[@]}"; do
  [ -n "$project" ] || continue
  say "$project"
  dotnet test "$project" -c Release --no-build --nologo -v:quiet \
    --logger "console;verbosity=normal" --logger "trx;LogFileName=$(basename "$project").trx" --results-directory "$results" \
    >"$results/$(basename "$project").log" 2>&1 || failed=1
  grep -aE '^ +(Failed|X) |SKIP:|error |Test Run|^Total|Failed!' "$results/$(basename "$project").log" | grep -av '^ *Passed ' | sort -u | tail -40 || true
  if grep -aq 'Test Run Failed' "$results/$(basename "$project").log"; then
    failed=1
    grep -aA40 -E '^ +Failed ' "$results/$(basename "$project").log" | head -200
  fi
done

count() { cat "$results"/*.trx | grep -ao "<Counters [^>]*" | grep -ao " $1=\"[0-9]*" | grep -o '[0-9]*$' | awk '{s+=$1} END {print s+0}'; }
passed=$(count passed) lost=$(count failed)
[ "$passed" -gt 0 ] || { echo "no test ran"; failed=1; }
say "done"
echo "$passed passed, $lost failed"
[ "$failed" = 0 ] && [ "$lost" = 0 ]
