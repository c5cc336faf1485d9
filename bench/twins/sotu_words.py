#!/usr/bin/env python3
"""The twin of examples/sotu-words.yaml (a language model of words) in PyTorch: same data, model, first weights, batches, optimizer and schedule.

  sotu_words.py RUN INITIAL DATA [--steps N] [--seed 1]
  sotu_words.py RUN - DATA

RUN is the directory of our run, whose job.yaml is what this script does (but for the number of steps where --steps says so). INITIAL is that of a run whose weights are
the first ones, since all of its rates were zero (README.md has the command); with - nothing is trained, and our run's weights are judged. DATA is the folder with the texts.
The words, their ids and the split by hash are made anew here and must be those that the run's vocabulary has. --seed is that of the dropout masks, the one thing that differs.

Prints JSON lines: the loss in nats per word and the perplexity of the validation part, and at the end of the test part.
"""
import argparse
import collections
import json
import math
import os
import time

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")
import torch
from torch import nn

from run_files import read_job, read_weights
from twin import part_of

WORDS = "known-word:"


def read_parts(folder, data, known):
    """Ids of the words of each part; id 0 is every word that is not known."""
    words = {"training": [], "validation": [], "test": []}
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), "rb") as file:
            content = file.read()
        words[part_of(content, data["validation"], data["test"])] += content.decode("utf-8").split()
    counts = collections.Counter(words["training"])
    limit = data["vocabulary"] or len(counts)
    frequent = sorted(sorted(counts, key=lambda word: (-counts[word], word))[:limit])
    if frequent != known:
        raise SystemExit("the vocabulary is another one than that of the run")
    ids = {word: index + 1 for index, word in enumerate(known)}
    return {part: torch.tensor([ids.get(word, 0) for word in found]) for part, found in words.items()}


def streams(tokens, batch):
    """Inputs and targets, [length of a stream, batch]: each row is a contiguous stream."""
    length = (len(tokens) - 1) // batch
    return tokens[:length * batch].view(batch, length).t().contiguous(), tokens[1:length * batch + 1].view(batch, length).t().contiguous()


class TiedModel(nn.Module):
    def __init__(self, tensors, dropout):
        super().__init__()
        table = tensors["embedding.weight"]
        layers = sum(name.endswith(".weight_hh_l0") for name in tensors)
        self.embedding = nn.Embedding(*table.shape)
        self.lstm = nn.LSTM(table.shape[1], table.shape[1], layers, dropout=dropout)
        self.dropout = nn.Dropout(dropout)
        self.bias = nn.Parameter(torch.empty(table.shape[0]))
        with torch.no_grad():
            self.embedding.weight.copy_(table)
            self.bias.copy_(tensors["head.bias"])
            for layer in range(layers):
                for kind in ("weight_ih", "weight_hh", "bias_ih"):
                    getattr(self.lstm, f"{kind}_l{layer}").copy_(tensors[f"layers.{layer}.{kind}_l0"])
                # One bias vector is enough; a second one would double its rate.
                second = getattr(self.lstm, f"bias_hh_l{layer}")
                second.zero_()
                second.requires_grad = False

    def forward(self, tokens, state):
        hidden, state = self.lstm(self.embedding(tokens), state)
        return nn.functional.linear(self.dropout(hidden), self.embedding.weight, self.bias), state


def loss_of(model, tokens, targets, state, reduction="mean"):
    scores, state = model(tokens, state)
    return nn.functional.cross_entropy(scores.flatten(0, 1), targets.flatten(), reduction=reduction), state


@torch.no_grad()
def evaluate(model, tokens, training):
    """Mean loss over a part: as many streams as in training, the state carried, no dropout."""
    model.eval()
    inputs, targets = streams(tokens, training["batch"])
    total, state = 0.0, None
    for start in range(0, len(inputs), training["length"]):
        window = slice(start, start + training["length"])
        loss, state = loss_of(model, inputs[window], targets[window], state, "sum")
        total += loss.item()
    model.train()
    return total / targets.numel(), targets.numel()


def rate_at(step, steps, training):
    """The rate of a step, from 1."""
    rate, schedule = training["optimizer"]["adam"]["rate"], training["schedule"]
    if schedule == "constant":
        return rate
    cosine = schedule["cosine"]
    warmup, end = cosine["warmup"], cosine.get("steps") or steps
    if step <= warmup:
        return rate * step / warmup
    progress = min(1.0, (step - 1 - warmup) / (end - warmup))
    return rate * (cosine["floor"] + (1 - cosine["floor"]) * 0.5 * (1 + math.cos(math.pi * progress)))


def train(model, tokens, training, steps, report):
    adam = training["optimizer"]["adam"]
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    # 1E-08 is a number in YAML 1.2 and a text in PyYAML's 1.1.
    optimizer = torch.optim.Adam(weights, adam["rate"], (adam["beta1"], adam["beta2"]), float(adam["epsilon"]))
    inputs, targets = streams(tokens, training["batch"])
    at, state, every = 0, None, training["validate"]["every"]
    for step in range(1, steps + 1):
        if at + training["length"] > len(inputs):
            at, state = 0, None
        window = slice(at, at + training["length"])
        at += training["length"]
        loss, state = loss_of(model, inputs[window], targets[window], state)
        state = tuple(part.detach() for part in state)
        optimizer.param_groups[0]["lr"] = rate_at(step, steps, training)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(weights, training["clip"]["norm"])
        optimizer.step()
        if step == steps or (every and step % every == 0):
            report(step, loss.item())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run")
    parser.add_argument("initial")
    parser.add_argument("data")
    parser.add_argument("--steps", type=int)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(options.seed)

    job, trains = read_job(options.run), options.initial != "-"
    training = job["training"]
    tensors, metadata = read_weights(options.initial if trains else options.run)
    parts = read_parts(options.data, job["data"], json.loads(metadata["vocabulary"].removeprefix(WORDS)))
    model = TiedModel(tensors, job["model"]["dropout"])
    began = time.time()

    def judge(part, **more):
        loss, count = evaluate(model, parts[part], training)
        print(json.dumps({"part": part, **more, "words": count, "loss": round(loss, 6), "perplexity": round(math.exp(loss), 4), "seconds": round(time.time() - began)}), flush=True)

    if trains:
        train(model, parts["training"], training, options.steps or training["steps"], lambda step, loss: judge("validation", step=step, train_loss=round(loss, 6)))
    else:
        judge("validation")
    judge("test")


if __name__ == "__main__":
    main()
