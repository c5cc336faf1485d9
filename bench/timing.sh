#!/usr/bin/env bash
# The timing tasks of Gers, Schraudolph and Schmidhuber (2002) with and without peepholes, over several seeds: in how many runs every number is right, in the validation (sequences as long as those trained
# on) and in the test (a stream of 1,000 spikes or periods).
#
#   bench/timing.sh [SEEDS [FOLDER]]
#
# SEEDS: how many, from 1 (3). FOLDER: where the runs go (a temporary one). LSTM_CLUSTER: the command (the project's own). Prints a Markdown table.
set -euo pipefail
cd "$(dirname "$0")/.."
seeds=${1:-3} folder=${2:-$(mktemp -d)}
read -ra cluster <<<"${LSTM_CLUSTER:-dotnet run -c Release --no-launch-profile --project src/Trainer.Cli --}"

# Name, example, and what is changed in it.
tasks=(
  "spike delays, F = 10|spike-delays"
  "timed spikes, F = 10|timed-spikes"
  "cosine, T = 10|periodic|data.source=synthetic:periodic?shape=cosine&period=10&length=100&count=9|data.testSource=synthetic:periodic?shape=cosine&period=10&length=10000&count=1"
  "cosine, T = 25|periodic|data.source=synthetic:periodic?shape=cosine&period=25&length=200&count=9|data.testSource=synthetic:periodic?shape=cosine&period=25&length=25000&count=1"
  "triangle, T = 10|periodic|data.source=synthetic:periodic?shape=triangle&period=10&length=100&count=9|data.testSource=synthetic:periodic?shape=triangle&period=10&length=10000&count=1"
  "triangle, T = 25|periodic|data.source=synthetic:periodic?shape=triangle&period=25&length=200&count=9|data.testSource=synthetic:periodic?shape=triangle&period=25&length=25000&count=1"
  "rectangle, T = 10|periodic|data.source=synthetic:periodic?shape=rectangle&period=10&length=100&count=9|data.testSource=synthetic:periodic?shape=rectangle&period=10&length=10000&count=1"
  "rectangle, T = 25|periodic"
)

# RUN PART: prints whether every number is right, and the root mean square error.
judge() {
  "${cluster[@]}" eval "$1" --part "$2" --json | python3 -c '
import json, sys
figures = json.loads(sys.stdin.readline())
within = figures["tolerance"]
print(int(within["right_numbers"] == within["numbers"]), figures["rmse"])'
}

# RUN EXAMPLE CHANGE...: trains unless it is there, and prints what is judged of validation and test.
outcome() {
  local run=$1 example=$2 sets=() change; shift 2
  for change in "$@"; do sets+=(--set "$change"); done
  [ -e "$run/weights.safetensors" ] || "${cluster[@]}" train "examples/$example.yaml" --json --workers 1 --run "$run" "${sets[@]}" >"$run.log"
  echo "$(judge "$run" validation) $(judge "$run" test)"
}

mkdir -p "$folder"
printf '| task | peepholes | RMSE | all right, as long as trained on | all right, 1,000 spikes or periods |\n| --- | --- | --- | --- | --- |\n'
for task in "${tasks[@]}"; do
  IFS='|' read -ra parts <<<"$task"
  for peephole in true false; do
    for ((seed = 1; seed <= seeds; seed++)); do
      outcome "$folder/$(tr -c 'a-z0-9\n' '-' <<<"${parts[0]}")-$peephole-$seed" "${parts[1]}" "model.layers[0].lstm.peephole=$peephole" "seed=$seed" "${parts[@]:2}"
    done | python3 -c '
import sys
runs = [line.split() for line in sys.stdin]
errors = sorted(float(run[1]) for run in runs)
print("| %s | %s | %.3f to %.3f | %d of %d | %d of %d |" % (
    sys.argv[1], "with" if sys.argv[2] == "true" else "without", errors[0], errors[-1], sum(int(run[0]) for run in runs), len(runs), sum(int(run[2]) for run in runs), len(runs)))' "${parts[0]}" "$peephole"
  done
done
