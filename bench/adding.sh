#!/usr/bin/env bash
# The adding problem of Hochreiter and Schmidhuber (1997): how many sequences were seen when 2,559 of 2,560 validation sequences were solved, and how many of the test at the end.
#
#   bench/adding.sh [SEEDS [FOLDER]]
#
# SEEDS: how many, from 1 (3). FOLDER: where the runs go (a temporary one). LSTM_CLUSTER: the command (the project's own). Prints a line for each run.
set -euo pipefail
cd "$(dirname "$0")/.."
seeds=${1:-3} folder=${2:-$(mktemp -d)} batch=32 every=100
read -ra cluster <<<"${LSTM_CLUSTER:-dotnet run -c Release --no-launch-profile --project src/Trainer.Cli --}"

# RUN PART: prints "right all rmse largest".
judge() {
  "${cluster[@]}" eval "$1" --part "$2" --json | python3 -c '
import json, sys
figures = json.loads(sys.stdin.readline())
within = figures["tolerance"]
print(within["right_sequences"], within["sequences"], "%.4f" % figures["rmse"], "%.4f" % within["largest_error"])'
}

# RUN: the sequences seen at its first validation in which 2,559 are solved.
sequences_to_success() {
  python3 -c '
import json, sys
events = (json.loads(line) for line in open(sys.argv[1] + "/metrics.jsonl"))
print(next((int(sys.argv[2]) * event["step"] for event in events if event["event"] == "validation" and event["right_sequences"] >= 2559), "never"))' "$1" "$batch"
}

mkdir -p "$folder"
for setting in "100 4.6" "500 6.2" "1000 6.9"; do
  read -r length bias <<<"$setting"
  for ((seed = 1; seed <= seeds; seed++)); do
    run=$folder/adding-$length-$seed
    [ -e "$run/weights.safetensors" ] || "${cluster[@]}" train examples/adding-problem.yaml --json --workers 1 --run "$run" --set "seed=$seed" \
      --set "data.source=synthetic:adding?length=$length&count=1000000" --set "training.length=$((length + length / 10))" --set "model.layers[0].lstm.forgetBias=$bias" \
      --set "training.batch=$batch" --set "training.validate={ every: $every }" >"$run.log"
    seconds=$(tail -n 1 "$run.log" | python3 -c 'import json, sys; print("%.0f" % json.loads(sys.stdin.readline())["seconds"])')
    read -r right all rmse largest < <(judge "$run" test)
    echo "T=$length seed=$seed: 2,559 of 2,560 solved after $(sequences_to_success "$run") sequences; test: $((all - right)) of $all not solved, RMSE $rmse, largest error $largest; $seconds s"
  done
done
