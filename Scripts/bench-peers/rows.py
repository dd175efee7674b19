"""What is measured: one row for each network, batch, number of threads and format of weights."""

import argparse
import sys
from dataclasses import dataclass

from networks import NETWORKS

# How far logits may be from the reference, as a part of its largest. In float32 that is room for
# the order of sums and for Winograd's algorithm, and none for a peer that computes in less; with
# weights in float16, for their rounding.
TOLERANCE = {"float32": 1e-4, "float16": 1e-3}


@dataclass(frozen=True)
class Row:
    """weights: "float32", or "float16", where each engine may store the weights in 16 bits and
    compute as it likes, as long as the logits are within the tolerance."""

    model: str
    batch: int
    threads: int
    weights: str = "float32"

    @property
    def tolerance(self) -> float:
        return TOLERANCE[self.weights]


ROWS = [
    *(Row(model, 1, count) for model in ("resnet50", "resnet18", "resnet34") for count in (1, 2)),
    *(Row(model, 1, 2) for model in ("resnet152", "resnext50_32x4d", "wide_resnet50_2")),
    *(Row(model, 1, 2) for model in ("resnet50d", "seresnet50")),
    *(Row(model, 8, 2) for model in ("resnet50", "resnet18")),
    *(Row(model, 1, 1) for model in ("cifar_resnet20", "cifar_resnet56", "resnet8-cifar10")),
    Row("resnet50", 1, 2, "float16"),
]


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--quick", action="store_true", help="resnet50 and resnet18, batch 1, float32, only"
    )
    parser.add_argument(
        "--models", metavar="NAMES", help=f"of these only, parted by commas: {', '.join(NETWORKS)}"
    )
    parser.add_argument("--batch", type=int, help="rows with that many images only")
    parser.add_argument("--threads", type=int, help="rows on that many threads only")
    parser.add_argument("--weights", choices=TOLERANCE, help="rows with such weights only")


def chosen(options: argparse.Namespace) -> list[Row]:
    """The rows that the options ask for; of a network that has none, one for it."""
    models = options.models.split(",") if options.models else None
    if models and (unknown := set(models) - set(NETWORKS)):
        sys.exit(f"error: no network {', '.join(sorted(unknown))}; there are {', '.join(NETWORKS)}")

    def wanted(row: Row) -> bool:
        quick = row.model in ("resnet50", "resnet18") and (row.batch, row.weights) == (1, "float32")
        return (
            (models is None or row.model in models) and (quick or not options.quick)
            and options.batch in (None, row.batch) and options.threads in (None, row.threads)
            and options.weights in (None, row.weights)
        )

    rows = [row for row in ROWS if wanted(row)]
    listed = {row.model for row in rows}
    return rows + [
        Row(model, options.batch or 1, options.threads or 1, options.weights or "float32")
        for model in models or [] if model not in listed
    ]
