"""Prints tables of what a run costs beyond its mathematics: processes, checkpoints, determinism; and two worker processes beside PyTorch's.

Each row compares two ways to train the main example that are measured by turns; figures are medians over the rounds, a ratio is the median of the
rounds' ratios. Nothing else should run on the machine.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import tempfile

from measure import peer, require_peer

CLI = os.path.join("src", "Trainer.Cli", "bin", "Release", "net10.0", "lstm-cluster")
JOB = os.path.join("examples", "moby-dick.yaml")


def tokens_per_second(process, whole):
    """Tokens a second of a run that prints events: of the whole run, or the median of the second half's steps, when everything is compiled."""
    steps, last = [], None
    for line in process.stdout:
        event = json.loads(line)
        if event["event"] == "step":
            steps.append(event["tokens_per_second"])
        elif event["event"] == "finished":
            last = event
    if process.wait() != 0 or last is None:
        raise SystemExit(f"{' '.join(process.args)} did not finish")
    return last["tokens_per_second"] if whole else statistics.median(steps[len(steps) // 2:])


def start_training(run, settings, *options):
    command = [CLI, "train", JOB, "--json", "--run", run, "--set", "data.validation=0.001"]
    for setting in settings:
        command += ["--set", setting]
    return subprocess.Popen(command + list(options), stdout=subprocess.PIPE, text=True)


def one_process(run, settings, whole=False):
    return tokens_per_second(start_training(run, settings, "--workers", "2"), whole)


def worker_processes(run, settings, slots=1, processes=2):
    """A coordinator and workers as processes of their own, over loopback."""
    coordinator = start_training(
        run, settings, "--workers", "0", "--min-workers", str(processes * slots), "--listen", "127.0.0.1:0")
    workers = []
    try:
        for line in iter(coordinator.stdout.readline, ""):
            event = json.loads(line)
            if event["event"] == "listening":
                break
        for _ in range(processes):
            workers.append(subprocess.Popen(
                [CLI, "worker", "--coordinator", event["address"], "--slots", str(slots)], stdout=subprocess.DEVNULL))
        return tokens_per_second(coordinator, whole=False)
    finally:
        for worker in workers:
            worker.wait(timeout=30)


def two_ranks():
    """PyTorch with DDP over gloo, a process for each of two ranks."""
    return peer("train", "--workers", 2)[0]["tokens_per_second"]


def compare(rounds, first, second):
    """Medians of two ways to train, and of second/first, measured by turns."""
    pairs = []
    for number in range(rounds + 1):
        folder = tempfile.mkdtemp()
        try:
            ways = [(0, first), (1, second)]
            found = [0.0, 0.0]
            for index, way in ways if number % 2 == 0 else reversed(ways):
                found[index] = way(os.path.join(folder, str(index)))
        finally:
            shutil.rmtree(folder)
        if number > 0:  # the first round warms up
            pairs.append(found)
    return (statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs), statistics.median(b / a for a, b in pairs))


def row(name, asked, figures):
    print(f"| {name} | {figures[0]:,.0f} | {figures[1]:,.0f} | {figures[2]:.3f} | {asked} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tables", nargs="*", choices=["processes", "checkpoint", "determinism", "ddp", []])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=200)
    options = parser.parse_args()
    tables = options.tables or ["processes", "checkpoint", "determinism", "ddp"]
    if "ddp" in tables:
        require_peer()
    steps = [f"training.steps={options.steps}", "training.checkpoint.every=1h"]
    print("| what | tokens/s without | tokens/s with | ratio | asked |")
    print("| --- | ---: | ---: | ---: | ---: |")
    if "processes" in tables:
        row("two slots in one process; two worker processes over loopback", "0.90",
            compare(options.rounds, lambda run: one_process(run, steps), lambda run: worker_processes(run, steps)))
    if "checkpoint" in tables:
        # Long enough for several checkpoints.
        longer = [f"training.steps={options.steps * 10}"]
        row("no checkpoints; one every 10 s", "0.99",
            compare(max(1, options.rounds // 2),
                    lambda run: one_process(run, longer + ["training.checkpoint.every=1h"], whole=True),
                    lambda run: one_process(run, longer + ["training.checkpoint.every=10s"], whole=True)))
    if "determinism" in tables:
        # With a shard for each worker nothing is left of virtual workers: one product for each weight matrix, sums in the order in which workers finish.
        row("a shard for each of two workers; eight shards", "0.97",
            compare(options.rounds, lambda run: one_process(run, steps + ["training.shards=2"]), lambda run: one_process(run, steps)))
    if "ddp" in tables:
        row("PyTorch with DDP over gloo, two ranks; two worker processes over loopback", "3.0",
            compare(options.rounds, lambda run: two_ranks(), lambda run: worker_processes(run, steps)))


if __name__ == "__main__":
    main()
