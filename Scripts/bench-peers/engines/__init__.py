"""The engines to measure: one file each, with the names below.

    NAME                       how tables call it
    PACKAGES                   the Python distributions it needs, the first being its own
    VARIANTS                   its settings worth trying; the fastest is the one that counts
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

from seeded import tensor


@dataclass(frozen=True)
class Variant:
    """Settings of one engine, in words for the reader and as `options` for its `Session`.

    least_batch: the smallest batch for which they differ from the others.
    """

    settings: str
    options: dict = field(default_factory=dict)
    least_batch: int = 1


@dataclass(frozen=True)
class Job:
    """What a session is for. `folder` is that which `prepare` wrote to."""

    model: str
    batch: int
    size: int
    classes: int
    threads: int
    folder: Path

    def input(self) -> np.ndarray:
        """The input [batch, 3, size, size], at an address that is a multiple of 64."""
        values = tensor("input", (self.batch, 3, self.size, self.size))
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
