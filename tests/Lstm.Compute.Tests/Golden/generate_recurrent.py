#!/usr/bin/python3
"""Writes the golden files of GRU and RNN beside this script with PyTorch, in float64. See README.md."""
import math

import numpy as np
import torch
from torch import nn

from generate import draw, save

KINDS = {"gru": nn.GRU, "rnn": nn.RNN}


def set_parameters(layer, kind, generator):
    for name, parameter in layer.named_parameters():
        fan_in = parameter.shape[1] if parameter.dim() == 2 else 1
        values = draw(generator, *parameter.shape, limit=1 / math.sqrt(fan_in))
        # One bias vector is enough for an RNN; a GRU's second one stands behind the reset gate.
        parameter.data = torch.zeros_like(values) if kind == "rnn" and name.startswith("bias_hh") else values


def layer_case(kind, name, T, N, D, H, seed, lengths=None, sides=1, side=0):
    """One direction of a layer. PyTorch has no layer that runs backwards alone: the other direction's results are not used."""
    generator = torch.Generator().manual_seed(seed)
    layer = KINDS[kind](D, H, bidirectional=sides == 2).double()
    set_parameters(layer, kind, generator)
    x = draw(generator, T, N, D, limit=2).requires_grad_()
    h0 = draw(generator, N, H).requires_grad_()
    states = torch.stack([h0 if index == side else torch.zeros_like(h0) for index in range(sides)])
    if lengths is None:
        y, hT = layer(x, states)
    else:
        y, hT = layer(nn.utils.rnn.pack_padded_sequence(x, lengths, enforce_sorted=False), states)
        y, _ = nn.utils.rnn.pad_packed_sequence(y, total_length=T)
    y, hT = y[:, :, side * H:(side + 1) * H], hT[side]
    dy, dhT = draw(generator, T, N, H), draw(generator, N, H)
    alive = torch.tensor([[[t < length] for length in lengths or [T] * N] for t in range(T)])
    ((torch.where(alive, y, torch.zeros_like(y)) * dy).sum() + (hT * dhT).sum()).backward()
    # PyTorch leaves zeros where a row has ended; here the state is carried: forward the last one, backward the first one.
    y = torch.where(alive, y, (h0 if side else hT).expand(T, -1, -1))
    tensors = {"x": x, "h0": h0, "y": y, "hT": hT, "dy": dy, "dhT": dhT, "dx": x.grad, "dh0": h0.grad,
               "lengths": np.array(lengths or [T] * N, dtype=np.int32)}
    own = {"W": "weight_ih_l0", "U": "weight_hh_l0", "b": "bias_ih_l0", "c": "bias_hh_l0"}
    for key, parameter in own.items():
        value = getattr(layer, parameter + ("_reverse" if side else ""))
        if kind == "gru" or key != "c":
            tensors[key], tensors[f"d.{key}"] = value, value.grad
    save(f"{kind}-{name}", {"T": T, "N": N, "D": D, "H": H, "reverse": side}, tensors)


if __name__ == "__main__":
    torch.set_num_threads(1)
    for kind in KINDS:
        for T, N, D, H in [(1, 1, 1, 1), (7, 1, 3, 17), (5, 13, 9, 3), (9, 2, 17, 33)]:
            layer_case(kind, f"{T}x{N}x{D}x{H}", T, N, D, H, seed=1000 * T + 100 * N + 10 * D + H)
        for side, direction in enumerate(("forward", "reverse")):
            layer_case(kind, f"bidirectional-{direction}", 6, 3, 4, 5, seed=300 + side, sides=2, side=side)
            layer_case(kind, f"packed-{direction}", 6, 4, 3, 5, seed=310 + side, lengths=[4, 6, 1, 3], sides=2, side=side)
