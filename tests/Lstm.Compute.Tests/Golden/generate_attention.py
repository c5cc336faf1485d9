#!/usr/bin/python3
"""Writes the golden files of attention and of layer normalisation between layers beside this script with PyTorch, in float64. See README.md."""
import math

import numpy as np
import torch
from torch import nn

from generate import draw, save, single

EPSILON = single(1e-5)


def weights_of(scores, lengths):
    """Softmax over the source steps of each row, scores [T,N,S]; a row without a source has weights of zero."""
    source = scores.shape[2]
    rows = []
    for n, length in enumerate(lengths):
        own = torch.softmax(scores[:, n, :length], dim=1) if length else scores.new_zeros(scores.shape[0], 0)
        rows.append(torch.cat([own, scores.new_zeros(scores.shape[0], source - length)], dim=1))
    weights = torch.stack(rows, dim=1)
    masked = scores.masked_fill(torch.arange(source) >= torch.tensor(lengths)[None, :, None], -math.inf)
    alive = [n for n, length in enumerate(lengths) if length]
    assert torch.allclose(weights[:, alive], torch.softmax(masked, dim=2)[:, alive], rtol=1e-14, atol=1e-16)
    return weights


def attention(score, name, T, N, S, H, E, A, lengths, seed):
    """Decoder states attend to encoder states: Luong's dot and general scores, Bahdanau's additive one."""
    generator = torch.Generator().manual_seed(seed)
    leaves = {"decoder": draw(generator, T, N, H), "encoder": draw(generator, S, N, E, limit=2)}
    if score != "dot":
        leaves["Wk"] = draw(generator, A, E, limit=1 / math.sqrt(E))
    if score == "additive":
        leaves["Wq"], leaves["bq"] = draw(generator, A, H, limit=1 / math.sqrt(H)), draw(generator, A)
        leaves["v"] = draw(generator, A)
    for leaf in leaves.values():
        leaf.requires_grad_()

    decoder, encoder = leaves["decoder"], leaves["encoder"]
    if score == "dot":
        scores = torch.einsum("tnh,snh->tns", decoder, encoder)
    elif score == "general":
        scores = torch.einsum("tna,ae,sne->tns", decoder, leaves["Wk"], encoder)
    else:
        queries = decoder @ leaves["Wq"].T + leaves["bq"]
        keys = encoder @ leaves["Wk"].T
        energies = torch.tanh(queries[:, None] + keys[None])
        scores = torch.einsum("tsna,a->tns", energies, leaves["v"])
    weights = weights_of(scores, lengths)
    context = torch.einsum("tns,sne->tne", weights, encoder)
    dy = draw(generator, T, N, E)
    (context * dy).sum().backward()

    tensors = {"weights": weights, "context": context, "dy": dy, "lengths": np.array(lengths, dtype=np.int32)}
    for key, leaf in leaves.items():
        tensors[key], tensors[f"d.{key}"] = leaf, leaf.grad
    save(f"attention-{name}", {"T": T, "N": N, "S": S, "H": H, "E": E, "A": A}, tensors)


def layer_norm(T, N, width, seed):
    generator = torch.Generator().manual_seed(seed)
    layer = nn.LayerNorm(width, eps=EPSILON).double()
    layer.weight.data, layer.bias.data = draw(generator, width), draw(generator, width)
    x = draw(generator, T, N, width, limit=2).requires_grad_()
    y, dy = layer(x), draw(generator, T, N, width)
    (y * dy).sum().backward()
    save("layer-norm", {"T": T, "N": N, "width": width}, {
        "x": x, "gain": layer.weight, "shift": layer.bias, "y": y, "dy": dy, "dx": x.grad,
        "d.gain": layer.weight.grad, "d.shift": layer.bias.grad})


if __name__ == "__main__":
    torch.set_num_threads(1)
    for index, score in enumerate(("dot", "general", "additive")):
        size = 5 if score == "dot" else 9
        attention(score, f"{score}-one", 1, 1, 1, 1, 1, 1, [1], seed=400 + index)
        attention(score, f"{score}-whole", 4, 3, 7, 9, 9 if score == "dot" else 5, 9, [7, 7, 7], seed=410 + index)
        attention(score, f"{score}-ragged", 6, 5, 4, size, 5, size, [4, 0, 1, 3, 4], seed=420 + index)
    attention("additive", "additive-wide", 2, 2, 17, 33, 31, 35, [17, 5], seed=430)
    layer_norm(3, 4, 13, seed=440)
