#!/usr/bin/python3
"""Writes the golden files of the encoder-decoder beside this script with PyTorch, in float64. See README.md."""
import math

import torch
from torch import nn

from generate import draw, save, single

KINDS = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}
START, IGNORED = 0, -1


class Recurrent(nn.Module):
    """One layer in one or both directions, with parameters named as the trained model names them."""

    def __init__(self, generator, kind, inputs, units, sides):
        super().__init__()
        self.kind, self.units, self.sides = kind, units, sides
        self.layer = KINDS[kind](inputs, units, bidirectional=sides == 2).double()
        for name, parameter in self.layer.named_parameters():
            fan_in = parameter.shape[1] if parameter.dim() == 2 else 1
            values = draw(generator, *parameter.shape, limit=1 / math.sqrt(fan_in))
            # One bias vector is enough but for a GRU, whose second one stands behind the reset gate.
            untrained = kind != "gru" and name.startswith("bias_hh")
            parameter.data = torch.zeros_like(values) if untrained else values
            parameter.requires_grad = not untrained

    def forward(self, x, state):
        """Output, and a list of states: hidden and, of an LSTM, cell."""
        if self.kind == "lstm":
            y, (h, c) = self.layer(x, state and tuple(state))
            return y, [h, c]
        y, h = self.layer(x, state and state[0])
        return y, [h]


def linear(generator, inputs, outputs, bias, gain=1.0):
    layer = nn.Linear(inputs, outputs, bias=bias).double()
    for parameter in layer.parameters():
        parameter.data = draw(generator, *parameter.shape, limit=gain / math.sqrt(inputs))
    return layer


class EncoderDecoder(nn.Module):
    """Embedding, recurrent encoder over packed sequences, bridge, attention decoder (Luong et al. 2015, Bahdanau et al. 2015), head."""

    def __init__(self, generator, o):
        super().__init__()
        self.o = o
        self.source = nn.Embedding(o["sourceVocabulary"], o["sourceEmbedding"]).double()
        self.target = nn.Embedding(o["targetVocabulary"], o["targetEmbedding"]).double()
        for table in (self.source, self.target):
            table.weight.data = draw(generator, *table.weight.shape)
        sides, memory, units = o["sides"], o["sides"] * o["encoderUnits"], o["decoderUnits"]
        self.encoder, features = nn.ModuleList(), o["sourceEmbedding"]
        for _ in range(o["encoderLayers"]):
            self.encoder.append(Recurrent(generator, o["encoder"], features, o["encoderUnits"], sides))
            features = memory
        self.decoder, features = nn.ModuleList(), o["targetEmbedding"] + (units if o["feeding"] else 0)
        for _ in range(o["decoderLayers"]):
            self.decoder.append(Recurrent(generator, o["decoder"], features, units, 1))
            features = units
        copies = sides == 1 and o["encoder"] == o["decoder"] and o["encoderUnits"] == units
        parts = 0 if copies else 2 if o["decoder"] == "lstm" else 1
        self.bridge = nn.ModuleList(
            nn.ModuleList(linear(generator, memory, units, bias=True) for _ in range(parts)) for _ in range(o["decoderLayers"]))
        kind, scored = o["attention"], o["attentionUnits"]
        # Small weights look at all steps alike, and then the gradients of the scores cancel.
        self.query = linear(generator, units, scored, bias=False, gain=4) if kind == "additive" else None
        self.key = linear(generator, memory, scored, bias=False, gain=8) if kind in ("general", "additive") else None
        self.score = nn.Parameter(draw(generator, scored, limit=4)) if kind == "additive" else None
        self.output = linear(generator, memory + units, units, bias=False) if kind != "none" else None
        self.head = linear(generator, units, o["targetVocabulary"], bias=True)
        if o["tied"]:
            self.head.weight = self.target.weight

    def encode(self, tokens, lengths):
        x, finals = nn.utils.rnn.pack_padded_sequence(self.source(tokens), lengths, enforce_sorted=False), []
        for layer in self.encoder:
            x, state = layer(x, None)
            finals.append([torch.cat(list(part), dim=-1) for part in state])
        memory, _ = nn.utils.rnn.pad_packed_sequence(x, total_length=len(tokens))
        return memory, finals

    def start(self, finals):
        """The decoder's initial states: layers meet at the top."""
        states = []
        for index in range(len(self.decoder)):
            final = finals[max(0, index + len(self.encoder) - len(self.decoder))]
            maps = self.bridge[index]
            states.append([part[None] for part in final] if not len(maps)
                          else [torch.tanh(part(final[min(place, len(final) - 1)]))[None] for place, part in enumerate(maps)])
        return states

    def attend(self, query, memory, padding):
        """query [N,Q], memory [S,N,M]: context [N,M], weights [N,S]."""
        keys = self.key(memory) if self.key is not None else memory
        if self.query is not None:
            scores = torch.tanh(self.query(query)[None] + keys) @ self.score
        else:
            scores = (query[None] * keys).sum(-1)
        weights = torch.softmax(scores.masked_fill(padding, -math.inf), dim=0)
        return (weights[:, :, None] * memory).sum(0), weights.T

    def forward(self, tokens, lengths, classes):
        memory, finals = self.encode(tokens, lengths)
        states = self.start(finals)
        padding = torch.tensor([[step >= length for length in lengths] for step in range(len(tokens))])
        inputs = torch.cat([torch.full_like(classes[:1], START), classes[:-1]])
        inputs = torch.where(inputs == IGNORED, torch.full_like(inputs, START), inputs)
        fed = torch.zeros(tokens.shape[1], self.o["decoderUnits"]).double()
        logits, looks = [], []
        for step in inputs:
            x = self.target(step)
            x = (torch.cat([x, fed], dim=1) if self.o["feeding"] else x)[None]
            for index, layer in enumerate(self.decoder):
                x, states[index] = layer(x, states[index])
            fed = x[0]
            if self.output is not None:
                context, weights = self.attend(x[0], memory, padding)
                fed = torch.tanh(self.output(torch.cat([context, x[0]], dim=1)))
                looks.append(weights)
            logits.append(self.head(fed))
        return torch.stack(logits), looks

    def named(self):
        """Every trained tensor under the name that the trained model gives it."""
        tensors = {"encoder.embedding.weight": self.source.weight, "decoder.embedding.weight": self.target.weight}
        for side, layers in (("encoder", self.encoder), ("decoder", self.decoder)):
            for index, layer in enumerate(layers):
                for name, parameter in layer.layer.named_parameters():
                    if parameter.requires_grad:
                        tensors[f"{side}.layers.{index}.{name}"] = parameter
        for index, maps in enumerate(self.bridge):
            for part, name in zip(maps, ("hidden", "cell")):
                tensors.update({f"bridge.{index}.{name}.weight": part.weight, f"bridge.{index}.{name}.bias": part.bias})
        for name, part in (("query", self.query), ("key", self.key), ("output", self.output)):
            if part is not None:
                tensors[f"attention.{name}.weight"] = part.weight
        if self.score is not None:
            tensors["attention.score.weight"] = self.score
        if not self.o["tied"]:
            tensors["head.weight"] = self.head.weight
        tensors["head.bias"] = self.head.bias
        return tensors


