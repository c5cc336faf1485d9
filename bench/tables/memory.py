#!/usr/bin/env python3
"""Peak memory of training and evaluating on files several times larger than what .NET's heap may hold. Prints Markdown.

Makes a CSV file of rows, an IDX file of images and a CSV table, trains a small model on each for some steps and evaluates it, with a hard
limit on the heap (DOTNET_GCHeapHardLimit): a process that needs more ends with an error. The peak is what the system counts as resident.
"""
import argparse
import datetime
import os
import random
import struct
import subprocess
import sys
import tempfile
import time

from measure import ROOT, table

EXECUTABLE = os.environ.get("LSTM_CLUSTER") or f"{ROOT}/src/Trainer.Cli/bin/Release/net10.0/lstm-cluster"
TRAINING = "training: { batch: 32, length: 64, shards: 8, steps: %d, validate: { every: 1000000 }, checkpoint: { every: 1000000 steps } }\n"


def rows(folder, size):
    """Sentences of sixteen words from 2,000, each with one of two classes."""
    draw = random.Random(1)
    words = [f"w{word}" for word in range(2000)]
    halves = [" ".join(draw.choices(words, k=8)) for _ in range(4096)]
    with open(f"{folder}/rows.csv", "w") as file:
        file.write("in,out\n")
        while file.tell() < size:
            file.write("".join(f"{one} {draw.choice(halves)},{'even' if len(one) % 2 == 0 else 'odd'}\n" for one in halves))
    return "classifier", "rows.csv", "format: csv, input: in, target: out, tokens: word, validation: 0.01", "embedding: 16, layers: [lstm: { units: 16 }], pooling: mean"


def images(folder, size):
    """Images of 28 x 28 bytes, of which 4,096 differ."""
    count, block = size // 784, random.Random(1).randbytes(784 * 4096)
    with open(f"{folder}/images", "wb") as file, open(f"{folder}/labels", "wb") as labels:
        file.write(struct.pack(">BBBBIII", 0, 0, 8, 3, count, 28, 28))
        labels.write(struct.pack(">BBBBI", 0, 0, 8, 1, count))
        for first in range(0, count, 4096):
            here = min(4096, count - first)
            file.write(block[:784 * here])
            labels.write(bytes(item % 10 for item in range(here)))
    return "classifier", "images", f"format: idx, targetSource: {folder}/labels, features: 28, validation: 0.01", "layers: [lstm: { units: 16 }]"


def series(folder, size):
    """Four series that take turns, of a number to tell, two that are known only for the past, a word and a date."""
    draw, day, row = random.Random(1), datetime.datetime(1900, 1, 1), 0
    with open(f"{folder}/table.csv", "w") as file:
        file.write("place,when,y,wind,rain,sky\n")
        while file.tell() < size:
            lines = []
            for _ in range(4096):
                when = day + datetime.timedelta(minutes=row // 4)
                lines.append(f"{'nsew'[row % 4]},{when:%Y-%m-%d %H:%M},{draw.random():.4f},{draw.random():.3f},{row % 97 / 10},{'clear' if row % 3 else 'cloud'}\n")
                row += 1
            file.write("".join(lines))
    columns = "numeric: { name: y, role: target }, numeric: { name: wind, role: past }, numeric: { name: rain, role: past, missing: mean }, " \
              "categorical: { name: sky, role: past }, date: { name: when, format: \"yyyy-MM-dd HH:mm\", features: [hour, weekday] }"
    return "{ forecaster: { context: 24, horizon: 4, relativeTo: last } }", "table.csv", \
        f"format: csv, series: place, columns: [{columns}], validation: 0.01", "layers: [lstm: { units: 16 }]"


def run(limit, folder, *arguments):
    """Seconds and peak in bytes of a command."""
    environment = {**os.environ, "DOTNET_GCHeapHardLimit": hex(limit), "XDG_CACHE_HOME": f"{folder}/cache"}
    begun = time.monotonic()
    process = subprocess.Popen([EXECUTABLE, *arguments], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{' '.join(arguments)} ended with {process.returncode}:\n{output}")
    return time.monotonic() - begun, usage.ru_maxrss * 1024


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--file", type=int, default=600, help="megabytes of each file")
    arguments.add_argument("--heap", type=int, default=200, help="megabytes that the heap may hold")
    arguments.add_argument("--steps", type=int, default=50, help="steps to train")
    arguments.add_argument("--only", choices=["rows", "images", "series"], help="one of the kinds")
    arguments.add_argument("--folder", help="where files are made and removed; by default the system's for temporary ones")
    a = arguments.parse_args()
    found = []
    for kind in (rows, images, series):
        if a.only and kind.__name__ != a.only:
            continue
        with tempfile.TemporaryDirectory(dir=a.folder) as folder:
            task, source, data, model = kind(folder, a.file * 1_000_000)
            with open(f"{folder}/job.yaml", "w") as job:
                job.write(f"name: {kind.__name__}\ntask: {task}\ndata: {{ source: {folder}/{source}, {data} }}\nmodel: {{ {model} }}\n{TRAINING % a.steps}")
            size = os.path.getsize(f"{folder}/{source}")
            for verb, options in (("train", [f"{folder}/job.yaml", "--run", f"{folder}/run", "--workers", "2"]), ("eval", [f"{folder}/run"])):
                seconds, peak = run(a.heap * 1_000_000, folder, verb, *options)
                found.append([kind.__name__, verb, f"{size / 1e6:.0f}", str(a.heap), f"{peak / 1e6:.0f}", f"{seconds:.0f}"])
    table(["", "", "file MB", "heap at most MB", "peak MB", "s"], found)


main()
