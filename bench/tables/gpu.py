#!/usr/bin/env python3
"""LSTM layers on a GPU beside PyTorch (cuDNN on NVIDIA's), each extent in fp32, tf32 and bf16. Prints Markdown; all figures as JSON lines with --out.

For each extent and precision the two are measured by turns, several rounds of it; medians over the rounds, ratios within a round (PyTorch's time by
ours: above 1 we are faster). Forward is inference, forward and backward is training with dX and all parameters' gradients. Operations: 2*T*N*(D+H)*4H
forward, three times that with backward; the peak is that of a large matrix product of PyTorch's in the same precision on the same device.
What a device cannot compute in is said in its place. With the first round our results are compared with the processor's.
"""
import argparse, json, os, subprocess, sys, time
from measure import ROOT, median, median_of, objects

# In the order in which figures are wanted, should time be short.
EXTENTS = ["25,16,512,512", "25,64,1024,1024", "1024,16,768,768", "64,32,512,512", "25,128,2048,2048"]
TINY = ["3,2,5,7", "6,4,16,16"]
PRECISIONS = ["fp32", "tf32", "bf16"]

# What one of our commands may take: a kernel that never ends must not cost the other figures.
MOST_SECONDS = 90

# What the rounding of operands makes of the distance to the processor's result, in parts of its norm.
TOLERANCE = {"fp32": 1e-3, "tf32": 1e-2, "bf16": 5e-2}


def ours(extent, precision, a, check):
    """Our figures, or why there are none."""
    command = [os.environ["LSTM_CLUSTER"], "bench", "lstm", extent, "--device", a.device, "--precision", precision, "--seconds", str(a.seconds), "--json"]
    try:
        done = subprocess.run(
            command + (["--check"] if check else []), cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=MOST_SECONDS)
    except subprocess.TimeoutExpired:
        return {"absent": f"not done after {MOST_SECONDS} s", "failed": True}
    if done.returncode == 0:
        return json.loads(done.stdout)
    # A precision that the device lacks is an answer; no device, or anything else, is a failure.
    return {"absent": done.stderr.strip(), "failed": done.returncode != 2 or "--precision:" not in done.stderr}


