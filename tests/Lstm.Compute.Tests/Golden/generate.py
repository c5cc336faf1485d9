#!/usr/bin/python3
"""Writes the golden files beside this script with PyTorch, in float64. See README.md."""
import base64
import json
import math
import pathlib

import numpy as np
import torch
from torch import nn

FOLDER = pathlib.Path(__file__).parent
GATES = 4


def save(name, scalars, tensors):
    """One file: numbers as they are, tensors as shape and base64 of little-endian float64 (int32 for whole numbers)."""
    document = dict(scalars)
    document["tensors"] = {}
    for key, tensor in tensors.items():
        array = tensor.detach().numpy() if torch.is_tensor(tensor) else np.asarray(tensor)
        kind = "<i4" if array.dtype.kind == "i" else "<f8"
        data = base64.b64encode(np.ascontiguousarray(array, dtype=kind).tobytes()).decode("ascii")
        document["tensors"][key] = {"shape": list(array.shape), "data": data}
    path = FOLDER / f"{name}.json"
    path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    print(f"{path.name}: {path.stat().st_size} bytes")


def draw(generator, *shape, limit=1.0):
    """Uniform numbers that single precision represents exactly, so that every device starts from the same ones."""
    numbers = (torch.rand(*shape, generator=generator, dtype=torch.float32) * 2 - 1) * limit
    return numbers.to(torch.float64)


def single(value):
    """A hyperparameter as the single precision that devices see it in."""
    return float(np.float32(value))


def set_lstm(layer, generator):
    units = layer.hidden_size
    for name, parameter in layer.named_parameters():
        fan_in = parameter.shape[1] if parameter.dim() == 2 else 1
        values = draw(generator, *parameter.shape, limit=1 / math.sqrt(fan_in))
        parameter.data = torch.zeros_like(values) if name.startswith("bias_hh") else values
        # One bias vector is enough; PyTorch's second one stays zero.
        parameter.requires_grad = not name.startswith("bias_hh")
    assert layer.weight_hh_l0.shape == (GATES * units, layer.proj_size or units)


def lstm(T, N, D, H):
    generator = torch.Generator().manual_seed(1000 * T + 100 * N + 10 * D + H)
    layer = nn.LSTM(D, H).double()
    set_lstm(layer, generator)
    x = draw(generator, T, N, D, limit=2).requires_grad_()
    h0 = draw(generator, 1, N, H).requires_grad_()
    c0 = draw(generator, 1, N, H, limit=2).requires_grad_()
    y, (hT, cT) = layer(x, (h0, c0))
    dy, dhT, dcT = draw(generator, T, N, H), draw(generator, 1, N, H), draw(generator, 1, N, H)
    ((y * dy).sum() + (hT * dhT).sum() + (cT * dcT).sum()).backward()
    save(f"lstm-{T}x{N}x{D}x{H}", {"T": T, "N": N, "D": D, "H": H}, {
        "W": layer.weight_ih_l0, "U": layer.weight_hh_l0, "b": layer.bias_ih_l0,
        "x": x, "h0": h0[0], "c0": c0[0], "y": y, "hT": hT[0], "cT": cT[0], "dy": dy, "dhT": dhT[0], "dcT": dcT[0],
        "dW": layer.weight_ih_l0.grad, "dU": layer.weight_hh_l0.grad, "db": layer.bias_ih_l0.grad,
        "dx": x.grad, "dh0": h0.grad[0], "dc0": c0.grad[0],
    })


class CharacterModel(nn.Module):
    def __init__(self, generator, vocabulary, embedding, units, layers):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, embedding)
        self.layers = nn.ModuleList(nn.LSTM(embedding if index == 0 else units, units) for index in range(layers))
        self.head = nn.Linear(units, vocabulary)
        self.double()
        for parameter in (self.embedding.weight, self.head.weight, self.head.bias):
            parameter.data = draw(generator, *parameter.shape)
        for layer in self.layers:
            set_lstm(layer, generator)

    def forward(self, tokens, states):
        x, finals = self.embedding(tokens), []
        for layer, (h, c) in zip(self.layers, states):
            x, (h, c) = layer(x, (h[None], c[None]))
            finals.append((h[0], c[0]))
        return self.head(x), finals

    def trained(self):
        return {name: parameter for name, parameter in self.named_parameters() if parameter.requires_grad}


