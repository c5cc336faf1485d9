#!/usr/bin/env bash
# Checks a GPU and times LSTM layers on it beside PyTorch, in one call. --help says how; what is measured: bench/tables/gpu.py --help.
set -euo pipefail
cd "$(dirname "$0")/.."

usage() {
  cat <<'TEXT'
bench/gpu.sh [--device D] [--tiny] [--no-suite] [--out DIR] [option of bench/tables/gpu.py ...]
    builds, then on D (cuda:0 unless it is said): compares a few layers with the processor, under NVIDIA's memory checker where that is there; runs the device suite;
    times forward and forward with backward beside PyTorch; times training steps of the main example's model beside the processor; prints tables.
    A step that fails or takes too long is named at the end and keeps no other from running. All of it takes less than 10 minutes.
bench/gpu.sh --pack FILE
    puts all of that into one file (.NET's runtime, the program, the suite; about 45 MB) for a machine that has no .NET.
bench/gpu.sh --packed FILE [the options above]
    does it there, with this repository's scripts beside it. Needs python3; PyTorch where the tables are to have a peer.

    --device D    cuda:0, opencl:0, ... (lstm-cluster devices lists them)
    --tiny        small extents and short times: whether everything works, not how fast; for a device in software
    --no-suite    leave the device suite out
    --out DIR     where logs and the figures as JSON lines go (default: a temporary folder, which is named)
The exit code is 1 when a step failed: a test of the suite, a result too far from the processor's, a command that did not end.
TEXT
}

device=cuda:0 suite=yes tiny='' out='' pack='' packed='' options=()
while [ $# -gt 0 ]; do
  case "$1" in
    --help | -h) usage; exit 0 ;;
    --device) device=$2; shift 2 ;;
    --no-suite) suite=no; shift ;;
    --tiny) tiny=yes options+=(--tiny); shift ;;
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
  # Within the repository: a test reads its README.
  place=$(mktemp -d "$PWD/.packed.XXXXXX")
  trap 'rm -rf "$place"' EXIT
  python3 -c 'import sys, tarfile; tarfile.open(sys.argv[1]).extractall(sys.argv[2], filter="data")' "$packed" "$place"
  export DOTNET_ROOT="$place/dotnet" PATH="$place/dotnet:$PATH"
  program="$place/program" tests="$place/tests"
else
  build
fi

# Compiled PTX is kept for the processes that follow, also where the home directory cannot be written.
export CUDA_CACHE_PATH=${CUDA_CACHE_PATH:-${TMPDIR:-/tmp}/lstm-cluster-ptx} CUDA_CACHE_MAXSIZE=1073741824

export LSTM_CLUSTER="$PWD/$program/lstm-cluster" DOTNET_CLI_TELEMETRY_OPTOUT=1
[ -z "$packed" ] || LSTM_CLUSTER="$program/lstm-cluster"
[ -n "$out" ] || out=$(mktemp -d -t lstm-cluster-gpu.XXXXXX)
mkdir -p "$out"
echo "Logs and figures: $out"
failed=()

# Name, seconds it may take, command. What it says is shown and kept as NAME.log; what follows runs whether it fails or not.
step() {
  local name=$1 limit=$2 outcome
  shift 2
  printf '\n== %s (at %d s) ==\n' "$name" "$SECONDS"
  set +e
  # All of its processes at once: one that waited for a kernel which never ends would share the device with the steps after it.
  timeout --signal=KILL "$limit" "$@" 2>&1 | tee "$out/$name.log"
  outcome=${PIPESTATUS[0]}
  set -e
  case "$outcome" in
    0) ;;
    137) echo "$name: not done after $limit s"; failed+=("$name") ;;
    *) failed+=("$name") ;;
  esac
}

suite_on_device() {
  local outcome=0

  # The tests of OpenCL alone look for its first device, whatever the suite runs on.
  [[ $device == opencl* ]] || export OCL_ICD_VENDORS=/nonexistent
  LSTM_TEST_DEVICES="$device" dotnet "$tests/Lstm.Compute.Tests.dll" -noLogo -trait- Category=Slow >"$out/suite-all.log" 2>&1 || outcome=$?
  grep -E '\[FAIL\]' "$out/suite-all.log" | head -n 40
  tail -n 3 "$out/suite-all.log"
  return "$outcome"
}

# A text that is there on every machine: what is timed does not depend on it.
training_steps() {
  local where
  for where in "$device" cpu; do
    "$LSTM_CLUSTER" bench step examples/moby-dick.yaml --set data.source="$PWD/CHANGELOG.md" --steps "$1" --device "$where" --json "${@:2}" || return
  done
}

describe() {
  "$LSTM_CLUSTER" devices || return
  if command -v nvidia-smi >/dev/null; then nvidia-smi --query-gpu=name,driver_version,clocks.sm,temperature.gpu,memory.used --format=csv || true; fi
}

export -f describe suite_on_device training_steps
export device tests out
# One work-group and several, one part of the inner index and several, few rows and many.
few=(3,5,4,8 4,17,6,33 3,70,5,130)
# All steps in one launch, with many groups that wait for each other and with many steps.
[ -n "$tiny" ] || few+=(2,130,16,512 64,16,32,1024 300,16,8,512)
step devices 20 bash -c describe
step agreement 40 python3 bench/tables/gpu.py --device "$device" --precisions fp32 --rounds 1 --seconds 0.02 --no-peer "${few[@]}"
if [[ $device == cuda* ]] && command -v compute-sanitizer >/dev/null; then
  step memory-checker 40 compute-sanitizer --target-processes all --error-exitcode 9 "$LSTM_CLUSTER" bench lstm 3,17,6,33 --device "$device" --seconds 0.01
fi
if [ "$suite" = yes ]; then step suite 170 bash -c suite_on_device; fi
step tables 230 python3 bench/tables/gpu.py --device "$device" --out "$out" --limit 215 ${options[@]+"${options[@]}"}
step training-steps 60 bash -c "training_steps $([ "$tiny" ] && echo 2 --set training.length=4 || echo 40)"

printf '\nDone after %d s.\n' "$SECONDS"
if [ ${#failed[@]} -gt 0 ]; then echo "FAILED: ${failed[*]}"; exit 1; fi
