"""Reads what a run directory holds: the job as it was resolved, and weights with the metadata beside them."""
import json
import os
import struct

import torch
import yaml


def read_job(run):
    with open(os.path.join(run, "job.yaml"), encoding="utf-8") as file:
        return yaml.safe_load(file)


def read_weights(run):
    """The tensors of weights.safetensors by name, and its metadata."""
    with open(os.path.join(run, "weights.safetensors"), "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        data = bytearray(file.read())
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        if entry["dtype"] != "F32":
            raise SystemExit(f"{run}: {name} is {entry['dtype']}, expected F32")
        first, end = entry["data_offsets"]
        tensors[name] = torch.frombuffer(data[first:end], dtype=torch.float32).clone().reshape(entry["shape"])
    return tensors, metadata
