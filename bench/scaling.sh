#!/usr/bin/env bash
# Step time and tokens a second of simulated clusters as Markdown tables, those of docs/scaling.md: bench/scaling.sh [--quick]; --help says more.
set -euo pipefail
cd "$(dirname "$0")/.."
dotnet build -c Release --nologo -v quiet src/Trainer.Cli >&2
exec python3 bench/tables/scaling.py "$@"
