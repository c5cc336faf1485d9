#!/usr/bin/env python3
"""This project beside PyTorch, and the LSTM's variants beside the plain layer. Prints Markdown.

  layer      GFLOP/s and fraction of the FMA peak at the layer's shapes, against PyTorch's best thread setting
  streaming  one sequence, forward only: milliseconds against PyTorch's, and the fraction of the read bandwidth
  variants   every variant, GRU and RNN included, each by its own operation count, against the plain LSTM
  slots      the layer on one thread and on all of them, against what the FMA peak gains
  step       a training step of examples/moby-dick.yaml, 2 workers, against PyTorch with DDP over gloo

Everything that is compared is measured by turns, several rounds of it; figures and ratios are medians over the rounds.
"""
import argparse, os
from measure import median, median_of, ours, peer, require_peer, rounds, table

LAYERS = ["64,64,1024,1024", "64,32,512,512", "32,16,256,256", "64,32,128,128"]
VARIANTS = ["plain", "peephole", "layer-norm", "recurrent-dropout", "zoneout", "projection", "coupled", "bidirectional", "gru", "rnn"]


def ratio(one, other, field):
    """Median over the rounds of the one's figure by the other's of the same round."""
    return f"{median([a[field] / b[field] for a, b in zip(one, other)]):.2f}"


def layer(a):
    extents = a.extents or LAYERS
    measured = rounds(a.rounds, lambda: [(ours("lstm", e, "--seconds", a.seconds)[0], peer("layer", e)[0]) for e in extents])
    rows = []
    for extent, pairs in zip(extents, measured):
        mine, theirs = zip(*pairs)
        rows.append([extent, f"{median_of(mine, 'gflops'):.1f}", f"{median_of(mine, 'fraction'):.2f}", f"{median_of(theirs, 'gflops'):.1f}",
                     ratio(mine, theirs, "gflops")])
    table(["LSTM layer T,N,D,H", "GFLOP/s", "fraction of the FMA peak", "PyTorch, best thread setting", "ratio"], rows)


def streaming(a):
    extents = a.extents or ["200,1,256,256"]
    measured = rounds(a.rounds, lambda: [(ours("lstm", e, "--seconds", a.seconds)[0], peer("layer", e)[0]) for e in extents])
    rows = []
    for extent, pairs in zip(extents, measured):
        mine, theirs = zip(*pairs)
        rows.append([extent, f"{median_of(mine, 'forward_ms'):.3f}", f"{median_of(mine, 'read_gbps'):.1f}", f"{median_of(mine, 'peak_read_gbps'):.1f}",
                     f"{median([m['read_gbps'] / m['peak_read_gbps'] for m in mine]):.2f}",
                     f"{median_of(theirs, 'ms'):.3f}", f"{median([t['ms'] / m['forward_ms'] for m, t in zip(mine, theirs)]):.2f}"])
    table(["One sequence T,N,D,H, forward only", "ms", "GB/s of U", "read bandwidth", "fraction of it", "PyTorch ms, best thread setting", "ratio"], rows)


def variants(a):
    for extent in a.extents or ["64,32,512,512"]:
        measured = rounds(a.rounds, lambda: [ours("lstm", extent, "--variant", v, "--seconds", a.seconds)[0] for v in VARIANTS])
        # Each by the peak of its own process, so that a change of clock rate between two of them does not count.
        table([f"Variant at {extent}", "GFLOP/s", "fraction of the FMA peak", "of the plain layer", "allocated bytes"],
              [[name, f"{median_of(found, 'gflops'):.1f}", f"{median_of(found, 'fraction'):.2f}", ratio(found, measured[0], "fraction"),
                max(f["allocated_bytes"] for f in found)]
               for name, found in zip(VARIANTS, measured)])


def slots(a):
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    rows = []
    for extent in a.extents or ["64,32,512,512"]:
        one, every = rounds(a.rounds, lambda: [ours("lstm", extent, "--slots", s, "--seconds", a.seconds)[0] for s in (1, cores)])
        gains = [(e["gflops"] / o["gflops"], e["peak_gflops"] / o["peak_gflops"]) for o, e in zip(one, every)]
        rows.append([extent, f"{median_of(one, 'gflops'):.1f}", f"{median_of(every, 'gflops'):.1f}", f"{median([g for g, _ in gains]):.2f}",
                     f"{median([p for _, p in gains]):.2f}", f"{median([g / p for g, p in gains]):.2f}"])
    table(["LSTM layer T,N,D,H", "GFLOP/s, 1 slot", f"{cores} slots", "gain", "gain of the FMA peak", "of it"], rows)


def step(a):
    arguments = ["step", "examples/moby-dick.yaml", "--workers", 2]
    mine, theirs = rounds(a.rounds, lambda: [ours(*arguments)[-1], peer("train", "--workers", 2)[0]])
    table(["Training step", "tokens/s", "PyTorch, DDP over gloo", "ratio"],
          [["moby-dick, 2 workers", f"{median_of(mine, 'tokens_per_second'):,.0f}", f"{median_of(theirs, 'tokens_per_second'):,.0f}",
            ratio(mine, theirs, "tokens_per_second")]])


def main():
    modes = {"layer": layer, "streaming": streaming, "variants": variants, "slots": slots, "step": step}
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("modes", nargs="*", metavar="MODE", help=f"{', '.join(modes)}; all without any")
    p.add_argument("--rounds", type=int, default=3, help="rounds by turns (3)")
    p.add_argument("--seconds", type=float, default=1.0, help="how long a round measures each layer of ours at least (1)")
    p.add_argument("--extents", nargs="+", metavar="T,N,D,H", help="other extents than those of the documentation")
    a = p.parse_args()
    unknown = [mode for mode in a.modes if mode not in modes]
    if unknown:
        p.error(f"a mode must be {', '.join(modes)}, got \"{unknown[0]}\"")
    chosen = a.modes or list(modes)
    if {"layer", "streaming", "step"} & set(chosen):
        require_peer()
    for mode in chosen:
        modes[mode](a)


if __name__ == "__main__":
    main()
