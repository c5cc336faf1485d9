#!/usr/bin/env python3
"""The PyTorch peer of bench/gpu.sh: one nn.LSTM layer on a GPU (cuDNN on NVIDIA's), or on the processor. Prints one JSON object a line.

  torch_gpu.py layer T,N,D,H ... --precision fp32|tf32|bf16   forward (inference), and forward + full backward (dX, dW, dU, db)
  torch_gpu.py peak                                           a large matrix product in each precision: what the chip can do
  torch_gpu.py serve                                          for each line `T,N,D,H precision seconds` of standard input what `layer` prints for it, or
                                                              {"absent": why}: torch takes longer to load than to measure

A sample is as many passes one after the other as take 5 ms, and then one wait for the device, as `lstm-cluster bench lstm --device` does it; the
median of the samples is shown. Numbers are random, never zeros.
"""
import argparse, json, statistics, sys, time
import torch
from torch import nn

SAMPLE_SECONDS, LEAST_SAMPLES, MOST_PASSES, WARM_UP_PASSES = 0.005, 7, 1000, 3


def wait(device):
    if device == "cuda":
        torch.cuda.synchronize()


def repeat(action, count, device):
    start = time.perf_counter()
    for _ in range(count):
        action()
    wait(device)
    return (time.perf_counter() - start) / count


def measure(action, seconds, device):
    start, warm = time.perf_counter(), 0
    while warm < WARM_UP_PASSES or time.perf_counter() - start < seconds / 2:
        repeat(action, 1, device)
        warm += 1
    count = int(min(max(SAMPLE_SECONDS / repeat(action, 1, device), 1), MOST_PASSES))
    repeat(action, count, device)
    samples, start = [], time.perf_counter()
    while len(samples) < LEAST_SAMPLES or time.perf_counter() - start < seconds:
        samples.append(repeat(action, count, device))
    return statistics.median(samples)


def use(precision):
    """Sets what matrix products round to; the type that operands have."""
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = precision == "tf32"
    return torch.bfloat16 if precision == "bf16" else torch.float32


def name(device):
    return f"torch {torch.__version__}" + (f", cuDNN {torch.backends.cudnn.version()}, {torch.cuda.get_device_name()}" if device == "cuda" else ", processor")


def measured(extent, precision, seconds, device):
    T, N, D, H = map(int, extent.split(","))
    kind = use(precision)
    torch.manual_seed(0)
    lstm = nn.LSTM(D, H).to(device, kind)
    x = torch.randn(T, N, D, device=device, dtype=kind, requires_grad=True)
    g = torch.randn(T, N, H, device=device, dtype=kind)

    def forward():
        with torch.inference_mode():
            lstm(x)

    def forward_and_backward():
        lstm.zero_grad(set_to_none=True)
        x.grad = None
        lstm(x)[0].backward(g)

    return {"peer": name(device), "T": T, "N": N, "D": D, "H": H, "precision": precision,
            "forward_ms": measure(forward, seconds, device) * 1e3, "forward_backward_ms": measure(forward_and_backward, seconds, device) * 1e3}


def layer(a):
    for extent in a.extents:
        print(json.dumps(measured(extent, a.precision, a.seconds, a.device)), flush=True)


def serve(a):
    for line in sys.stdin:
        extent, precision, seconds = line.split()
        try:
            answer = measured(extent, precision, float(seconds), a.device)
        except RuntimeError as error:
            answer = {"absent": str(error).splitlines()[0]}
        print(json.dumps(answer), flush=True)


def peak(a):
    size = 256 if a.tiny or a.device != "cuda" else 8192
    for precision in ("fp32", "tf32", "bf16") if a.device == "cuda" else ("fp32",):
        kind = use(precision)
        left, right = (torch.randn(size, size, device=a.device, dtype=kind) for _ in range(2))
        seconds = measure(lambda: left @ right, 0.02 if a.tiny else 0.5, a.device)
        print(json.dumps({"peer": name(a.device), "precision": precision, "gflops": 2 * size**3 / seconds / 1e9}), flush=True)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    sub = p.add_subparsers(dest="mode", required=True)
    l = sub.add_parser("layer")
    l.add_argument("extents", nargs="+", metavar="T,N,D,H")
    l.add_argument("--precision", choices=["fp32", "tf32", "bf16"], default="fp32")
    l.add_argument("--seconds", type=float, default=0.5)
    k = sub.add_parser("peak")
    k.add_argument("--tiny", action="store_true")
    v = sub.add_parser("serve")
    for mode in (l, k, v):
        mode.add_argument("--device", choices=["cuda", "cpu"], default="cuda")
    a = p.parse_args()
    {"layer": layer, "peak": peak, "serve": serve}[a.mode](a)


if __name__ == "__main__":
    main()
