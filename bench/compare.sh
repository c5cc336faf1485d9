#!/usr/bin/env bash
# This project beside PyTorch on this machine, in one go and by turns: bench/compare.sh
# Prints Markdown. Needs /usr/bin/python3 with torch; the job's text is fetched as by `train`.
set -euo pipefail
cd "$(dirname "$0")/.."

python=/usr/bin/python3
"$python" -c 'import torch' 2>/dev/null || { echo "compare.sh: $python has no torch (Debian: python3-torch)" >&2; exit 2; }
dotnet build -c Release --nologo -v quiet src/Trainer.Cli >&2
ours() { dotnet src/Trainer.Cli/bin/Release/net10.0/lstm-cluster.dll bench "$@" --json; }
peer() { "$python" bench/peers/torch_peer.py "$@"; }
# field NAME: one number of the JSON object on standard input.
field() { "$python" -c "import json, sys; print(json.load(sys.stdin)['$1'])"; }
ratio() { "$python" -c "print(f'{$1 / $2:.2f}')"; }

echo "| LSTM layer T,N,D,H | GFLOP/s | fraction of the FMA peak | PyTorch, best thread setting | ratio |"
echo "| --- | ---: | ---: | ---: | ---: |"
for extent in 64,64,1024,1024 64,32,512,512 32,16,256,256 64,32,128,128; do
  mine=$(ours lstm "$extent")
  theirs=$(peer layer "$extent" | field gflops)
  gflops=$(field gflops <<<"$mine")
  printf '| %s | %.1f | %.2f | %s | %s |\n' "$extent" "$gflops" "$(field fraction <<<"$mine")" "$theirs" "$(ratio "$gflops" "$theirs")"
done

echo
echo "| Training step | tokens/s | PyTorch, DDP | ratio |"
echo "| --- | ---: | ---: | ---: |"
mine=$(ours step examples/moby-dick.yaml --workers 2 | field tokens_per_second)
theirs=$(peer train --workers 2 | field tokens_per_second)
printf '| moby-dick, 2 workers | %.0f | %.0f | %s |\n' "$mine" "$theirs" "$(ratio "$mine" "$theirs")"