def summed_cross_entropy(logits, targets):
    return nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=-1, reduction="sum")


def character_model(T=6, N=4, V=11, E=5, H=7, steps=10):
    generator = torch.Generator().manual_seed(7)
    model = CharacterModel(generator, V, E, H, layers=2)
    tokens = torch.randint(V, (T, N), generator=generator)
    targets = torch.randint(V, (T, N), generator=generator)
    targets[2, 1] = targets[5, 3] = -1
    states = [(draw(generator, N, H).requires_grad_(), draw(generator, N, H).requires_grad_()) for _ in model.layers]
    initial = {f"weight.{name}": parameter.detach().clone() for name, parameter in model.trained().items()}
    logits, finals = model(tokens, states)
    loss = summed_cross_entropy(logits, targets)
    loss.backward()
    tensors = dict(initial)
    tensors.update({f"gradient.{name}": parameter.grad for name, parameter in model.trained().items()})
    for index, ((h, c), (hT, cT)) in enumerate(zip(states, finals)):
        tensors.update({f"h0.{index}": h, f"c0.{index}": c, f"hT.{index}": hT, f"cT.{index}": cT})
    tensors.update({"tokens": tokens.int(), "targets": targets.int(), "logits": logits})
    extent = {"T": T, "N": N, "V": V, "E": E, "H": H}
    save("character-model", {**extent, "loss": loss.item(), "count": int((targets >= 0).sum())}, tensors)

    # Training: the mean gradient, clipped by its norm, Adam; the state is carried from step to step and cut from the graph.
    rate, norm = single(0.02), single(0.5)
    optimizer = torch.optim.Adam(model.trained().values(), lr=rate, betas=(single(0.9), single(0.999)), eps=single(1e-8))
    states = [(torch.zeros(N, H).double(), torch.zeros(N, H).double()) for _ in model.layers]
    tokens = torch.randint(V, (steps, T, N), generator=generator)
    targets = torch.randint(V, (steps, T, N), generator=generator)
    losses, norms = [], []
    for step in range(steps):
        optimizer.zero_grad()
        logits, finals = model(tokens[step], states)
        loss = summed_cross_entropy(logits, targets[step])
        (loss / (T * N)).backward()
        norms.append(nn.utils.clip_grad_norm_(model.trained().values(), norm).item())
        optimizer.step()
        losses.append(loss.item())
        states = [(h.detach(), c.detach()) for h, c in finals]
    tensors = dict(initial)
    tensors.update({f"final.{name}": parameter for name, parameter in model.trained().items()})
    tensors.update({"tokens": tokens.int(), "targets": targets.int(), "losses": losses, "norms": norms})
    save("character-model-training", {**extent, "steps": steps, "rate": rate, "norm": norm}, tensors)


