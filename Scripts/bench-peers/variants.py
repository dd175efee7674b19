"""The settings that an engine may be measured with."""

from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Variant:
    """Settings of one engine, in words for the reader and as `options` for its `Session`.

    precision: "float32", or, for rows whose weights may have 16 bits, what the engine stores or
               computes with.
    split:     whether the batch is parted among the threads, each with a session of its own.
    batched:   whether they make a difference for batches of several images only.
    pinned:    whether threads are bound to processors, which makes a difference for several only.
    environment: variables that the engine's process is started with.
    """

    settings: str
    options: dict = field(default_factory=dict)
    precision: str = "float32"
    split: bool = False
    batched: bool = False
    pinned: bool = False
    environment: dict[str, str] = field(default_factory=dict)

    def fits(self, batch: int, threads: int, weights: str) -> bool:
        return (
            (batch > 1 or not (self.batched or self.split))
            and (threads > 1 or not self.pinned)
            and (not self.split or (threads > 1 and batch % threads == 0))
            and (weights == "float16" or self.precision == "float32")
        )


# OpenMP's threads on processors of their own, waiting actively. GNU's runtime and LLVM's read both.
BOUND = {"OMP_PROC_BIND": "true", "OMP_WAIT_POLICY": "active"}


def split(variant: Variant) -> Variant:
    """The same settings with a part of the batch on each thread."""
    return replace(
        variant, split=True,
        settings=f"{variant.settings}; a part of the batch on each thread, without synchronisation",
    )
