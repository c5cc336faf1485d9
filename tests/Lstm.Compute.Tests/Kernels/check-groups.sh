#!/usr/bin/env bash
# Runs the kernels of lstm_sequence.cl as a GPU does that runs all work-groups at the same time: every work-item is a thread of this machine, and the groups wait for
# each other as they do there. All steps in one launch must leave the bits of a launch a step. No OpenCL device of a processor can show that, since it runs one group after
# the other. Needs clang-16.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
kernels="$here/../../../src/Lstm.Compute/Kernels"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cat >"$scratch/threads.h" <<'TEXT'
void next_thread(void);
#define ALL_GROUPS_RUN
#define FENCE_FOR_GROUPS __atomic_thread_fence(__ATOMIC_ACQ_REL)
#define ADD_FOR_GROUPS(counter, adds, before) before = __atomic_fetch_add((uint*)(size_t)(counter), adds, __ATOMIC_ACQ_REL)
#define READ_OF_GROUPS(counter, now) (next_thread(), now = __atomic_load_n((uint*)(size_t)(counter), __ATOMIC_ACQUIRE))
TEXT
cat "$scratch/threads.h" "$kernels"/{common,transcendental,lstm_cell,lstm_sequence}.cl |
  clang-16 -x cl -cl-std=CL1.2 -Xclang -finclude-default-header -target x86_64-linux-gnu -ffp-contract=off -O1 -w -c -o "$scratch/kernels.o" -
clang-16 -x c++ -std=c++17 -ffp-contract=off -O1 -w -o "$scratch/check" "$here/groups.cpp" -x none "$scratch/kernels.o" -lstdc++ -lpthread -lm
"$scratch/check"
