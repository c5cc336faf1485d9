"""What the twins of the examples share: which rows are held out, what layers start from, how the rate changes, which rows stand in a batch together."""
import hashlib, math
import torch
from torch import nn


def part_of(key: bytes, validation: float, test: float = 0.0) -> str:
    """The part that a row belongs to: the first eight bytes of the SHA-256 of its key, as a little-endian fraction of 2^64 (docs/job-file.md, "What is held out")."""
    place = int.from_bytes(hashlib.sha256(key).digest()[:8], "little") / 2 ** 64
    return "validation" if place < validation else "test" if place < validation + test else "training"


def like_ours(lstm: nn.LSTM) -> nn.LSTM:
    """One bias a gate instead of two, and a forget gate that begins open."""
    units = lstm.hidden_size
    for name, weight in lstm.named_parameters():
        if name.startswith("bias_hh"):
            nn.init.zeros_(weight)
            weight.requires_grad_(False)
        elif name.startswith("bias_ih"):
            weight.data[units:2 * units] = 1.0
    return lstm


def cosine(step: int, steps: int, warmup: int = 0) -> float:
    """Factor of the rate in a step, counted from 0 (docs/job-file.md, "Schedules")."""
    if step < warmup:
        return (step + 1) / warmup
    return (1 + math.cos(math.pi * min(1.0, (step - warmup) / (steps - warmup)))) / 2


def passes(count: int, batch: int, lengths=None, bucketing: int = 0):
    """Rows of each step, pass after pass: a shuffle, cut into batches; with `bucketing` the rows of so many batches are sorted by length before they are cut."""
    while True:
        order = torch.randperm(count).tolist()
        if bucketing:
            group = bucketing * batch
            order = [row for first in range(0, count, group) for row in sorted(order[first:first + group], key=lengths.__getitem__)]
        cuts = [order[first:first + batch] for first in range(0, count, batch)]
        for index in torch.randperm(len(cuts)).tolist():
            yield cuts[index]