def torch_of(python, place):
    """Why a Python has no PyTorch for a place; None where it has."""
    look = f"import torch; torch.zeros(1, device='{place}')"
    try:
        done = subprocess.run([python, "-c", look], text=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    except OSError as error:
        return str(error)
    return None if done.returncode == 0 else (done.stderr.strip().splitlines() or ["no reason"])[-1]


PEER_SCRIPT = os.path.join(ROOT, "bench/peers/torch_gpu.py")


class Peer:
    """PyTorch in one process, asked for one layer after the other: it takes longer to load than to measure."""

    def __init__(self, python, place):
        command = [python, PEER_SCRIPT, "serve", "--device", place]
        self._process = subprocess.Popen(command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)

    def layer(self, extent, precision, seconds):
        """Its figures, or why there are none."""
        try:
            self._process.stdin.write(f"{extent} {precision} {seconds}\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except OSError:
            line = ""
        return json.loads(line) if line else {"absent": "PyTorch's process ended"}

    def close(self):
        try:
            self._process.stdin.close()
        except OSError:
            pass
        self._process.wait()


def cell(results, field, form):
    if not results:
        return "-"
    value = median_of(results, field)
    return format(int(value) if form == "d" else value, form)


def ratio(theirs, mine, field):
    return f"{median([t[field] / m[field] for t, m in zip(theirs, mine)]):.2f}" if theirs and mine else "-"


def row(extent, precision, mine, theirs, peak):
    t, n, d, h = map(int, extent.split(","))
    gflop = 6 * t * n * (d + h) * 4 * h / 1e9

    def of_peak(results):
        return f"{gflop / median_of(results, 'forward_backward_ms') * 1e3 / peak:.3f}" if results and peak else "-"

    return [extent, precision,
            cell(mine, "forward_ms", ".3f"), cell(mine, "forward_us_per_step", ".1f"), cell(mine, "forward_launches", "d"),
            cell(theirs, "forward_ms", ".3f"), ratio(theirs, mine, "forward_ms"),
            cell(mine, "forward_backward_ms", ".3f"), cell(mine, "forward_backward_us_per_step", ".1f"), cell(mine, "forward_backward_launches", "d"),
            cell(theirs, "forward_backward_ms", ".3f"), ratio(theirs, mine, "forward_backward_ms"), of_peak(mine), of_peak(theirs),
            format(mine[0]["error"], ".1e") if mine else "-"]


HEADS = ["LSTM T,N,D,H", "precision", "forward ms", "us/step", "launches", "PyTorch ms", "ratio",
         "forward+backward ms", "us/step", "launches", "PyTorch ms", "ratio", "of the peak", "PyTorch's", "error"]


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("extents", nargs="*", metavar="T,N,D,H", help=f"default: {' '.join(EXTENTS)}")
    p.add_argument("--device", default="cuda:0", help="where (cuda:0); PyTorch has its first GPU for cuda devices, and the processor for others")
    p.add_argument("--precisions", default=",".join(PRECISIONS), help="which of fp32, tf32, bf16")
    p.add_argument("--rounds", type=int, default=3, help="rounds by turns (3)")
    p.add_argument("--seconds", type=float, default=0.5, help="how long each pass is measured in a round (0.5)")
    p.add_argument("--tiny", action="store_true", help="small extents, one round, short times")
    p.add_argument("--limit", type=float, default=float("inf"), help="begin nothing after so many seconds (no limit); what is left out is named")
    p.add_argument("--no-peer", action="store_true", help="without PyTorch")
    p.add_argument("--out", default=None, help="folder for the figures, gpu.jsonl")
    a = p.parse_args()
    if a.tiny:
        a.rounds, a.seconds = 1, 0.02
    extents, precisions = a.extents or (TINY if a.tiny else EXTENTS), a.precisions.split(",")
    if "LSTM_CLUSTER" not in os.environ:
        sys.exit("LSTM_CLUSTER must name the lstm-cluster executable; bench/gpu.sh does that")
    start, place = time.monotonic(), "cuda" if a.device.startswith("cuda") else "cpu"
    log = open(os.path.join(a.out, "gpu.jsonl"), "w") if a.out else None
    peer, peaks = None, {}
    if not a.no_peer:
        reasons, python = {}, None
        for candidate in ("python3", "/usr/bin/python3"):
            reasons[candidate] = torch_of(candidate, place)
            if reasons[candidate] is None:
                python = candidate
                break
        if python is None:
            print("\nNo peer. " + "; ".join(f"{python}: {reason}" for python, reason in reasons.items()) + "\n", flush=True)
        else:
            found = objects([python, PEER_SCRIPT, "peak", "--device", place, *(["--tiny"] if a.tiny else [])])
            peer, peaks = Peer(python, place), {one["precision"]: one for one in found}
            print(f"\nPeer: {found[0]['peer']}. Peak of a matrix product, TFLOP/s: "
                  + ", ".join(f"{name} {one['gflops'] / 1e3:.1f}" for name, one in peaks.items()) + "\n", flush=True)
    print("| " + " | ".join(HEADS) + " |\n| --- | --- |" + " ---: |" * (len(HEADS) - 2), flush=True)
    absent, wrong, left_out = {}, [], []
    for extent in extents:
        for precision in precisions:
            mine, theirs = [], []
            if time.monotonic() - start > a.limit:
                left_out.append(f"{extent} {precision}")
                continue
            for turn in range(a.rounds):
                if turn > 0 and time.monotonic() - start > a.limit:
                    break
                if precision not in absent:
                    found = ours(extent, precision, a, check=turn == 0)
                    if "absent" not in found:
                        mine.append(found)
                    elif found["failed"]:
                        wrong.append(f"{extent} {precision}: {found['absent']}")
                        break
                    else:
                        absent[precision] = found["absent"]
                if peer and precision in peaks:
                    found = peer.layer(extent, precision, a.seconds)
                    if "absent" in found:
                        absent[f"PyTorch, {extent} {precision}"] = found["absent"]
                    else:
                        theirs.append(found)
            for found in mine + theirs:
                if log:
                    print(json.dumps({"extent": extent, **found}), file=log, flush=True)
            if mine and not mine[0]["error"] <= TOLERANCE[precision]:
                wrong.append(f"{extent} {precision}: the error is {mine[0]['error']}")
            peak = peaks[precision]["gflops"] if precision in peaks else None
            print("| " + " | ".join(row(extent, precision, mine, theirs[:len(mine)] if mine else theirs, peak)) + " |", flush=True)
    if peer:
        peer.close()
    print()
    if left_out:
        print("Left out, for want of time: " + ", ".join(left_out))
    for precision, why in absent.items():
        print(f"{precision}: {why}")
    for line in wrong:
        print(f"WRONG: {line}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
