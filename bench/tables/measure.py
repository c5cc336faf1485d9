"""What the benchmark tables share: running commands by turns, medians over the rounds, Markdown.

Other work on the machine meets everything that is compared alike, because each round measures all of it once, one after the other;
ratios are taken within a round, and the median over the rounds is shown.
"""
import json, os, shutil, statistics, subprocess, sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PEER_PYTHON = "/usr/bin/python3"


def objects(command):
    """Runs a command; its JSON lines as dictionaries."""
    done = subprocess.run(command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} failed:\n{done.stderr}")
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def program(*arguments):
    """`lstm-cluster` with these arguments; LSTM_CLUSTER may name another build's executable."""
    other = os.environ.get("LSTM_CLUSTER")
    command = [other] if other else ["dotnet", os.path.join(ROOT, "src/Trainer.Cli/bin/Release/net10.0/lstm-cluster.dll")]
    return objects([*command, *map(str, arguments), "--json"])


def ours(*arguments):
    """`lstm-cluster bench` with these arguments."""
    return program("bench", *arguments)


def peer(*arguments):
    """PyTorch with the same work, in Debian's Python."""
    return objects([PEER_PYTHON, os.path.join(ROOT, "bench/peers/torch_peer.py"), *map(str, arguments)])


def require_peer():
    if not shutil.which(PEER_PYTHON) or subprocess.run([PEER_PYTHON, "-c", "import torch"], stderr=subprocess.DEVNULL).returncode != 0:
        sys.exit(f"{PEER_PYTHON} has no torch (Debian: python3-torch)")


def rounds(count, measure):
    """`measure()` so many times, each returning a list; the lists turned round: what each item was in every round."""
    return [list(item) for item in zip(*(measure() for _ in range(count)))]


def median(values):
    return statistics.median(values)


def median_of(results, field):
    return median([result[field] for result in results])


def milliseconds(result):
    """Forward and, where there is one, backward."""
    return result["forward_ms"] + (result["backward_ms"] or 0)


def table(heads, rows):
    """Prints a Markdown table, the first column of words and the others of numbers."""
    print("| " + " | ".join(heads) + " |")
    print("| --- |" + " ---: |" * (len(heads) - 1))
    for row in rows:
        print("| " + " | ".join(map(str, row)) + " |", flush=True)
    print(flush=True)
