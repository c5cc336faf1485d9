#!/usr/bin/env python3
"""The twin of examples/cmudict.yaml and examples/cmudict-short.yaml in PyTorch: the same split by the same hash, the same model and hyperparameters, a beam of five.

  cmudict.py DICTIONARY [--seed 42] [--steps N] [--length N] ...     DICTIONARY as `lstm-cluster data get` tells

Prints a JSON line every 500 steps, and at the end one with word and phoneme error on the test part. Alternatives of a spelling count as right.
"""
import argparse, json, os, re, time
from collections import defaultdict
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1"); os.environ.setdefault("OMP_NUM_THREADS", "1")
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence
from twin import cosine, like_ours, part_of, passes

p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
p.add_argument("dictionary"); p.add_argument("--seed", type=int, default=42); p.add_argument("--steps", type=int, default=14000)
p.add_argument("--length", type=int, default=40, help="rows with more letters or phonemes are left out")
p.add_argument("--validation", type=float, default=0.02); p.add_argument("--test", type=float, default=0.1)
p.add_argument("--embedding", type=int, default=64)
p.add_argument("--units", type=int, nargs="+", default=[128, 256], help="of each layer of the encoder, in both directions"); p.add_argument("--decoder-units", type=int, default=256)
p.add_argument("--dropout", type=float, default=0.2)
p.add_argument("--batch", type=int, default=64); p.add_argument("--rate", type=float, default=2e-3); p.add_argument("--warmup", type=int, default=300)
p.add_argument("--beams", type=int, default=5)
a = p.parse_args()
torch.set_num_threads(1); torch.manual_seed(a.seed)
END, PAD = 0, -1


def rows():
    for line in open(a.dictionary, encoding="utf-8", errors="replace"):
        if not line.strip() or line.startswith(";;;"):
            continue
        spelling, phonemes = line.rstrip("\n").split(None, 1)
        phonemes = re.sub("[012]", "", phonemes).split()
        if len(spelling := re.sub(r"\(\d+\)$", "", spelling)) <= a.length and len(phonemes) <= a.length:
            yield spelling, phonemes


parts = defaultdict(list)
for spelling, phonemes in rows():
    parts[part_of(spelling.encode(), a.validation, a.test)].append((spelling, phonemes))
letters = {letter: 1 + rank for rank, letter in enumerate(sorted({letter for spelling, _ in parts["training"] for letter in spelling}))}
sounds = {sound: 1 + rank for rank, sound in enumerate(sorted({sound for _, phonemes in parts["training"] for sound in phonemes}))}
coded = {part: [([letters.get(letter, 0) for letter in spelling], [sounds[sound] for sound in phonemes]) for spelling, phonemes in each] for part, each in parts.items()}


def padded(sequences, filler):
    return nn.utils.rnn.pad_sequence([torch.tensor(sequence) for sequence in sequences], padding_value=filler)


class Model(nn.Module):
    """Attention is general, (Luong, Pham and Manning 2015); dropout stands behind each layer, and the states that start the decoder pass by it."""

    def __init__(self):
        super().__init__()
        classes, width, memory = 1 + len(sounds), a.decoder_units, 2 * a.units[-1]
        self.letters, self.sounds = nn.Embedding(1 + len(letters), a.embedding), nn.Embedding(classes, a.embedding)
        self.encoder = nn.ModuleList(like_ours(nn.LSTM(inputs, units, bidirectional=True)) for inputs, units in zip([a.embedding] + [2 * units for units in a.units], a.units))
        self.decoder, self.hidden, self.cell = like_ours(nn.LSTM(a.embedding, width)), nn.Linear(memory, width), nn.Linear(memory, width)
        self.key, self.joined = nn.Linear(memory, width, bias=False), nn.Linear(memory + width, width, bias=False)
        self.head, self.dropout = nn.Linear(width, classes), nn.Dropout(a.dropout)

    def encode(self, source, lengths):
        x = self.letters(source)
        for layer in self.encoder:
            packed, (h, c) = layer(pack_padded_sequence(x, lengths, enforce_sorted=False))
            x = self.dropout(pad_packed_sequence(packed)[0])
        beyond = torch.arange(len(source))[None, :] >= lengths[:, None]
        return x.transpose(0, 1), beyond, (torch.tanh(self.hidden(torch.cat(tuple(h), 1)))[None], torch.tanh(self.cell(torch.cat(tuple(c), 1)))[None])

    def decode(self, tokens, memory, beyond, state):
        y, after = self.decoder(self.sounds(tokens), state)
        query = self.dropout(y).transpose(0, 1)
        scores = (query @ self.key(memory).transpose(1, 2)).masked_fill(beyond[:, None, :], float("-inf"))
        context = scores.softmax(-1) @ memory
        return self.head(torch.tanh(self.joined(torch.cat((context, query), 2)))).transpose(0, 1), after


