"""resnetc: the library it writes, called from Python as the peers are."""

import ctypes
import json
import os
import re
import shlex
import statistics
import subprocess
from pathlib import Path

import numpy as np

from engines import Job, Variant, aligned

NAME = "resnetc"
MODULES = ()
ROOT = Path(__file__).resolve().parents[3]
RESNETC = Path(os.environ.get("RESNETC", ROOT / ".build/release/resnetc"))
COLD = Path(__file__).resolve().parents[1] / "cold.c"
# What `resnetc compile` is told for the weights of a row.
FORMATS = {"float32": [], "float16": ["--accuracy", "relaxed"]}
# One set of options for `resnetc compile` in each part. Unlike those of peers, all are shown.
VARIANTS = [
    Variant(" ".join(flags.split()), {"flags": shlex.split(flags)})
    for flags in os.environ.get("RESNETC_FLAGS", "").split("|")
]


def compile_model(model: str, batch: int, threads: int, flags: list[str], folder: Path) -> dict:
    """Compiles the spec with seeded weights in `folder`, with a shared library and the program
    of `cold.c`. Returns what sessions and reports need to know."""
    sets = [] if batch == 1 else ["--set", f"batch={batch}"]
    command = [
        RESNETC, "compile", ROOT / "Specs" / f"{model}.spec", "--weights", "seeded", "--threads",
        str(threads), "-o", folder / "package", *sets, *flags,
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"resnetc compile failed: {done.stderr.strip()}")
    found = re.search(r"^compiler +(\S+) *(.*)$", done.stdout, re.MULTILINE)
    compiler = found.group(1) if found else os.environ.get("CC", "clang")
    archive = next(folder.glob("package/*.artifactbundle/*/*/*.a"))
    header = next(archive.parent.glob("include/*.h"))
    prefix = header.stem
    subprocess.run(
        [
            compiler, "-shared", "-fopenmp", "-o", folder / "library.so", "-Wl,--whole-archive",
            archive, "-Wl,--no-whole-archive", "-lm",
        ],
        check=True,
    )
    subprocess.run(
        [
            compiler, "-O2", "-fopenmp", f"-I{header.parent}", f'-DHEADER="{header.name}"',
            f"-DPREFIX={prefix}", f"-DCAPITALS={prefix.upper()}", COLD, archive, "-lm", "-o",
            folder / "cold",
        ],
        check=True,
    )
    weights = next(folder.glob("package/*.weights"))
    makefile = (folder / "package/csrc/Makefile").read_text()
    facts = {
        "prefix": prefix,
        "weights": str(weights),
        "weights_bytes": weights.stat().st_size,
        "compiler": " ".join(found.groups()).strip() if found else compiler,
        "flags": flags,
        "cflags": re.search(r"^CFLAGS = (.*)$", makefile, re.MULTILINE).group(1),
    }
    (folder / "facts.json").write_text(json.dumps(facts))
    return facts


def cold_start(folder: str, threads: int, runs: int = 5) -> dict:
    """The median of several fresh processes: see cold.c."""
    facts = json.loads(Path(folder, "facts.json").read_text())
    results = []
    for _ in range(runs):
        command = [Path(folder, "cold"), facts["weights"], str(threads)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        results.append(json.loads(done.stdout))
    return {name: statistics.median(result[name] for result in results) for name in results[0]}


class Session:
    def __init__(self, job: Job, options: dict):
        facts = json.loads((job.folder / "facts.json").read_text())
        library = ctypes.CDLL(str(job.folder / "library.so"))
        prefix, pointer = facts["prefix"], ctypes.c_void_p
        describe = getattr(library, f"{prefix}_status_text")
        describe.restype = ctypes.c_char_p
        self.describe = describe
        size = getattr(library, f"{prefix}_workspace_bytes")
        size.restype = ctypes.c_size_t
        self.infer = getattr(library, f"{prefix}_run")
        self.infer.argtypes = [pointer, pointer, pointer, pointer, ctypes.c_int]
        model = pointer()
        opened = getattr(library, f"{prefix}_open")
        self._check(opened(facts["weights"].encode(), ctypes.byref(model)))
        self.arrays = (
            aligned((-(-size(job.threads) // 4),)), job.input(), aligned(job.output_shape)
        )
        addresses = [pointer(array.ctypes.data) for array in self.arrays]
        prepare = getattr(library, f"{prefix}_prepare")
        self._check(prepare(model, addresses[0], ctypes.c_int(job.threads)))
        self.arguments = (model, *addresses, ctypes.c_int(job.threads))

    def _check(self, status: int) -> None:
        if status != 0:
            raise RuntimeError(self.describe(status).decode())

    def run(self) -> None:
        self._check(self.infer(*self.arguments))

    def output(self) -> np.ndarray:
        return self.arrays[2]
