#!/usr/bin/python3
"""Writes the golden files of bidirectional and stacked layers beside this script with PyTorch, in float64. See README.md."""
import math
import re

import numpy as np
import torch
from torch import nn

from generate import draw, save, single

KINDS = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}
LENGTHS = [4, 6, 1, 3]


class Recurrent:
    """One of PyTorch's recurrent modules of one or more layers, each of one or two directions."""

    def __init__(self, generator, kind, inputs, units, layers=1, sides=1, projection=0):
        self.sides, self.layers, self.has_cells = sides, layers, kind == "lstm"
        self.units, self.outputs = units, projection or units
        options = {"proj_size": projection} if projection else {}
        self.module = KINDS[kind](inputs, units, num_layers=layers, bidirectional=sides == 2, **options).double()
        for name, parameter in self.module.named_parameters():
            fan_in = parameter.shape[1] if parameter.dim() == 2 else 1
            # One bias vector is enough for LSTM and RNN; a GRU's second one stands behind the reset gate.
            parameter.requires_grad = kind == "gru" or not name.startswith("bias_hh")
            values = draw(generator, *parameter.shape, limit=1 / math.sqrt(fan_in))
            parameter.data = values if parameter.requires_grad else torch.zeros_like(values)

    def draw_states(self, generator, rows):
        count = self.layers * self.sides
        hidden = draw(generator, count, rows, self.outputs)
        return (hidden, draw(generator, count, rows, self.units)) if self.has_cells else (hidden,)

    def __call__(self, x, lengths, states):
        packed = nn.utils.rnn.pack_padded_sequence(x, lengths, enforce_sorted=False)
        y, finals = self.module(packed, states if self.has_cells else states[0])
        y, _ = nn.utils.rnn.pad_packed_sequence(y, total_length=x.shape[0])
        return y, finals if self.has_cells else (finals,)

    def of_layer(self, states, layer):
        """[N,S]: for each direction the hidden state, then the cell."""
        return torch.cat([state[layer * self.sides + side] for side in range(self.sides) for state in states], dim=-1)

    def tensors(self):
        """Each trained tensor with its layer and its name there."""
        for name, parameter in self.module.named_parameters():
            if parameter.requires_grad:
                yield int(re.search(r"_l(\d+)", name).group(1)), re.sub(r"_l\d+", "_l0", name), parameter


class Norm:
    """nn.LayerNorm between layers."""
    layers = 1

    def __init__(self, generator, size):
        self.module = nn.LayerNorm(size, eps=single(1e-5)).double()
        for parameter in self.module.parameters():
            parameter.data = draw(generator, size)

    def draw_states(self, generator, rows):
        return ()

    def __call__(self, x, lengths, states):
        return self.module(x), ()

    def of_layer(self, states, layer):
        return None

    def tensors(self):
        for name, parameter in self.module.named_parameters():
            yield 0, name, parameter


def halves(y, merge):
    """What becomes of both directions' outputs."""
    first, second = y.chunk(2, dim=-1)
    return {"concatenate": y, "sum": first + second, "average": (first + second) / 2}[merge]


def case(name, T, N, D, blocks, generator, lengths=None, merge="concatenate", around=()):
    """A chain of blocks. Those whose index is in `around` have their input added to their output; their final states are not used."""
    lengths = lengths or [T] * N
    alive = torch.tensor([[[float(t < length)] for length in lengths] for t in range(T)], dtype=torch.float64)
    x = draw(generator, T, N, D, limit=2).requires_grad_()
    tensors = {"lengths": np.array(lengths, dtype=np.int32), "x": x}
    y, loss, index, placed = x, 0, 0, []
    for place, block in enumerate(blocks):
        states = tuple(state.requires_grad_() for state in block.draw_states(generator, N))
        below = y
        y, finals = block(y, lengths, states)
        if states and block.sides == 2:
            y = halves(y, merge)
        if place in around:
            y = y + below
        gradients = tuple(torch.zeros_like(g) if place in around else g for g in block.draw_states(generator, N))
        loss = loss + sum((final * gradient).sum() for final, gradient in zip(finals, gradients))
        for layer in range(block.layers if states else 0):
            tensors[f"state.{index + layer}"] = block.of_layer([state.detach() for state in states], layer)
            tensors[f"final.{index + layer}"] = block.of_layer(finals, layer)
            if place not in around:
                tensors[f"dfinal.{index + layer}"] = block.of_layer(gradients, layer)
        for layer, tensor, parameter in block.tensors():
            tensors[f"layers.{index + layer}.{tensor}"] = parameter
        placed.append((block, index, () if place in around else states))
        index += block.layers
    dy = draw(generator, *y.shape) * alive
    (loss + (y * dy).sum()).backward()
    tensors.update({"y": y * alive, "dy": dy, "dx": x.grad})
    for block, index, states in placed:
        for layer in range(block.layers if states else 0):
            tensors[f"dstate.{index + layer}"] = block.of_layer([state.grad for state in states], layer)
        for layer, tensor, parameter in block.tensors():
            tensors[f"d.layers.{index + layer}.{tensor}"] = parameter.grad
    save(f"layers-{name}", {"T": T, "N": N}, tensors)


if __name__ == "__main__":
    torch.set_num_threads(1)
    for number, kind in enumerate(KINDS):
        for lengths, suffix in ((None, ""), (LENGTHS, "-packed")):
            generator = torch.Generator().manual_seed(500 + 10 * number + bool(lengths))
            case(f"{kind}-bidirectional{suffix}", 6, 4, 3, [Recurrent(generator, kind, 3, 5, sides=2)], generator, lengths)
            case(f"{kind}-stacked{suffix}", 6, 4, 3, [Recurrent(generator, kind, 3, 5, layers=3)], generator, lengths)
            case(f"{kind}-stacked-bidirectional{suffix}", 6, 4, 3, [Recurrent(generator, kind, 3, 4, layers=2, sides=2)], generator, lengths)
    generator = torch.Generator().manual_seed(540)
    for merge in ("sum", "average"):
        case(f"lstm-{merge}", 6, 4, 3, [Recurrent(generator, "lstm", 3, 5, sides=2)], generator, LENGTHS, merge)
    case("lstm-projected-bidirectional", 6, 4, 3, [Recurrent(generator, "lstm", 3, 5, sides=2, projection=2)], generator, LENGTHS)
    case("composed", 6, 4, 3, [
        Recurrent(generator, "lstm", 3, 3, sides=2), Norm(generator, 6), Recurrent(generator, "lstm", 6, 3, sides=2), Norm(generator, 6),
        Recurrent(generator, "gru", 6, 4),
    ], generator, LENGTHS, around=(2,))
