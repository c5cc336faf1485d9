#!/usr/bin/python3
"""Writes the golden files of whole sequence models beside this script with PyTorch, in float64. See README.md."""
import math

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from generate import draw, save, single

T, N, D, H, O = 5, 4, 3, 6, 4
LENGTHS = [5, 2, 4, 1]
SMOOTHING, DELTA = 0.125, 0.75


def parameters(module, generator):
    for name, parameter in module.named_parameters():
        values = draw(generator, *parameter.shape, limit=1 / math.sqrt(parameter.shape[-1]))
        # One bias vector is enough for an LSTM; a GRU's second one stands behind the reset gate.
        parameter.data = torch.zeros_like(values) if isinstance(module, nn.LSTM) and name.startswith("bias_hh") else values
    return module


def layer(module, x):
    """Over ragged rows; zeros where a row has ended, as PyTorch leaves them."""
    y, _ = module(nn.utils.rnn.pack_padded_sequence(x, LENGTHS, enforce_sorted=False))
    return nn.utils.rnn.pad_packed_sequence(y, total_length=T)[0]


def pooled(kind, y):
    pool = {"last": lambda rows: rows[-1], "mean": lambda rows: rows.mean(0), "max": lambda rows: rows.max(0).values}[kind]
    return torch.stack([pool(y[:length, row]) for row, length in enumerate(LENGTHS)])


def targets(generator, loss, positions, outputs):
    if loss in ("cross-entropy", "smoothed"):
        classes = torch.randint(outputs, (positions,), generator=generator)
        classes[0] = -1
        return classes
    values = draw(generator, positions, outputs, limit=2 if loss == "huber" else 1)
    return values.abs() if loss == "binary" else values


def losses(loss, outputs, wanted):
    """Of each position."""
    return {
        "cross-entropy": lambda: functional.cross_entropy(outputs, wanted, ignore_index=-1, reduction="none"),
        "smoothed": lambda: functional.cross_entropy(outputs, wanted, ignore_index=-1, label_smoothing=SMOOTHING, reduction="none"),
        "binary": lambda: functional.binary_cross_entropy_with_logits(outputs, wanted, reduction="none").sum(1),
        "squared": lambda: functional.mse_loss(outputs, wanted, reduction="none").sum(1),
        "huber": lambda: functional.huber_loss(outputs, wanted, delta=DELTA, reduction="none").sum(1),
    }[loss]()


def finish(name, scalars, tensors, named, outputs, wanted, loss, counts):
    positions = losses(loss, outputs, wanted) * counts
    positions.sum().backward()
    tensors.update({"outputs": outputs, "losses": positions, "lengths": np.array(LENGTHS, dtype=np.int32)})
    tensors["targets"] = wanted.int() if wanted.dtype == torch.int64 else wanted
    for key, parameter in named.items():
        tensors[f"weight.{key}"], tensors[f"gradient.{key}"] = parameter, parameter.grad
    save(f"model-{name}", {"T": T, "N": N, **scalars, "smoothing": single(SMOOTHING), "delta": single(DELTA)}, tensors)


def dense(pooling, loss, seed):
    """Features, LSTM, GRU, pooling or none, linear head."""
    generator = torch.Generator().manual_seed(seed)
    lstm, gru, head = [parameters(module.double(), generator) for module in (nn.LSTM(D, H), nn.GRU(H, H), nn.Linear(H, O))]
    x = draw(generator, T, N, D, limit=2)
    y = layer(gru, layer(lstm, x))
    counts = torch.ones(N) if pooling else torch.tensor([[float(t < length) for length in LENGTHS] for t in range(T)]).reshape(-1)
    outputs = head(pooled(pooling, y) if pooling else y.reshape(T * N, H))
    named = {f"layers.0.{key}": value for key, value in lstm.named_parameters() if not key.startswith("bias_hh")}
    named.update({f"layers.1.{key}": value for key, value in gru.named_parameters()})
    named.update({f"head.{key}": value for key, value in head.named_parameters()})
    finish(f"{pooling or 'every'}-{loss}", {"D": D, "H": H, "O": O}, {"x": x}, named, outputs, targets(generator, loss, len(outputs), O), loss, counts)


def tied(seed, V=7):
    """A language model whose head's kernel is the embedding's table."""
    generator = torch.Generator().manual_seed(seed)
    embedding, lstm = parameters(nn.Embedding(V, H).double(), generator), parameters(nn.LSTM(H, H).double(), generator)
    bias = nn.Parameter(draw(generator, V))
    tokens = torch.randint(V, (T, N), generator=generator)
    counts = torch.tensor([[float(t < length) for length in LENGTHS] for t in range(T)]).reshape(-1)
    outputs = functional.linear(layer(lstm, embedding(tokens)).reshape(T * N, H), embedding.weight, bias)
    named = {"embedding.weight": embedding.weight, "head.bias": bias}
    named.update({f"layers.0.{key}": value for key, value in lstm.named_parameters() if not key.startswith("bias_hh")})
    finish("tied", {"H": H, "V": V}, {"tokens": tokens.int()}, named, outputs, targets(generator, "smoothed", T * N, V), "smoothed", counts)


if __name__ == "__main__":
    torch.set_num_threads(1)
    for index, (pooling, loss) in enumerate(
            [("last", "cross-entropy"), ("mean", "smoothed"), ("max", "binary"), ("last", "squared"), ("max", "huber"), (None, "squared"), (None, "cross-entropy")]):
        dense(pooling, loss, 400 + index)
    tied(420)