def optimizers(length=37, steps=10):
    """The same weights and gradients through each optimizer, with and without clipping. Two tensors share the norm."""
    generator = torch.Generator().manual_seed(11)
    weights = draw(generator, length)
    gradients = draw(generator, steps, length, limit=3)
    rate = single(0.05)
    betas = (single(0.8), single(0.95))
    kinds = {
        "sgd": lambda p: torch.optim.SGD(p, lr=rate),
        "sgd-momentum": lambda p: torch.optim.SGD(p, lr=rate, momentum=single(0.9)),
        "sgd-momentum-decay": lambda p: torch.optim.SGD(p, lr=rate, momentum=single(0.9), weight_decay=single(0.1)),
        "adam": lambda p: torch.optim.Adam(p, lr=rate, betas=betas, eps=single(1e-6)),
        "adamw": lambda p: torch.optim.AdamW(p, lr=rate, betas=betas, eps=single(1e-6), weight_decay=single(0.1)),
        "rmsprop": lambda p: torch.optim.RMSprop(p, lr=rate, alpha=betas[1], eps=single(1e-6)),
        "rmsprop-centered": lambda p: torch.optim.RMSprop(p, lr=rate, alpha=betas[1], eps=single(1e-6), centered=True),
        "rmsprop-momentum": lambda p: torch.optim.RMSprop(p, lr=rate, alpha=betas[1], eps=single(1e-6), momentum=single(0.9)),
        "rmsprop-all": lambda p: torch.optim.RMSprop(
            p, lr=rate, alpha=betas[1], eps=single(1e-6), momentum=single(0.9), centered=True, weight_decay=single(0.1)),
        "adagrad": lambda p: torch.optim.Adagrad(p, lr=rate, eps=single(1e-6)),
        "adagrad-all": lambda p: torch.optim.Adagrad(
            p, lr=rate, lr_decay=single(0.1), initial_accumulator_value=0.25, eps=single(1e-6), weight_decay=single(0.1)),
        # PyTorch 1.13 counts mu twice in the product where it goes tensor by tensor; its other path, and all of later versions, follow the paper.
        "nadam": lambda p: torch.optim.NAdam(p, lr=rate, betas=betas, eps=single(1e-6), foreach=True),
        "nadam-all": lambda p: torch.optim.NAdam(
            p, lr=rate, betas=betas, eps=single(1e-6), momentum_decay=0.7, weight_decay=single(0.1), foreach=True),
    }
    clips = {
        "unclipped": lambda p: None,
        "norm": lambda p: nn.utils.clip_grad_norm_(p, 2.0),
        "value": lambda p: nn.utils.clip_grad_value_(p, 0.5),
    }
    tensors = {"weights": weights, "gradients": gradients}
    for kind, create in kinds.items():
        for clip, apply in clips.items():
            split = [nn.Parameter(weights[:10].clone()), nn.Parameter(weights[10:].clone())]
            optimizer = create(split)
            trace = []
            for gradient in gradients:
                split[0].grad, split[1].grad = gradient[:10].clone(), gradient[10:].clone()
                apply(split)
                optimizer.step()
                trace.append(torch.cat([part.detach().clone() for part in split]))
            tensors[f"{kind}.{clip}"] = torch.stack(trace)
    scalars = {"rate": rate, "beta1": betas[0], "beta2": betas[1], "epsilon": single(1e-6), "momentum": single(0.9), "decay": single(0.1),
               "accumulator": 0.25, "momentumDecay": 0.7}
    save("optimizers", {**scalars, "norm": 2.0, "value": 0.5}, tensors)


def losses(count=9, width=13):
    """Losses as sums over the features of a position, and the gradient of the sum over the positions."""
    generator = torch.Generator().manual_seed(13)
    outputs, targets = draw(generator, count, width, limit=4), draw(generator, count, width).abs()
    classes, mask = torch.randint(width, (count,), generator=generator), torch.ones(count).int()
    classes[3] = classes[8] = -1
    mask[2] = mask[5] = 0
    smoothing, delta = single(0.1), 0.75
    functional = nn.functional
    kinds = {
        "smoothed": lambda x: functional.cross_entropy(x, classes, ignore_index=-1, label_smoothing=smoothing, reduction="none"),
        "binary": lambda x: functional.binary_cross_entropy_with_logits(x, targets, reduction="none").sum(1) * mask,
        "squared": lambda x: functional.mse_loss(x, targets, reduction="none").sum(1) * mask,
        "huber": lambda x: functional.huber_loss(x, targets, delta=delta, reduction="none").sum(1) * mask,
    }
    tensors = {"outputs": outputs, "targets": targets, "classes": classes.int(), "mask": mask}
    for kind, loss in kinds.items():
        x = outputs.clone().requires_grad_()
        positions = loss(x)
        positions.sum().backward()
        tensors.update({f"{kind}.losses": positions, f"{kind}.gradient": x.grad})
    save("losses", {"count": count, "width": width, "smoothing": smoothing, "delta": delta}, tensors)


