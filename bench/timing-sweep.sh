#!/usr/bin/env bash
# Whether one cell keeps time with and without peepholes (examples/periodic.yaml, a cosine of 10 steps) when both get the same settings to choose from: each rate with each pair of biases of input and output
# gates. In how many runs every step of 1,000 periods is right.
#
#   bench/timing-sweep.sh [SEEDS [FOLDER]]
#
# SEEDS: how many, from 1 (3). FOLDER: where the runs go (a temporary one); those that are there already are judged as they are. LSTM_CLUSTER: the command (the project's own). Prints a Markdown table.
set -euo pipefail
cd "$(dirname "$0")/.."
seeds=${1:-3} folder=${2:-$(mktemp -d)}
read -ra cluster <<<"${LSTM_CLUSTER:-dotnet run -c Release --no-launch-profile --project src/Trainer.Cli --}"
rates=(0.01 0.03 0.1) biases=("0 0" "-2 -2" "-4 -4" "0 2")

# RATE INPUT-BIAS OUTPUT-BIAS PEEPHOLE: prints in how many runs everything is right.
solved() {
  local seed run count=0
  for ((seed = 1; seed <= seeds; seed++)); do
    run="$folder/$1-$2-$3-$4-$seed"
    [ -e "$run/weights.safetensors" ] || "${cluster[@]}" train examples/periodic.yaml --json --workers 1 --run "$run" --set "seed=$seed" --set "training.optimizer={ adam: { rate: $1 } }" \
      --set "model.layers[0].lstm.inputBias=$2" --set "model.layers[0].lstm.outputBias=$3" --set "model.layers[0].lstm.peephole=$4" >"$run.log"
    count=$((count + $("${cluster[@]}" eval "$run" --part test --json | python3 -c '
import json, sys
within = json.load(sys.stdin)["tolerance"]
print(int(within["right_numbers"] == within["numbers"]))')))
  done
  echo "$count of $seeds"
}

mkdir -p "$folder"
printf '| rate | input bias, output bias | with | without |\n| --- | --- | --- | --- |\n'
for rate in "${rates[@]}"; do
  for pair in "${biases[@]}"; do
    read -r input output <<<"$pair"
    printf '| %s | %s, %s | %s | %s |\n' "$rate" "$input" "$output" "$(solved "$rate" "$input" "$output" true)" "$(solved "$rate" "$input" "$output" false)"
  done
done
