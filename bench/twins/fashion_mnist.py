#!/usr/bin/env python3
"""The twin of examples/fashion-mnist.yaml in PyTorch: the same split by the same hash, the same model and hyperparameters.

  fashion_mnist.py FOLDER [--seed 42] [--steps N] ...     FOLDER holds the four files of Debian's dataset-fashion-mnist

Prints a JSON line for the validation part every 1,000 steps, and at the end one with the accuracy on the test part.
"""
import argparse, functools, gzip, json, os, time
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1"); os.environ.setdefault("OMP_NUM_THREADS", "1")
import torch
from torch import nn
from twin import cosine, like_ours, part_of, passes

p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
p.add_argument("folder"); p.add_argument("--seed", type=int, default=42); p.add_argument("--steps", type=int, default=14000)
p.add_argument("--units", type=int, default=128); p.add_argument("--layers", type=int, default=2); p.add_argument("--dropout", type=float, default=0.4)
p.add_argument("--batch", type=int, default=64); p.add_argument("--rate", type=float, default=2e-3); p.add_argument("--smoothing", type=float, default=0.1); p.add_argument("--validation", type=float, default=0.1)
a = p.parse_args()
torch.set_num_threads(1); torch.manual_seed(a.seed)


def numbers(name, head):
    with gzip.open(os.path.join(a.folder, name)) as file:
        return file.read()[head:]


def images(name):
    raw = numbers(name, 16)
    return [raw[first:first + 784] for first in range(0, len(raw), 784)]


def tensors(rows, labels):
    x = torch.frombuffer(bytearray(b"".join(rows)), dtype=torch.uint8).view(-1, 28, 28).float() / 255
    return x, torch.tensor(list(labels))


rows, labels = images("train-images-idx3-ubyte.gz"), numbers("train-labels-idx1-ubyte.gz", 8)
parts = [part_of(row, a.validation) for row in rows]
x, y = tensors(*zip(*[(r, l) for r, l, part in zip(rows, labels, parts) if part == "training"]))
vx, vy = tensors(*zip(*[(r, l) for r, l, part in zip(rows, labels, parts) if part == "validation"]))
tx, ty = tensors(images("t10k-images-idx3-ubyte.gz"), numbers("t10k-labels-idx1-ubyte.gz", 8))


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList(like_ours(nn.LSTM(28 if index == 0 else a.units, a.units)) for index in range(a.layers))
        self.dropout, self.head = nn.Dropout(a.dropout), nn.Linear(a.units, 10)

    def forward(self, x):
        x = x.transpose(0, 1)
        for layer in self.layers:
            x = self.dropout(layer(x)[0])
        return self.head(x[-1])


model = Model()
optimizer = torch.optim.Adam([w for w in model.parameters() if w.requires_grad], a.rate)
schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: cosine(step, a.steps))
entropy = functools.partial(nn.functional.cross_entropy, label_smoothing=a.smoothing)


def judge(x, y):
    model.eval()
    with torch.no_grad():
        outputs = torch.cat([model(x[first:first + 500]) for first in range(0, len(x), 500)])
    model.train()
    return entropy(outputs, y).item(), (outputs.argmax(1) == y).float().mean().item()


start, batches = time.perf_counter(), passes(len(x), a.batch)
for step in range(1, a.steps + 1):
    taken = torch.tensor(next(batches))
    loss = entropy(model(x[taken]), y[taken])
    optimizer.zero_grad(set_to_none=True); loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step(); schedule.step()
    if step % 1000 == 0 or step == a.steps:
        told, right = judge(vx, vy)
        print(json.dumps({"step": step, "seconds": round(time.perf_counter() - start, 1), "train_loss": round(loss.item(), 4), "validation_loss": round(told, 4), "accuracy": round(right, 4)}), flush=True)

told, right = judge(tx, ty)
print(json.dumps({"part": "test", "seed": a.seed, "loss": round(told, 4), "accuracy": round(right, 4)}))