def pooling(T=7, N=5, D=3):
    """Ragged sequences, each pooled by itself."""
    generator = torch.Generator().manual_seed(17)
    values, dy = draw(generator, T, N, D), draw(generator, N, D)
    lengths = [7, 1, 4, 6, 2]
    kinds = {"last": lambda rows: rows[-1], "mean": lambda rows: rows.mean(0), "max": lambda rows: rows.max(0).values}
    tensors = {"x": values, "dy": dy, "lengths": torch.tensor(lengths).int()}
    for kind, pool in kinds.items():
        x = values.clone().requires_grad_()
        y = torch.stack([pool(x[:length, row]) for row, length in enumerate(lengths)])
        (y * dy).sum().backward()
        tensors.update({f"{kind}.y": y, f"{kind}.dx": x.grad})
    save("pooling", {"T": T, "N": N, "D": D}, tensors)


def schedules(steps=50):
    """Rates of updates 1, 2, ... at a base rate of one."""
    def rates(create):
        optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=1.0)
        scheduler = create(optimizer)
        trace = []
        for _ in range(steps):
            trace.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            scheduler.step()
        return trace

    kinds = torch.optim.lr_scheduler
    save("schedules", {"cosineSteps": steps, "floor": 0.1, "stepEvery": 7, "stepFactor": 0.5, "warmUp": 10}, {
        "constant": rates(lambda o: kinds.LambdaLR(o, lambda _: 1.0)),
        "cosine": rates(lambda o: kinds.CosineAnnealingLR(o, steps)),
        "cosineFloor": rates(lambda o: kinds.CosineAnnealingLR(o, steps, eta_min=0.1)),
        "step": rates(lambda o: kinds.StepLR(o, 7, 0.5)),
        "warmUp": rates(lambda o: kinds.LinearLR(o, start_factor=0.1, end_factor=1.0, total_iters=9)),
    })


# The variants of one LSTM, on the plain equations of LstmOptions in float64; autograd does the rest.

MASK_KEY, MASK_STREAM = 0x243F6A8885A308D3, 7
EPSILON = single(1e-5)


def philox(key, counter):
    """Philox 4x32-10 of Salmon et al. (SC11)."""
    x0, x1, x2, x3 = counter
    k0, k1 = key & 0xFFFFFFFF, key >> 32
    for _ in range(10):
        p0, p1 = 0xD2511F53 * x0, 0xCD9E8D57 * x2
        x0, x1, x2, x3 = (p1 >> 32) ^ x1 ^ k0, p1 & 0xFFFFFFFF, (p0 >> 32) ^ x3 ^ k1, p0 & 0xFFFFFFFF
        k0, k1 = (k0 + 0x9E3779B9) & 0xFFFFFFFF, (k1 + 0xBB67AE85) & 0xFFFFFFFF
    return x0, x1, x2, x3


