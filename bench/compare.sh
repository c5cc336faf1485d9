#!/usr/bin/env bash
# This project beside PyTorch on this machine, and the LSTM's variants beside the plain layer, by turns: bench/compare.sh [MODE ...]; --help lists them.
# Prints Markdown. What PyTorch enters needs /usr/bin/python3 with torch; the job's text is fetched as by `train`.
set -euo pipefail
cd "$(dirname "$0")/.."
dotnet build -c Release --nologo -v quiet src/Trainer.Cli >&2
exec python3 bench/tables/compare.py "$@"
