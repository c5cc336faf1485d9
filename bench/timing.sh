#!/usr/bin/env bash
# The timing tasks of Gers, Schraudolph and Schmidhuber (2002) with and without peepholes, over several seeds: in how many runs every number of the test is right, which is a stream of 1,000 spikes or
# periods. Of functions the weights that are judged are those of the best validation, which is such a stream too; of spikes the last.
#
#   bench/timing.sh [SEEDS [FOLDER [PATTERN]]]
#
# SEEDS: how many, from 1 (10). FOLDER: where the runs go (a temporary one); those that are there already are judged as they are. PATTERN: only tasks with that in their name. LSTM_CLUSTER: the command
# (the project's own). Prints a Markdown table.
set -euo pipefail
cd "$(dirname "$0")/.."
seeds=${1:-10} folder=${2:-$(mktemp -d)} pattern=${3:-}
read -ra cluster <<<"${LSTM_CLUSTER:-dotnet run -c Release --no-launch-profile --project src/Trainer.Cli --}"

# SHAPE PERIOD: what makes examples/periodic.yaml that function: it begins with one period and goes on to 64 (the rectangles below with a little more, to about 40), and the streams have 1,000.
periodic() {
  local made="synthetic:periodic?shape=$1&period=$2&length=$(($2 * 1000))"
  printf '%s|%s|%s|%s' "data.source=$made&count=2" "data.testSource=$made&count=1" "training.length=$(($2 * 1000))" "training.growth={ from: $2, every: 2000, to: $(($2 * 64)) }"
}

# Name, example, and what is changed in it.
tasks=(
  "cosine, T = 10|periodic|$(periodic cosine 10)"
  "triangle, T = 10|periodic|$(periodic triangle 10)"
  "rectangle, T = 10|periodic|$(periodic rectangle 10)|training.growth={ from: 13, every: 1000, to: 640 }|training.steps=6000|training.optimizer={ adam: { rate: 0.03 } }|training.clip={ norm: 0.3 }"
  "cosine, T = 25|periodic|$(periodic cosine 25)"
  "triangle, T = 25|periodic|$(periodic triangle 25)"
  "rectangle, T = 25|periodic|$(periodic rectangle 25)|training.growth={ from: 30, every: 2000, to: 1600 }|training.steps=12000|model.layers[0].lstm.forgetBias=0"
  "spike delays, F = 10|spike-delays"
  "timed spikes, F = 10|timed-spikes"
)

# RUN: prints whether every number of the test is right, and its root mean square error.
judge() {
  "${cluster[@]}" eval "$1" --part test --json | python3 -c '
import json, sys
figures = json.loads(sys.stdin.readline())
within = figures["tolerance"]
print(int(within["right_numbers"] == within["numbers"]), figures["rmse"])'
}

# RUN EXAMPLE CHANGE...: trains unless it is there, and prints what is judged of the test.
outcome() {
  local run=$1 example=$2 sets=() change; shift 2
  for change in "$@"; do sets+=(--set "$change"); done
  [ -e "$run/weights.safetensors" ] || "${cluster[@]}" train "examples/$example.yaml" --json --workers 1 --run "$run" "${sets[@]}" >"$run.log"
  judge "$run"
}

mkdir -p "$folder"
printf '| task | peepholes | 1,000 spikes or periods all right | RMSE of them, lowest, median and highest |\n| --- | --- | --- | --- |\n'
for task in "${tasks[@]}"; do
  IFS='|' read -ra parts <<<"$task"
  [[ ${parts[0]} == *"$pattern"* ]] || continue
  for peephole in true false; do
    for ((seed = 1; seed <= seeds; seed++)); do
      outcome "$folder/$(tr -c 'a-z0-9\n' '-' <<<"${parts[0]}")-$peephole-$seed" "${parts[1]}" "model.layers[0].lstm.peephole=$peephole" "seed=$seed" "${parts[@]:2}"
    done | python3 -c '
import statistics, sys
runs = [line.split() for line in sys.stdin]
errors = sorted(float(run[1]) for run in runs)
print("| %s | %s | %d of %d | %.3f, %.3f, %.3f |" % (
    sys.argv[1], "with" if sys.argv[2] == "true" else "without", sum(int(run[0]) for run in runs), len(runs), errors[0], statistics.median(errors), errors[-1]))' "${parts[0]}" "$peephole"
  done
done