def below(rate, stream, keys, steps, width):
    """[steps,N,width]: one where the random word is below the rate's threshold."""
    threshold = int(single(rate) * 2.0**32)
    mask = np.zeros((steps, len(keys), width))
    for t in range(steps):
        for n, (shard, row) in enumerate(keys):
            for unit in range(width):
                element = t * width + unit
                words = philox(MASK_KEY, (element // 4, row & 0xFFFFFFFF, shard & 0xFFFFFFFF, stream))
                mask[t, n, unit] = words[element % 4] < threshold
    return torch.from_numpy(mask)


def normalised(x, norm):
    gain, shift = norm.reshape(2, -1)
    centred = x - x.mean(-1, keepdim=True)
    return gain * centred / torch.sqrt((centred * centred).mean(-1, keepdim=True) + EPSILON) + shift


def variant(p, o, x, h, c, keys, lengths):
    """y, final h, final c."""
    T, N, _ = x.shape
    H, P, training = c.shape[1], h.shape[1], o["training"]
    kept = single(np.float32(1) / (np.float32(1) - np.float32(o["dropout"])))
    dropped = below(o["dropout"], MASK_STREAM, keys, 1, P)[0] if training and o["dropout"] else None
    factor = 1.0 if dropped is None else (1 - dropped) * kept

    def old_share(rate, stream, width):
        return below(rate, stream, keys, T, width) if training else torch.full((T, N, width), single(rate), dtype=torch.float64)

    old_h, old_c = old_share(o["zoneoutHidden"], MASK_STREAM + 1, P), old_share(o["zoneoutCell"], MASK_STREAM + 2, H)
    outputs = [None] * T
    for t in reversed(range(T)) if o["reverse"] else range(T):
        a, b = x[t] @ p["W"].T, (factor * h) @ p["U"].T
        if o["layerNorm"]:
            a, b = normalised(a, p["inputNorm"]), normalised(b, p["recurrentNorm"])
        z = (a + b + p["b"]).split(H, dim=1)
        peephole = p["peephole"] if o["peephole"] else torch.zeros(len(z) - 1, H, dtype=torch.float64)
        i, g = torch.sigmoid(z[0] + peephole[0] * c), torch.tanh(z[-2])
        f = 1 - i if o["coupled"] else torch.sigmoid(z[1] + peephole[1] * c)
        n = f * c + i * g
        if o["clip"]:
            n = n.clamp(-o["clip"], o["clip"])
        gate = torch.sigmoid(z[-1] + peephole[-1] * n)
        r = gate * torch.tanh(normalised(n, p["cellNorm"]) if o["layerNorm"] else n)
        if o["projection"]:
            r = r @ p["projection"].T
        alive = torch.tensor([[t < length] for length in lengths])
        h, c = (torch.where(alive, old_h[t] * h + (1 - old_h[t]) * r, h), torch.where(alive, old_c[t] * c + (1 - old_c[t]) * n, c))
        outputs[t] = h
    return torch.stack(outputs), h, c


OFF = {
    "reverse": False, "peephole": False, "coupled": False, "layerNorm": False, "projection": 0, "clip": 0.0,
    "dropout": 0.0, "zoneoutHidden": 0.0, "zoneoutCell": 0.0, "training": True,
}


def variant_parameters(generator, o, D, H):
    G, P = 3 if o["coupled"] else 4, o["projection"] or H
    p = {"W": draw(generator, G * H, D, limit=1 / math.sqrt(D)), "U": draw(generator, G * H, P, limit=1 / math.sqrt(P)), "b": draw(generator, G * H)}
    if o["peephole"]:
        p["peephole"] = draw(generator, G - 1, H)
    if o["projection"]:
        p["projection"] = draw(generator, P, H)
    if o["layerNorm"]:
        for key, width in (("inputNorm", G * H), ("recurrentNorm", G * H), ("cellNorm", H)):
            p[key] = torch.stack([1.5 + 0.5 * draw(generator, width).float().double(), draw(generator, width)]).float().double()
    return {key: value.requires_grad_() for key, value in p.items()}


def save_variant(name, o, p, run, T, N, D, H, generator, lengths):
    """Runs it on a random batch; gradients of padding's outputs are zero, as nothing is trained on them."""
    P = o["projection"] or H
    x, h0, c0 = draw(generator, T, N, D, limit=2).requires_grad_(), draw(generator, N, P).requires_grad_(), draw(generator, N, H).requires_grad_()
    keys = torch.randint(-2**31, 2**31, (N, 2), generator=generator).tolist()
    y, hT, cT = run(x, h0, c0, keys)
    dy, dhT, dcT = draw(generator, T, N, P), draw(generator, N, P), draw(generator, N, H)
    alive = torch.tensor([[[t < length] for length in lengths] for t in range(T)])
    ((torch.where(alive, y, torch.zeros_like(y)) * dy).sum() + (hT * dhT).sum() + (cT * dcT).sum()).backward()
    tensors = {"x": x, "h0": h0, "c0": c0, "y": y, "hT": hT, "cT": cT, "dy": dy, "dhT": dhT, "dcT": dcT,
               "dx": x.grad, "dh0": h0.grad, "dc0": c0.grad,
               "lengths": np.array(lengths, dtype=np.int32), "keys": np.array(keys, dtype=np.int32)}
    for key, value in p.items():
        tensors[key], tensors[f"d.{key}"] = value, value.grad
    scalars = {key: value if key == "clip" or key in ("dropout", "zoneoutHidden", "zoneoutCell") else int(value) for key, value in o.items()}
    save(f"lstm-variant-{name}", {**scalars, "T": T, "N": N, "D": D, "H": H}, tensors)


def variants():
    mixed = {"peephole": True, "layerNorm": True, "clip": 0.75, "dropout": 0.25, "zoneoutHidden": 0.375, "zoneoutCell": 0.125}
    cases = {
        "peephole": {"peephole": True},
        "coupled": {"coupled": True},
        "coupled-peephole": {"coupled": True, "peephole": True},
        "layer-norm": {"layerNorm": True},
        "clip": {"clip": 0.5},
        "dropout": {"dropout": 0.4},
        "zoneout": {"zoneoutHidden": 0.3, "zoneoutCell": 0.2},
        "zoneout-mean": {"zoneoutHidden": 0.3, "zoneoutCell": 0.2, "dropout": 0.4, "training": False},
        "everything": {**mixed, "projection": 3},
        "everything-coupled-reverse": {**mixed, "coupled": True, "reverse": True, "projection": 7},
    }
    for index, (name, options) in enumerate(cases.items()):
        T, N, D, H = 5, 4, 3, 6
        o, generator = {**OFF, **options}, torch.Generator().manual_seed(100 + index)
        lengths = [5, 0, 3, 1] if index % 2 or len(options) > 4 else [T] * N
        p = variant_parameters(generator, o, D, H)
        save_variant(name, o, p, lambda x, h, c, keys: variant(p, o, x, h, c, keys, lengths), T, N, D, H, generator, lengths)


def packed(name, lengths, reverse, projection, T=6, D=3, H=5):
    """One direction of nn.LSTM over packed sequences. PyTorch has no layer that runs backwards alone: the other direction's results are not used."""
    N, o = len(lengths), {**OFF, "reverse": reverse, "projection": projection}
    generator = torch.Generator().manual_seed(200 + 10 * reverse + projection)
    layer = nn.LSTM(D, H, proj_size=projection, bidirectional=True).double()
    set_lstm(layer, generator)
    side, suffix, P = int(reverse), "_reverse" if reverse else "", projection or H

    def run(x, h, c, keys):
        other_h, other_c = torch.zeros_like(h), torch.zeros_like(c)
        states = (torch.stack([other_h, h] if reverse else [h, other_h]), torch.stack([other_c, c] if reverse else [c, other_c]))
        sequence = nn.utils.rnn.pack_padded_sequence(x, lengths, enforce_sorted=False)
        y, (hT, cT) = layer(sequence, states)
        y, _ = nn.utils.rnn.pad_packed_sequence(y, total_length=T)
        own = y[:, :, side * P:(side + 1) * P]
        # PyTorch leaves zeros where a row has ended; here the state is carried: forward the last one, backward the first one.
        alive = torch.tensor([[[t < length] for length in lengths] for t in range(T)])
        return torch.where(alive, own, (h if reverse else hT[side]).expand(T, -1, -1)).detach() * ~alive + own * alive, hT[side], cT[side]

    own = {"W": f"weight_ih_l0{suffix}", "U": f"weight_hh_l0{suffix}", "b": f"bias_ih_l0{suffix}"}
    if projection:
        own["projection"] = f"weight_hr_l0{suffix}"
    p = {key: getattr(layer, parameter) for key, parameter in own.items()}
    save_variant(name, o, p, run, T, N, D, H, generator, lengths)


if __name__ == "__main__":
    torch.set_num_threads(1)
    for extent in [(1, 1, 1, 1), (1, 3, 5, 4), (7, 1, 3, 17), (5, 13, 9, 3), (9, 2, 17, 33), (20, 5, 7, 16)]:
        lstm(*extent)
    variants()
    for direction, reverse in (("forward", False), ("reverse", True)):
        packed(f"packed-{direction}", [4, 6, 1, 3], reverse, 0)
        packed(f"projected-{direction}", [6, 6, 6], reverse, 2)
        packed(f"projected-packed-{direction}", [2, 6, 5], reverse, 3)
    character_model()
    optimizers()
    losses()
    pooling()
    schedules()
