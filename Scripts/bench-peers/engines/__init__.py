"""The engines to measure: one file each, with the names below.

    NAME                       how tables call it
    PACKAGES                   the Python distributions it needs, the first being its own
    MODULES                    the Python modules that a session imports
    VARIANTS                   its settings worth trying; the fastest is the one that counts
    REASONS                    why those: what else was considered, for the reader
    prepare(network, folder)   makes its model of a `Network`, with every file in `folder`
    Session(job, options)      a loaded model, ready to run:
        .run()                 one inference from the float32 input that it was loaded with
        .output()              the logits of the last inference, [batch, classes]

An engine's library is imported in its functions only, so that looking at this list starts no
threads.
"""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np


@dataclass(frozen=True)
class Variant:
    """Settings of one engine, in words for the reader and as `options` for its `Session`.

    precision: "float32", or, for rows whose weights may have 16 bits, what the engine stores or
               computes with.
    split:     whether the batch is parted among the threads, each with a session of its own.
    batched:   whether they make a difference for batches of several images only.
    """

    settings: str
    options: dict = field(default_factory=dict)
    precision: str = "float32"
    split: bool = False
    batched: bool = False

    def fits(self, batch: int, threads: int, weights: str) -> bool:
        return (
            (batch > 1 or not (self.batched or self.split))
            and (not self.split or (threads > 1 and batch % threads == 0))
            and (weights == "float16" or self.precision == "float32")
        )


def split(variant: Variant) -> Variant:
    """The same settings with a part of the batch on each thread."""
    return Variant(
        f"{variant.settings}; a part of the batch on each thread, without synchronisation",
        variant.options, variant.precision, split=True,
    )


@dataclass(frozen=True)
class Job:
    """What a session is for.

    folder:     that which `prepare` wrote to.
    input_file: a .npy file with the whole batch; `first` is the session's first image in it.
    """

    model: str
    batch: int
    size: int
    classes: int
    threads: int
    folder: Path
    input_file: Path
    first: int = 0

    def input(self) -> np.ndarray:
        """The input [batch, 3, size, size], at an address that is a multiple of 64."""
        values = np.load(self.input_file, mmap_mode="r")[self.first : self.first + self.batch]
        return aligned(values.shape, values)

    @property
    def output_shape(self) -> tuple[int, int]:
        return self.batch, self.classes


def aligned(shape: tuple[int, ...], values: np.ndarray | None = None) -> np.ndarray:
    """A float32 array at an address that is a multiple of 64, with those values or zeros."""
    count = int(np.prod(shape))
    memory = np.zeros(count + 16, np.float32)
    skip = (-memory.ctypes.data % 64) // 4
    array = memory[skip : skip + count].reshape(shape)
    if values is not None:
        array[...] = values
    return array
