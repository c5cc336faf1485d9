#!/usr/bin/python3
"""Writes the golden file of a tagger of words and their characters beside this script with PyTorch, in float64. See README.md."""
import numpy as np
import torch
from torch import nn
from torch.nn import functional

from generate import draw, save
from generate_models import parameters

T, N, LENGTHS = 5, 4, [5, 2, 4, 1]
V, E = 6, 3
K, W, U, LONGEST = 5, 2, 3, 4
H, O = 4, 3


def spellings(generator):
    """[T,N,LONGEST] characters, negative behind a word's end; few enough that words come twice."""
    characters = torch.randint(K, (T, N, LONGEST), generator=generator)
    ends = torch.randint(1, LONGEST + 1, (T, N, 1), generator=generator)
    characters[3, 0], ends[3, 0] = characters[0, 0], ends[0, 0]
    characters[1, 2], ends[1, 2] = characters[0, 0], ends[0, 0]
    return torch.where(torch.arange(LONGEST) < ends, characters, -1)


def word_vectors(embedding, reader, characters):
    """Last states of both directions over each word by itself (Lample et al. 2016); zeros where a row has ended."""
    vectors = []
    for step in range(T):
        for row in range(N):
            if step >= LENGTHS[row]:
                vectors.append(torch.zeros(2 * U, dtype=torch.float64))
                continue
            word = characters[step, row]
            _, (last, _) = reader(embedding(word[word >= 0]).unsqueeze(1))
            vectors.append(torch.cat([last[0, 0], last[1, 0]]))
    return torch.stack(vectors).reshape(T, N, 2 * U)


if __name__ == "__main__":
    torch.set_num_threads(1)
    generator = torch.Generator().manual_seed(700)
    modules = {
        "embedding": nn.Embedding(V, E), "characters.embedding": nn.Embedding(K, W), "characters.layers.0": nn.LSTM(W, U, bidirectional=True),
        "layers.0": nn.LSTM(E + 2 * U, H, bidirectional=True), "head": nn.Linear(2 * H, O)}
    modules = {name: parameters(module.double(), generator) for name, module in modules.items()}
    tokens, characters = torch.randint(V, (T, N), generator=generator), spellings(generator)
    wanted = torch.randint(O, (T, N), generator=generator)
    wanted[0, 1] = -1
    x = torch.cat([modules["embedding"](tokens), word_vectors(modules["characters.embedding"], modules["characters.layers.0"], characters)], dim=2)
    packed, _ = modules["layers.0"](nn.utils.rnn.pack_padded_sequence(x, LENGTHS, enforce_sorted=False))
    outputs = modules["head"](nn.utils.rnn.pad_packed_sequence(packed, total_length=T)[0]).reshape(T * N, O)
    counts = torch.tensor([[float(t < length) for length in LENGTHS] for t in range(T)]).reshape(-1)
    losses = functional.cross_entropy(outputs, wanted.reshape(-1), ignore_index=-1, reduction="none") * counts
    losses.sum().backward()
    tensors = {
        "tokens": tokens.int(), "characters": characters.int(), "targets": wanted.int(), "lengths": np.array(LENGTHS, dtype=np.int32), "outputs": outputs, "losses": losses}
    for name, module in modules.items():
        for key, parameter in module.named_parameters():
            if not key.startswith("bias_hh"):
                tensors[f"weight.{name}.{key}"], tensors[f"gradient.{name}.{key}"] = parameter, parameter.grad
    save("model-characters", {"T": T, "N": N, "V": V, "E": E, "K": K, "W": W, "U": U, "H": H, "O": O}, tensors)
