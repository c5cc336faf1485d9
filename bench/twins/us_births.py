#!/usr/bin/env python3
"""The twin of examples/us-births.yaml (a forecaster) in PyTorch: same data, features, split, model, optimizer and schedule.

  us_births.py JOB DATA [--seed 1] [--steps N]

JOB is examples/us-births.yaml, or the job.yaml of a run of it; DATA is the package's data.csv. The calendar features are made anew here. First weights, the order of the
windows and the dropout masks are PyTorch's own, from --seed: compare means over seeds.

Prints JSON lines: mean absolute errors in births a day of the validation part, and at the end of the test part beside that of the forecast that repeats the last week.
"""
import argparse
import csv
import datetime
import json
import math
import os
import time

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")
import torch
import yaml
from torch import nn

WEEK = 7


def holiday(day):
    """The number of a public holiday of the United States; None on other days."""
    monday, thursday, week = day.weekday() == 0, day.weekday() == 3, (day.day - 1) // 7
    if (day.month, day.day) in FIXED:
        return FIXED[day.month, day.day]
    if monday and day.month == 1 and week == 2 and day.year >= 1986:
        return 1
    if monday and day.month == 2 and week == 2:
        return 2
    if monday and day.month == 5 and day.day > 24:
        return 3
    if monday and day.month == 9 and week == 0:
        return 6
    if monday and day.month == 10 and week == 1:
        return 7
    if thursday and day.month == 11 and week == 3:
        return 9
    return None


FIXED = {(1, 1): 0, (7, 4): 5, (11, 11): 8, (12, 25): 10}
HOLIDAYS = 11


def one_of(count, index):
    return [1.0 if place == index else 0.0 for place in range(count)]


def calendar(day, kinds):
    features = []
    for kind in kinds:
        if kind == "weekday":
            features += one_of(7, day.isoweekday() % 7)
        elif kind == "month":
            features += one_of(12, day.month - 1)
        elif kind == "day":
            features += one_of(31, day.day - 1)
        elif kind == "yearday":
            length = 366 if day.year % 4 == 0 and (day.year % 100 != 0 or day.year % 400 == 0) else 365
            turn = 2 * math.pi * (day.timetuple().tm_yday - 1) / length
            for harmonic in (1, 2, 3):
                features += [math.sin(harmonic * turn), math.cos(harmonic * turn)]
        elif kind == "trend":
            features += [(day - FIRST_DAY).days / 365.25 / 10]
        elif kind == "us-holidays":
            for shift in (-1, 0, 1):
                features += one_of(HOLIDAYS, holiday(day + datetime.timedelta(days=shift)))
        else:
            raise SystemExit(f"this script does not know the feature {kind}")
    return features


class Forecaster(nn.Module):
    def __init__(self, features, units, both, dropout):
        super().__init__()
        self.lstm = nn.LSTM(features, units, bidirectional=both)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(units * (2 if both else 1), 1)
        for name, bias in self.lstm.named_parameters():
            if name.startswith("bias_hh"):
                bias.data.zero_()
            if name.startswith("bias_ih"):
                bias.data[units:2 * units] = 1.0

    def forward(self, x):
        return self.head(self.dropout(self.lstm(x)[0])).squeeze(-1)


parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("job")
parser.add_argument("data")
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--steps", type=int)
arguments = parser.parse_args()
torch.set_num_threads(1)
torch.manual_seed(arguments.seed)

with open(arguments.job, encoding="utf-8") as file:
    job = yaml.safe_load(file)
task, training = job["task"]["forecaster"], job["training"]
if task["relativeTo"] not in ("mean", "season") or job["data"]["split"] != "order":
    raise SystemExit("this script is for relativeTo: mean or season, and split: order")
season = task["season"] if task["relativeTo"] == "season" else 1
context, horizon, steps = task["context"], task["horizon"], arguments.steps or training["steps"]
layer, rate, batch = job["model"]["layers"][0]["lstm"], training["optimizer"]["adam"]["rate"], training["batch"]

with open(arguments.data, encoding="utf-8", newline="") as file:
    rows = list(csv.DictReader(file))
births = torch.tensor([float(row["births"]) for row in rows], dtype=torch.float64)
days = [datetime.date(int(row["year"]), int(row["month"]), int(row["date_of_month"])) for row in rows]
FIRST_DAY = days[0]
kinds = next(column["date"]["features"] for column in job["data"]["columns"] if "date" in column)
known = torch.tensor([calendar(day, kinds) for day in days])

validation_share, test_share = job["data"]["validation"], job["data"]["test"]
first_validation = int(round(len(rows) * (1 - validation_share - test_share), 6))
first_test = int(round(len(rows) * (1 - test_share), 6))
mean, scale = births[:first_validation].mean(), births[:first_validation].std(unbiased=False)
values = ((births - mean) / scale).float()


def windows(first, end):
    """First rows of the windows whose horizon lies within [first, end)."""
    return [row - context for row in range(max(first, context), end - horizon + 1)]


def sample(starts):
    index = torch.tensor(starts)[None, :] + torch.arange(context + horizon)[:, None]
    numbers = values[index]
    base = torch.stack([numbers[place:context:season].double().mean(0) for place in range(season)]).float()
    numbers = numbers - base[torch.arange(context + horizon) % season]
    told = torch.zeros(context + horizon, 1)
    told[context:] = 1
    read = torch.where(told.bool(), torch.zeros_like(numbers), numbers)
    x = torch.cat([read[:, :, None], known[index], told[:, :, None].expand(-1, len(starts), -1)], 2)
    return x, numbers[context:], index[context:]


def judge(starts):
    """Mean absolute errors of the model and of the last week repeated, in births."""
    model.eval()
    error = naive = count = 0
    with torch.no_grad():
        for at in range(0, len(starts), 64):
            x, y, index = sample(starts[at:at + 64])
            error += (model(x)[context:] - y).abs().double().sum().item() * scale.item()
            back = (torch.arange(horizon) // WEEK + 1) * WEEK
            naive += (births[index] - births[index - back[:, None]]).abs().sum().item()
            count += y.numel()
    model.train()
    return error / count, naive / count


train, validate, test = windows(0, first_validation), windows(first_validation, first_test), windows(first_test, len(rows))
model = Forecaster(known.shape[1] + 2, layer["units"], layer.get("bidirectional", "none") == "concatenate", job["model"].get("dropout", 0))
optimizer = torch.optim.Adam(model.parameters(), rate)
schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 0.5 * (1 + math.cos(math.pi * step / steps)))
started, order = time.monotonic(), []
for step in range(1, steps + 1):
    if len(order) < batch:
        order = torch.randperm(len(train)).tolist()
    x, y, _ = sample([train[index] for index in order[:batch]])
    order = order[batch:]
    optimizer.zero_grad()
    ((model(x)[context:] - y) ** 2).mean().backward()
    nn.utils.clip_grad_norm_(model.parameters(), training["clip"]["norm"])
    optimizer.step()
    schedule.step()
    if step % 500 == 0 or step == steps:
        print(json.dumps({"step": step, "validation_mae": round(judge(validate)[0], 2), "seconds": round(time.monotonic() - started, 1)}), flush=True)
error, naive = judge(test)
print(json.dumps({"seed": arguments.seed, "test_mae": round(error, 2), "seasonal_naive_mae": round(naive, 2), "share": round(error / naive, 4), "windows": len(test)}))