model = Model()
optimizer = torch.optim.Adam([w for w in model.parameters() if w.requires_grad], a.rate)
schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: cosine(step, a.steps, a.warmup))
entropy = nn.functional.cross_entropy


def loss_of(batch):
    source, lengths = padded([letters for letters, _ in batch], 0), torch.tensor([len(letters) for letters, _ in batch])
    targets = padded([sounds + [END] for _, sounds in batch], PAD)
    shown = torch.cat((torch.full((1, len(batch)), END), targets[:-1].clamp(min=0)))
    outputs, _ = model.decode(shown, *model.encode(source, lengths))
    return entropy(outputs.flatten(0, 1), targets.flatten(), ignore_index=PAD)


def search(words):
    """The likeliest of a beam for each word."""
    lengths, rows = torch.tensor([len(word) for word in words]), len(words)
    memory, beyond, state = model.encode(padded(words, 0), lengths)
    memory, beyond = memory.repeat_interleave(a.beams, 0), beyond.repeat_interleave(a.beams, 0)
    state = tuple(part.repeat_interleave(a.beams, 1) for part in state)
    sums = torch.full((rows, a.beams), float("-inf")); sums[:, 0] = 0
    tokens, ended, found = torch.full((rows * a.beams,), END), torch.zeros(rows, a.beams, dtype=torch.bool), [[[] for _ in range(a.beams)] for _ in words]
    for _ in range(a.length + 1):
        outputs, state = model.decode(tokens[None], memory, beyond, state)
        logs = outputs[0].log_softmax(-1).view(rows, a.beams, -1)
        # What has ended goes on with its end, at no cost.
        logs = logs.masked_fill(ended[:, :, None], float("-inf")); logs[:, :, END] = torch.where(ended, torch.zeros(()), logs[:, :, END])
        sums, best = (sums[:, :, None] + logs).flatten(1).topk(a.beams)
        parents, chosen = best.div(logs.shape[2], rounding_mode="floor"), best % logs.shape[2]
        ended = ended.gather(1, parents) | (chosen == END)
        found = [[found[row][parent] + ([token] if token != END else []) for parent, token in zip(*pair)] for row, pair in enumerate(zip(parents.tolist(), chosen.tolist()))]
        at = (torch.arange(rows)[:, None] * a.beams + parents).flatten()
        state, tokens = tuple(part[:, at] for part in state), chosen.flatten()
        if ended[:, 0].all():
            break
    return [each[0] for each in found]


def distance(found, right):
    costs = list(range(len(right) + 1))
    for i, token in enumerate(found):
        diagonal, costs[0] = costs[0], i + 1
        for j, other in enumerate(right):
            diagonal, costs[j + 1] = costs[j + 1], min(diagonal + (token != other), costs[j] + 1, costs[j + 1] + 1)
    return costs[-1]


def judge(each):
    """Word error and phoneme error: a spelling counts once, beside the closest of its alternatives."""
    right = defaultdict(list)
    for letters, sounds in each:
        right[tuple(letters)].append(sounds)
    words, wrong, edits, length = sorted(right, key=len), 0, 0, 0
    model.eval()
    with torch.no_grad():
        for first in range(0, len(words), 256):
            for word, found in zip(words[first:], search(words[first:first + 256])):
                closest = min(((distance(found, sounds), len(sounds)) for sounds in right[word]), key=lambda pair: pair[0])
                wrong, edits, length = wrong + (closest[0] > 0), edits + closest[0], length + closest[1]
    model.train()
    return {"words": len(words), "word_error": round(wrong / len(words), 4), "phoneme_error": round(edits / length, 4)}


rows = coded["training"]
start, batches = time.perf_counter(), passes(len(rows), a.batch, [len(letters) + len(sounds) for letters, sounds in rows], bucketing=16)
for step in range(1, a.steps + 1):
    loss = loss_of([rows[index] for index in next(batches)])
    optimizer.zero_grad(set_to_none=True); loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step(); schedule.step()
    if step % 500 == 0 or step == a.steps:
        print(json.dumps({"step": step, "seconds": round(time.perf_counter() - start, 1), "train_loss": round(loss.item(), 4)}), flush=True)

for part in ("validation", "test"):
    print(json.dumps({"part": part, "seed": a.seed} | judge(coded[part])), flush=True)
