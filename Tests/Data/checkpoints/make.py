#!/usr/bin/env python3
"""Writes the checkpoints beside this script, and what PyTorch itself reads from them.

    python3 Tests/Data/checkpoints/make.py

`expected.json` has, for each file that can be read, every tensor's shape and its elements in
float32, by the key of the dictionary that holds them. The other files have to be refused.
"""

import collections
import io
import json
import os
import pathlib
import sys
import zipfile

import torch
from torch import nn

FOLDER = pathlib.Path(__file__).parent


class Network(nn.Module):
    """A convolution, a batch norm and a classifier: every sort of tensor that a ResNet has."""

    def __init__(self, start: float = 0):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 1, bias=False)
        self.bn = nn.BatchNorm2d(4)
        self.fc = nn.Linear(4, 2)
        with torch.no_grad():
            for number, tensor in enumerate(self.state_dict().values()):
                if tensor.is_floating_point():
                    count = tensor.numel()
                    tensor.copy_((torch.arange(count) / 8 + number + 1 + start).view_as(tensor))


def float_values(state_dict):
    return {
        name: {"shape": list(tensor.shape), "values": tensor.detach().float().flatten().tolist()}
        for name, tensor in state_dict.items()
        if isinstance(tensor, torch.Tensor)
    }


expected = {}


def save(name, contents, dicts, **options):
    """Saves one file, and notes what is in its dictionaries of tensors."""
    torch.save(contents, FOLDER / name, **options)
    loaded = torch.load(FOLDER / name, weights_only=False)
    expected[name] = {key: float_values(find(loaded)) for key, find in dicts.items()}


def whole(contents):
    return contents


def under(key):
    return lambda contents: contents[key]


def prefixed(prefix):
    return collections.OrderedDict(
        (prefix + name, tensor) for name, tensor in Network().state_dict().items())


def training():
    """What a training script saves: the weights among the states of everything else."""
    network = Network()
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1, momentum=0.9)
    scheduler = torch.optim.lr_scheduler.MultiStepLR(optimizer, milestones=[30, 60])
    for parameter in network.parameters():
        parameter.grad = torch.ones_like(parameter)
    weights = collections.OrderedDict(
        (name, tensor.clone()) for name, tensor in network.state_dict().items())
    optimizer.step()
    return {
        "epoch": 3,
        "arch": "resnet",
        "state_dict": weights,
        "best_acc1": torch.tensor(76.13),
        "optimizer": optimizer.state_dict(),
        "scheduler": scheduler.state_dict(),
    }


def views():
    base = torch.arange(24).float()
    grid = base.view(2, 3, 4)
    return {
        "transposed": grid.transpose(0, 2),
        "sliced": grid[:, 1:, ::2],
        "row": grid[1, 2],
        "column": grid[0, :, 3],
        "last": base[23],
        "expanded": base[5:6].expand(3),
        "empty": base[:0],
        "nhwc": torch.arange(16).float().view(1, 2, 2, 4).contiguous(
            memory_format=torch.channels_last),
    }


def shared():
    storage = torch.arange(6).float()
    return {"first": storage, "second": storage, "part": storage[2:5], "matrix": storage.view(2, 3)}


def types():
    numbers = torch.tensor([0.5, -2, 3.140625, 65504])
    return {
        "float32": numbers,
        "float16": torch.cat([numbers.half(), torch.tensor([6e-8]).half()]),
        "bfloat16": numbers.bfloat16(),
        "float64": numbers.double(),
        "int64": torch.tensor(7),
    }


def rezip(source, target, change=lambda name, data: data, compression=zipfile.ZIP_STORED):
    with zipfile.ZipFile(FOLDER / source) as old, zipfile.ZipFile(FOLDER / target, "w") as new:
        for entry in old.infolist():
            data = change(entry.filename, old.read(entry.filename))
            stamp = zipfile.ZipInfo(entry.filename, (1980, 1, 1, 0, 0, 0))
            stamp.compress_type = compression
            new.writestr(stamp, data)


class Hostile:
    """Loading it with Python's unpickler would run a command."""

    def __reduce__(self):
        return os.system, ("touch /tmp/owned",)


def main():
    state = Network().state_dict()
    save("plain.pth", state, {".": whole})
    save("protocol4.pth", state, {".": whole}, pickle_protocol=4)
    save("protocol5.pth", state, {".": whole}, pickle_protocol=5)
    save("training.pth", training(), {"state_dict": under("state_dict")})
    save("model.pth", {"model": state}, {"model": under("model")})
    save("module-prefix.pth", prefixed("module."), {".": whole})
    save("model-prefix.pth", {"state_dict": prefixed("model.")},
         {"state_dict": under("state_dict")})
    average = Network(start=0.5).state_dict()
    for name, key in (("state-dict-ema.pth", "state_dict"), ("model-ema.pth", "model")):
        save(name, {key: state, key + "_ema": average},
             {key: under(key), key + "_ema": under(key + "_ema")})
    save("parameters.pth", dict(Network().named_parameters()), {".": whole})
    save("views.pth", views(), {".": whole})
    save("shared.pth", shared(), {".": whole})
    save("types.pth", types(), {".": whole})
    # Stored again by another writer of zip files, which has neither zip64 nor padding.
    rezip("plain.pth", "rezipped.pth")
    expected["rezipped.pth"] = expected["plain.pth"]

    torch.save(Network(), FOLDER / "refused-module.pth")
    torch.save(state, FOLDER / "refused-legacy.pth", _use_new_zipfile_serialization=False)
    torch.save({"state_dict": state, "hook": Hostile()}, FOLDER / "refused-hostile.pth")
    torch.save({"epoch": 3}, FOLDER / "refused-empty.pth")
    rezip("plain.pth", "refused-big-endian.pth",
          lambda name, data: b"big" if name.endswith("/byteorder") else data)
    rezip("plain.pth", "refused-compressed.pth", compression=zipfile.ZIP_DEFLATED)
    script = io.BytesIO()
    torch.jit.save(torch.jit.script(nn.Linear(2, 1)), script)
    (FOLDER / "refused-torchscript.pth").write_bytes(script.getvalue())

    (FOLDER / "expected.json").write_text(json.dumps(expected, separators=(",", ":")) + "\n")
    print(f"PyTorch {torch.__version__}, Python {sys.version.split()[0]}")


if __name__ == "__main__":
    torch.manual_seed(1)
    main()
