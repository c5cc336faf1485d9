#!/usr/bin/env bash
# Assembles every kernel's PTX for the chips it is for, as a driver does when it loads it, and prints what each kernel takes of a chip: the strongest check of
# the CUDA kernels that needs no GPU.
#   assemble-ptx.sh [PTXAS]     PTXAS: NVIDIA's assembler (default: ptxas); Debian has it in nvidia-cuda-toolkit (non-free), of which the program alone is enough:
#                               apt-get download nvidia-cuda-toolkit && dpkg-deb -x nvidia-cuda-toolkit_*.deb DIR, then DIR/usr/bin/ptxas
# Exits with 1 when a kernel does not assemble.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
ptxas=${1:-ptxas}
command -v "$ptxas" >/dev/null || { echo "$ptxas: not found"; exit 2; }
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

echo "| kernel | chip | registers | local memory of a group, bytes | stack, bytes | spilled, bytes |"
echo "| --- | --- | ---: | ---: | ---: | ---: |"
for ptx in "$here"/ptx/*.ptx; do
  file=$(basename "$ptx" .ptx)
  chips=(sm_70 sm_80 sm_90)
  [[ $file == *.* ]] && chips=(sm_80 sm_90)
  for chip in "${chips[@]}"; do
    "$ptxas" -v -arch "$chip" -o "$scratch/out.cubin" "$ptx" >"$scratch/log" 2>&1 || { cat "$scratch/log"; echo "$file: does not assemble for $chip"; exit 1; }
    awk -v file="$file" -v chip="${chip#sm_}" '
      /Compiling entry function/ { split($0, part, "\047"); name = part[2] }
      /bytes stack frame/ { stack = $1; spilled = $5 + $9 }
      /Used .* registers/ {
        shared = 0
        for (i = 1; i < NF; i++) { if ($i == "Used") registers = $(i + 1); if ($(i + 2) == "smem,") shared = $i; if ($i == "bytes" && $(i + 1) ~ /^smem/) shared = $(i - 1) }
        precision = file; if (!sub(/^[^.]*[.]/, "", precision)) precision = "fp32"
        printf "| %s, %s | %s | %d | %d | %d | %d |\n", name, precision, chip, registers, shared, stack, spilled
      }' "$scratch/log" | tee -a "$scratch/table"
  done
done
printf '\n%d kernels of %d spill registers\n' "$(awk -F'|' '$7 > 0' "$scratch/table" | wc -l)" "$(wc -l <"$scratch/table")"
