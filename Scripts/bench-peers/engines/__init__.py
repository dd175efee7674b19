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

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from variants import BOUND, Variant, split

__all__ = ["BOUND", "Job", "Variant", "aligned", "split"]


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
