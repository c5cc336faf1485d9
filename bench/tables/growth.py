#!/usr/bin/env python3
"""How the cost of an LSTM layer grows: milliseconds against doublings of T, N and H, and memory against T with and without
gradient checkpointing over time. Prints Markdown.

  time     forward and backward, each extent of a table by turns, several rounds of it; medians over the rounds
  memory   what a layer reserves for a batch (activations, states, gradients) and what its kernels work in, and the time that recomputing costs
"""
import argparse
from measure import median, median_of, milliseconds, ours, rounds, table

# The extent that doublings start from, and how often each of T, N, H (and D with it) is doubled.
START, DOUBLINGS = (32, 8, 64, 64), {"T": 5, "N": 4, "H": 4}
MEMORY, MEMORY_DOUBLINGS, RECOMPUTE_STEPS = (64, 16, 128, 128), 5, 64


def doubled(extent, letter, times):
    """The extent with one of its letters doubled so many times; D goes with H."""
    t, n, d, h = extent
    factor = 2 ** times
    return {"T": (t * factor, n, d, h), "N": (t, n * factor, d, h), "H": (t, n, d * factor, h * factor)}[letter]


def text(extent):
    return ",".join(map(str, extent))


def measured(shapes, a, *arguments):
    """One result for each shape. The first shape runs twice, because it meets a process that is not warm yet."""
    return ours("lstm", shapes[0], *shapes, "--seconds", a.seconds, *arguments)[1:]


def time(a):
    for letter, most in DOUBLINGS.items():
        extents = [doubled(a.start or START, letter, times) for times in range(min(most, a.doublings) + 1)]
        found = rounds(a.rounds, lambda: measured(list(map(text, extents)), a))
        rows, before = [], None
        for extent, results in zip(extents, found):
            growth = "" if before is None else f"{median([milliseconds(r) / milliseconds(b) for r, b in zip(results, before)]):.2f}"
            rows.append([text(extent), f"{median_of(results, 'forward_ms'):.3f}", f"{median_of(results, 'backward_ms'):.3f}", growth,
                         f"{median_of(results, 'fraction'):.2f}"])
            before = results
        work = "4 times" if letter == "H" else "twice"
        table([f"{letter} doubles (work: {work})", "forward ms", "backward ms", "times the line before", "fraction of the FMA peak"], rows)


def memory(a):
    extents = [doubled(a.memory_start or MEMORY, "T", times) for times in range(min(MEMORY_DOUBLINGS, a.doublings) + 1)]
    shapes = list(map(text, extents))
    found = rounds(a.rounds, lambda: list(zip(
        measured(shapes, a), measured(shapes, a, "--recompute", a.recompute))))
    rows = []
    for shape, pairs in zip(shapes, found):
        keeps, recomputes = zip(*pairs)
        rows.append([shape, *(f"{results[0][field] / 1e6:.2f}" for results in (keeps, recomputes) for field in ("activation_bytes", "working_bytes")),
                     f"{recomputes[0]['activation_bytes'] / keeps[0]['activation_bytes']:.2f}",
                     f"{median([milliseconds(k) for k in keeps]):.2f}", f"{median([milliseconds(r) for r in recomputes]):.2f}",
                     f"{median([milliseconds(r) / milliseconds(k) for k, r in pairs]):.2f}"])
    table(["T doubles", "activations MB", "working MB", f"recomputing every {a.recompute} steps: activations MB", "working MB", "of the memory",
           "ms", "recomputing: ms", "of the time"], rows)


def extent(typed):
    numbers = tuple(map(int, typed.split(",")))
    if len(numbers) != 4:
        raise argparse.ArgumentTypeError("an extent is T,N,D,H")
    return numbers


def main():
    modes = {"time": time, "memory": memory}
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("modes", nargs="*", metavar="MODE", help=f"{', '.join(modes)}; both without any")
    p.add_argument("--rounds", type=int, default=3, help="rounds by turns (3)")
    p.add_argument("--seconds", type=float, default=0.5, help="how long a round measures each extent at least (0.5)")
    p.add_argument("--doublings", type=int, default=8, help="doublings at most")
    p.add_argument("--recompute", type=int, default=RECOMPUTE_STEPS, help=f"steps that are recomputed at a time ({RECOMPUTE_STEPS})")
    p.add_argument("--start", type=extent, metavar="T,N,D,H", help=f"where the doublings of time start ({text(START)})")
    p.add_argument("--memory-start", type=extent, metavar="T,N,D,H", help=f"where those of memory start ({text(MEMORY)})")
    a = p.parse_args()
    unknown = [mode for mode in a.modes if mode not in modes]
    if unknown:
        p.error(f"a mode must be {' or '.join(modes)}, got \"{unknown[0]}\"")
    for mode in a.modes or modes:
        modes[mode](a)


if __name__ == "__main__":
    main()
