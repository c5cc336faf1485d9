#!/usr/bin/env bash
# What a run costs beyond its mathematics, each beside its peer in one run, as Markdown tables: bench/cluster.sh [processes|checkpoint|determinism ...]; --help says more.
set -euo pipefail
cd "$(dirname "$0")/.."
dotnet build -c Release --nologo -v quiet src/Trainer.Cli >&2
exec python3 bench/tables/cluster.py "$@"
