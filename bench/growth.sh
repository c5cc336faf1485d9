#!/usr/bin/env bash
# How time and memory of an LSTM layer grow with T, N and H, as Markdown tables: bench/growth.sh [time|memory]; --help says more.
set -euo pipefail
cd "$(dirname "$0")/.."
dotnet build -c Release --nologo -v quiet src/Trainer.Cli >&2
exec python3 bench/tables/growth.py "$@"
