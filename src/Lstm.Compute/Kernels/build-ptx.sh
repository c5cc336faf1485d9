#!/usr/bin/env bash
# Compiles every kernel file ahead of time to PTX, so that a user with an NVIDIA GPU needs the driver and nothing else.
#   build-ptx.sh           writes ptx/*.ptx, for compute capability 7.0, and where there are products ptx/*.tf32.ptx and ptx/*.bf16.ptx for 8.0, whose
#                          tensor cores take these: the driver compiles that for every later chip when it loads it
#   build-ptx.sh --check   fails when ptx/ is out of date, or a kernel does not compile for one of the chips below
# Needs Debian's clang-16 and libclc-16.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
library=/usr/lib/clc/nvptx64--nvidiacl.bc
headers=(common transcendental philox norm_row positions tile lstm_cell)
chips=(sm_70 sm_80 sm_90)
tensor_chips=(sm_80 sm_90)

families() {
  local file
  for file in "$here"/*.cl; do
    file=$(basename "$file" .cl)
    [[ " ${headers[*]} " == *" $file "* ]] || echo "$file"
  done
}

# Source file, chip, options.
compile() {
  local name
  for name in "${headers[@]}" "$1"; do cat "$here/$name.cl"; done |
    clang-16 -x cl -cl-std=CL1.2 -Xclang -finclude-default-header -target nvptx64-nvidia-cuda -nogpulib \
      -Xclang -mlink-builtin-bitcode -Xclang $library -Xclang -target-cpu -Xclang "$2" -Xclang -target-feature -Xclang +ptx75 \
      -cl-fp32-correctly-rounded-divide-sqrt -ffp-contract=off -Wall -Werror -Wno-unused-function -Wno-linker-warnings -O3 -S "${@:3}" -
}

# Folder, chip for single precision, chip for the others ("" for none).
build() {
  local family
  mkdir -p "$1"
  for family in $(families); do
    compile "$family" "$2" -o "$1/$family.ptx"
    if [ -z "$3" ] || ! grep -q _PRODUCT "$here/$family.cl"; then continue; fi
    compile "$family" "$3" -DTF32 -o "$1/$family.tf32.ptx"
    compile "$family" "$3" -DBF16 -o "$1/$family.bf16.ptx"
  done
}

if [ "${1:-}" != --check ]; then
  rm -f "$here"/ptx/*.ptx
  build "$here/ptx" "${chips[0]}" "${tensor_chips[0]}"
  exit
fi

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
for chip in "${chips[@]}"; do
  tensor_chip=$chip
  [[ " ${tensor_chips[*]} " == *" $chip "* ]] || tensor_chip=
  build "$scratch/$chip" "$chip" "$tensor_chip"
  for ptx in "$scratch/$chip"/*.ptx; do
    file=$(basename "$ptx" .ptx)
    grep -q "^\.target $chip\$" "$ptx" || { echo "$file: not compiled for $chip"; exit 1; }
    [ "$(grep -c '^kernel ' "$here/${file%%.*}.cl")" = "$(grep -c '^\.visible \.entry' "$ptx")" ] || { echo "$file: kernels are missing for $chip"; exit 1; }
    # A function that nothing defines would fail when the driver loads it, and what is approximate would change results.
    if grep -nE '^\.extern +\.(func|global|const)|\.approx|\.ftz|\.full\.' "$ptx"; then echo "$file: see above, for $chip"; exit 1; fi
    # What is said to use tensor cores does.
    if [[ $file == *.* ]] && ! grep -q 'mma\.sync' "$ptx"; then echo "$file: no tensor cores are used for $chip"; exit 1; fi
  done
done
build "$scratch/kept" "${chips[0]}" "${tensor_chips[0]}"
diff -r "$scratch/kept" "$here/ptx" || { echo "Kernels/ptx is out of date: run Kernels/build-ptx.sh"; exit 1; }
echo "$(families | wc -w) kernel files as PTX for ${chips[*]}, with tensor cores for ${tensor_chips[*]}"
