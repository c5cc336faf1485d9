#!/usr/bin/env bash
# Checks a GPU and times LSTM layers on it beside PyTorch, in one call. --help says how; what is measured: bench/tables/gpu.py --help.
set -euo pipefail
cd "$(dirname "$0")/.."

usage() {
  cat <<'TEXT'
bench/gpu.sh [--device D] [--tiny] [--no-suite] [--out DIR] [option of bench/tables/gpu.py ...]
    builds, runs the device suite on D (cuda:0 unless it is said), then times forward and forward with backward beside PyTorch, and prints tables.
bench/gpu.sh --pack FILE
    puts all of that into one file (.NET's runtime, the program, the suite; about 45 MB) for a machine that has no .NET.
bench/gpu.sh --packed FILE [the options above]
    does it there, with this repository's scripts beside it. Needs python3; PyTorch where the tables are to have a peer.

    --device D    cuda:0, opencl:0, ... (lstm-cluster devices lists them)
    --tiny        small extents and short times: whether everything works, not how fast; for a device in software
    --no-suite    leave the device suite out
    --out DIR     where the suite's log and the figures as JSON lines go (default: a temporary folder, which is named)
The exit code is 1 when a test of the suite fails or a result is too far from the processor's.
TEXT
}

device=cuda:0 suite=yes out='' pack='' packed='' options=()
while [ $# -gt 0 ]; do
  case "$1" in
    --help | -h) usage; exit 0 ;;
    --device) device=$2; shift 2 ;;
    --no-suite) suite=no; shift ;;
    --out) out=$2; shift 2 ;;
    --pack) pack=$2; shift 2 ;;
    --packed) packed=$2; shift 2 ;;
    *) options+=("$1"); shift ;;
  esac
done

program=src/Trainer.Cli/bin/Release/net10.0 tests=tests/Lstm.Compute.Tests/bin/Release/net10.0

build() {
  dotnet build -c Release --nologo -v quiet src/Trainer.Cli >&2
  dotnet build -c Release --nologo -v quiet tests/Lstm.Compute.Tests >&2
}

# Program and suite as they were built, with the runtime of the .NET that built them.
pack_into() {
  local dotnet shared
  stage=$(mktemp -d)
  trap 'rm -rf "$stage"' EXIT
  build
  dotnet=$(dirname "$(readlink -f "$(command -v dotnet)")")
  mkdir -p "$stage/dotnet/shared" "$stage/dotnet/host"
  cp "$dotnet/dotnet" "$stage/dotnet/"
  cp -r "$dotnet/host/fxr" "$stage/dotnet/host/"
  for shared in Microsoft.NETCore.App Microsoft.AspNetCore.App; do cp -r "$dotnet/shared/$shared" "$stage/dotnet/shared/"; done
  cp -r "$program" "$stage/program"
  cp -r "$tests" "$stage/tests"
  find "$stage" \( -name '*.pdb' -o -name '*.xml' \) -path '*/shared/*' -delete
  mkdir -p "$(dirname "$1")"
  tar -C "$stage" -cf - . | xz -3 -T0 >"$1"
  echo "$1: $(($(stat -c %s "$1") / 1048576)) MB" >&2
}

if [ -n "$pack" ]; then pack_into "$pack"; exit 0; fi

if [ -n "$packed" ]; then
  place=$(mktemp -d)
  trap 'rm -rf "$place"' EXIT
  python3 -c 'import sys, tarfile; tarfile.open(sys.argv[1]).extractall(sys.argv[2], filter="data")' "$packed" "$place"
  export DOTNET_ROOT="$place/dotnet" PATH="$place/dotnet:$PATH"
  program="$place/program" tests="$place/tests"
else
  build
fi

export LSTM_CLUSTER="$PWD/$program/lstm-cluster" DOTNET_CLI_TELEMETRY_OPTOUT=1
[ -z "$packed" ] || LSTM_CLUSTER="$program/lstm-cluster"
[ -n "$out" ] || out=$(mktemp -d -t lstm-cluster-gpu.XXXXXX)
mkdir -p "$out"
"$LSTM_CLUSTER" devices | tee "$out/devices.txt"
failed=0

if [ "$suite" = yes ]; then
  echo
  echo "Device suite on $device (log: $out/suite.log)"
  LSTM_TEST_DEVICES="$device" dotnet "$tests/Lstm.Compute.Tests.dll" -noLogo -trait- Category=Slow >"$out/suite.log" 2>&1 || failed=1
  tail -n 3 "$out/suite.log"
fi

python3 bench/tables/gpu.py --device "$device" --out "$out" ${options[@]+"${options[@]}"} || failed=1
exit "$failed"