def case(name, seed, S=6, U=5, lengths=(4, 6, 1), **options):
    o = {"sourceVocabulary": 7, "targetVocabulary": 8, "sourceEmbedding": 3, "targetEmbedding": 4, "encoder": "lstm", "decoder": "lstm", "sides": 1,
         "encoderLayers": 1, "decoderLayers": 1, "encoderUnits": 5, "decoderUnits": 5, "attention": "none", "attentionUnits": 5,
         "feeding": False, "tied": False, "smoothing": 0.0, **options}
    o["smoothing"] = single(o["smoothing"])
    generator = torch.Generator().manual_seed(seed)
    model, N = EncoderDecoder(generator, o), len(lengths)
    tokens = torch.randint(o["sourceVocabulary"], (S, N), generator=generator)
    classes = torch.randint(o["targetVocabulary"], (U, N), generator=generator)
    # One target in the middle is ignored, and one row is shorter.
    classes[1, 0] = classes[-1, 1] = classes[-2, 1] = IGNORED
    weights = {f"weight.{key}": parameter.detach().clone() for key, parameter in model.named().items()}
    logits, looks = model(tokens, list(lengths), classes)
    loss = nn.functional.cross_entropy(
        logits.flatten(0, 1), classes.flatten(), ignore_index=IGNORED, label_smoothing=o["smoothing"], reduction="sum")
    loss.backward()
    tensors = {**weights, **{f"gradient.{key}": parameter.grad for key, parameter in model.named().items()},
               "tokens": tokens.int(), "classes": classes.int(), "lengths": torch.tensor(lengths).int(), "logits": logits}
    if looks:
        tensors["attention"] = torch.stack(looks)
    numbers = {key: int(value) if isinstance(value, bool) else value for key, value in o.items()}
    save(f"seq2seq-{name}", {**numbers, "S": S, "N": N, "U": U, "loss": loss.item()}, tensors)


if __name__ == "__main__":
    torch.set_num_threads(1)
    case("plain", 1)
    case("gru", 2, encoder="gru", decoder="gru", sides=2, decoderUnits=6)
    case("dot", 3, attention="dot", smoothing=0.1)
    case("dot-fed", 4, attention="dot", feeding=True)
    case("general-fed", 5, attention="general", feeding=True, sides=2, encoderUnits=3, decoderUnits=4, attentionUnits=4)
    case("general-gru", 6, attention="general", encoder="gru", decoder="gru", decoderLayers=2, encoderLayers=2)
    case("additive", 7, attention="additive", sides=2, encoder="gru", decoder="lstm", attentionUnits=3)
    case("additive-fed-tied", 8, attention="additive", feeding=True, tied=True, sides=2, encoderLayers=2, decoderLayers=2,
         encoderUnits=3, decoderUnits=4, attentionUnits=6, smoothing=0.2)
    case("rnn-fed", 9, attention="general", feeding=True, encoder="lstm", decoder="rnn", decoderLayers=2)
    case("deep-encoder", 10, attention="dot", encoderLayers=3, decoderLayers=2, encoder="gru", decoder="gru")
