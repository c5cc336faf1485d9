#!/usr/bin/env bash
# Peak memory of training and evaluating on files several times larger than the memory that the process may use, as a Markdown table: bench/memory.sh [--help].
set -euo pipefail
cd "$(dirname "$0")/.."
dotnet build -c Release --nologo -v quiet src/Trainer.Cli >&2
exec python3 bench/tables/memory.py "$@"
