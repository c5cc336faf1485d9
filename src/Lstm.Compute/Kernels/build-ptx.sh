#!/usr/bin/env bash
# Compiles every kernel file ahead of time to PTX, so that a user with an NVIDIA GPU needs the driver and nothing else.
#   build-ptx.sh           writes ptx/*.ptx, for compute capability 7.0: the driver compiles that for every later chip when it loads it
#   build-ptx.sh --check   fails when ptx/ is out of date, or a kernel does not compile for one of the chips below
# Needs Debian's clang-16 and libclc-16.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
library=/usr/lib/clc/nvptx64--nvidiacl.bc
headers=(common transcendental philox norm_row tile lstm_cell)
chips=(sm_70 sm_80 sm_90)

families() {
  local file
  for file in "$here"/*.cl; do
    file=$(basename "$file" .cl)
    [[ " ${headers[*]} " == *" $file "* ]] || echo "$file"
  done
}

# Folder, chip.
build() {
  local family name
  mkdir -p "$1"
  for family in $(families); do
    for name in "${headers[@]}" "$family"; do cat "$here/$name.cl"; done |
      clang-16 -x cl -cl-std=CL1.2 -Xclang -finclude-default-header -target nvptx64-nvidia-cuda -nogpulib \
        -Xclang -mlink-builtin-bitcode -Xclang $library -Xclang -target-cpu -Xclang "$2" -Xclang -target-feature -Xclang +ptx75 \
        -cl-fp32-correctly-rounded-divide-sqrt -ffp-contract=off -Wall -Werror -Wno-unused-function -Wno-linker-warnings -O3 -S -o "$1/$family.ptx" -
  done
}

if [ "${1:-}" != --check ]; then
  build "$here/ptx" "${chips[0]}"
  exit
fi

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
for chip in "${chips[@]}"; do
  build "$scratch/$chip" "$chip"
  for family in $(families); do
    ptx="$scratch/$chip/$family.ptx"
    grep -q "^\.target $chip\$" "$ptx" || { echo "$family.cl: not compiled for $chip"; exit 1; }
    [ "$(grep -c '^kernel ' "$here/$family.cl")" = "$(grep -c '^\.visible \.entry' "$ptx")" ] || { echo "$family.cl: kernels are missing for $chip"; exit 1; }
    # A function that nothing defines would fail when the driver loads it, and what is approximate would change results.
    if grep -nE '^\.extern +\.(func|global|const)|\.approx|\.ftz|\.full\.' "$ptx"; then echo "$family.cl: see above, for $chip"; exit 1; fi
  done
done
diff -r "$scratch/${chips[0]}" "$here/ptx" || { echo "Kernels/ptx is out of date: run Kernels/build-ptx.sh"; exit 1; }
echo "$(families | wc -w) kernel files as PTX for ${chips[*]}"
