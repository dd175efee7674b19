"""Writes expected.json: what timm's networks are and compute, for the specs of the same names.

Of each network it has the number of tensors and of their elements, a digest of all names and shapes in
the state dict, and the logits of a small seeded input with seeded weights, computed in float64. See
Sources/ModelFiles/SeededWeights.swift for what seeded means.

    pip install -r requirements.txt
    python make.py                  # all networks
    python make.py resnet50d …      # only these; the rest of the file stays
    python make.py --names resnet50d    # prints the names and shapes in its state dict
"""

import json
import pathlib
import sys

import timm
import torch

FOLDER = pathlib.Path(__file__).resolve().parent
ROOT = FOLDER.parents[2]
sys.path.insert(0, str(ROOT / "Scripts/bench-peers"))

import seeded  # noqa: E402

# Every stage but the first halves an odd number of rows.
SIZE = 40
# Of networks with more elements than this the logits would take the tests too long; the same blocks
# are checked in smaller networks.
MOST_ELEMENTS = 100_000_000


def tensors(model: torch.nn.Module) -> dict[str, tuple[int, ...]]:
    """The names and shapes that inference needs, in alphabetic order."""
    state = model.state_dict()
    return {
        name: tuple(state[name].shape)
        for name in sorted(state)
        if not name.endswith("num_batches_tracked")
    }


def digest(shapes: dict[str, tuple[int, ...]]) -> str:
    """FNV-1a-64 of one line for each tensor: its name, then its dimensions, with blanks between."""
    hashed = 0xCBF29CE484222325
    for name, shape in shapes.items():
        for byte in (" ".join([name, *map(str, shape)]) + "\n").encode():
            hashed = ((hashed ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return f"{hashed:016x}"


def expectation(name: str) -> dict:
    model = timm.create_model(name).eval()
    shapes = tensors(model)
    elements = sum(torch.Size(shape).numel() for shape in shapes.values())
    result = {"tensors": len(shapes), "elements": elements, "digest": digest(shapes)}
    if elements > MOST_ELEMENTS:
        return result
    state = model.state_dict()
    for tensor, shape in shapes.items():
        state[tensor] = torch.from_numpy(seeded.tensor(tensor, shape))
    model.load_state_dict(state)
    shape = (1, 3, SIZE, SIZE)
    with torch.no_grad():
        logits = model.double()(torch.from_numpy(seeded.tensor("input", shape)).double())[0]
    # Every 25th: a network that is wrong is wrong everywhere.
    return result | {
        "input": list(shape),
        "largest": float(f"{logits.abs().max().item():.9g}"),
        "logits": [float(f"{value:.9g}") for value in logits[::25].tolist()],
    }


def main(arguments: list[str]) -> None:
    if arguments[:1] == ["--names"]:
        for name in arguments[1:]:
            for tensor, shape in tensors(timm.create_model(name)).items():
                print(tensor, *shape)
        return
    path = FOLDER / "expected.json"
    known = json.loads(path.read_text()) if path.exists() else {}
    specs = sorted(spec.stem for spec in (ROOT / "Specs").glob("*.spec"))
    for name in arguments or [spec for spec in specs if timm.is_model(spec)]:
        known[name] = expectation(name)
        print(name, known[name]["tensors"], known[name]["elements"], flush=True)
    lines = (f"{json.dumps(name)}: {json.dumps(known[name])}" for name in sorted(known))
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
