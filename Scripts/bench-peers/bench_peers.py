"""Measures resnetc beside other inference engines on this machine, in one run.

Every engine gets the same network with the same seeded weights, and has to give the same logits.
Then they take turns: in each round every one runs alone for a while, in a process that is stopped
otherwise, and the order rotates. Of each peer the fastest of its settings counts: all are tried on
the same network just before, and those that come near the best take part. Run it by `make
bench-peers`.
"""

import argparse
import importlib
import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

import report
from contender import Contender, EngineError, prepare
from engines import resnetc_engine as ours
from engines import torch_engine
from networks import NETWORKS, Network, network

PEERS = ["onnxruntime_engine", "openvino_engine", "torch_engine", "ncnn_engine", "mnn_engine"]
# How far logits may be from the reference, as a part of its largest.
TOLERANCE = 1e-3
# How much slower than an engine's best settings others may be in the trial and still take part:
# enough for what the trial cannot tell on a machine that others use.
NEAR = 1.25


@dataclass(frozen=True)
class Row:
    model: str
    batch: int
    threads: int


ROWS = [
    *(Row(model, 1, count) for model in ("resnet50", "resnet18", "resnet34") for count in (1, 2)),
    *(Row(model, 1, 2) for model in ("resnet152", "resnext50_32x4d", "wide_resnet50_2")),
    *(Row(model, 8, 2) for model in ("resnet50", "resnet18")),
    *(Row(model, 1, 1) for model in ("cifar_resnet20", "cifar_resnet56", "resnet8-cifar10")),
]


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="make bench-peers", description=__doc__.split("\n\n")[0],
        epilog="Example: make bench-peers PEERS='--quick --rounds 5'",
    )
    parser.add_argument("--quick", action="store_true", help="resnet50 and resnet18, batch 1, only")
    parser.add_argument(
        "--models", metavar="NAMES", help=f"of these only, parted by commas: {', '.join(NETWORKS)}"
    )
    parser.add_argument("--batch", type=int, help="rows with that many images only")
    parser.add_argument("--threads", type=int, help="rows on that many threads only")
    parser.add_argument(
        "--peers", metavar="NAMES", help="some of onnxruntime, openvino, torch, ncnn, mnn only"
    )
    parser.add_argument("--rounds", type=int, default=10, help="turns of each engine (10)")
    parser.add_argument("--seconds", type=float, default=0.5, help="of each turn (0.5)")
    parser.add_argument(
        "--output", type=Path, default=ours.ROOT / ".build/bench-peers",
        help="folder for Benchmarks.md and Benchmarks.json (.build/bench-peers)",
    )
    return parser.parse_args()


def chosen_rows(options: argparse.Namespace) -> list[Row]:
    models = options.models.split(",") if options.models else None
    if models and (unknown := set(models) - set(NETWORKS)):
        sys.exit(f"error: no network {', '.join(sorted(unknown))}; there are {', '.join(NETWORKS)}")
    rows = [
        row for row in ROWS
        if (models is None or row.model in models)
        and (not options.quick or (row.model in ("resnet50", "resnet18") and row.batch == 1))
        and options.batch in (None, row.batch) and options.threads in (None, row.threads)
    ]
    listed = {row.model for row in rows}
    extra = [
        Row(model, options.batch or 1, options.threads or 1)
        for model in models or [] if model not in listed
    ]
    return rows + extra


def versions(engine) -> dict[str, str] | None:
    """The versions of the distributions an engine needs, or None where one is missing."""
    try:
        return {name: importlib.metadata.version(name) for name in engine.PACKAGES}
    except importlib.metadata.PackageNotFoundError:
        return None


def measured_peak(threads: int) -> float:
    """GFLOP/s of fused multiply-adds on that many threads, as `resnetc bench` measures it."""
    command = [
        ours.RESNETC, "bench", ours.ROOT / "Specs/resnet8-cifar10.spec", "--weights", "seeded",
        "--threads", str(threads), "--runs", "20", "--json",
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"error: resnetc bench failed: {done.stderr.strip()}")
    result = json.loads(done.stdout)
    return result["gflops"] / result["peak_fraction"]


class Bench:
    """A run of the benchmark. `folder` holds models and logs while it lasts."""

    def __init__(self, options: argparse.Namespace, folder: Path):
        self.options, self.folder = options, folder
        self.log = options.output / "engines.log"
        self.log.unlink(missing_ok=True)
        names = options.peers.split(",") if options.peers is not None else None
        self.peers, self.versions, self.skipped = {}, {}, {}
        for module in PEERS:
            if names is not None and module.removesuffix("_engine") not in names:
                continue
            engine = importlib.import_module(f"engines.{module}")
            found = versions(engine)
            if found is None:
                say(f"{engine.NAME}: skipped, it is not installed")
                self.skipped[engine.NAME] = "not installed"
            else:
                self.peers[module] = engine
                self.versions[engine.NAME] = found

    def group(self, model: str, batch: int, threads: list[int]) -> list[dict]:
        """The rows of one network and batch."""
        say(f"{model}, batch {batch}: making models …")
        net = network(model, batch)
        folder = self.folder / f"{model}-{batch}"
        folders, failures, facts = {}, {}, []
        for module, engine in self.peers.items():
            folders[module] = folder / module
            folders[module].mkdir(parents=True)
            try:
                prepare(module, model, batch, folders[module], self.log)
            except EngineError as error:
                say(f"  {engine.NAME}: cannot make the model: {error}")
                failures[module] = f"cannot make the model: {error}"
        for i, variant in enumerate(ours.VARIANTS):
            place = folder / f"resnetc-{i}"
            place.mkdir(parents=True)
            flags = variant.options["flags"]
            try:
                facts.append(ours.compile_model(model, batch, max(threads), flags, place))
            except (RuntimeError, subprocess.CalledProcessError, StopIteration) as error:
                sys.exit(f"error: {model}: {error}")
        rows = [self.row(net, count, folder, dict(failures), facts) for count in threads]
        shutil.rmtree(folder)
        return rows

    def row(
        self, net: Network, threads: int, folder: Path, failures: dict, facts: list[dict]
    ) -> dict:
        say(f"{net.name}, batch {net.batch}, {threads} thread(s):")
        reference = oracle(net, folder / "torch_engine")
        contenders: list[Contender] = []
        try:
            own = []
            for i, variant in enumerate(ours.VARIANTS):
                place = folder / f"resnetc-{i}"
                entry, logits = self.load("resnetc_engine", variant, net, threads, place)
                contenders.append(entry)
                own.append(entry)
                reference = logits if reference is None else reference
                entry.difference = difference(logits, reference)
                if not entry.difference <= TOLERANCE:
                    sys.exit(f"error: resnetc's logits are off by {entry.difference:.1e}")
            for module, engine in self.peers.items():
                if module in failures:
                    continue
                try:
                    place = folder / module
                    contenders += self.candidates(module, engine, net, threads, place, reference)
                except EngineError as error:
                    say(f"  {engine.NAME}: {error}")
                    failures[module] = str(error)
            self.alternate(contenders, failures)
            chosen = {
                module: min(
                    (entry for entry in contenders if entry.engine == module),
                    key=lambda entry: min(entry.times),
                )
                for module in self.peers if module not in failures
            }
        finally:
            for contender in contenders:
                contender.close()
        peak = measured_peak(threads)
        result = {
            "model": net.name, "batch": net.batch, "threads": threads, "flops": net.flops,
            "peak_gflops": peak,
            "ours": [
                {
                    **summary(entry), "flags": variant.settings,
                    "weights_bytes": fact["weights_bytes"],
                    **ours.cold_start(folder / f"resnetc-{i}", threads),
                    "compiler": fact["compiler"], "cflags": fact["cflags"],
                }
                for i, (entry, variant, fact) in enumerate(zip(own, ours.VARIANTS, facts))
            ],
            "peers": {
                engine.NAME: {"failed": failures[module]} if module in failures
                else {**summary(chosen[module]), "settings": chosen[module].settings}
                for module, engine in self.peers.items()
            },
        }
        say("  " + report.one_line(result))
        return result

    def load(
        self, module: str, variant, net: Network, threads: int, place: Path
    ) -> tuple[Contender, np.ndarray]:
        job = {
            "model": net.name, "batch": net.batch, "size": net.size, "classes": net.classes,
            "threads": threads, "folder": str(place), "options": variant.options,
        }
        contender = Contender(module, variant.settings, job, self.log)
        try:
            contender.measure(0.05, 1)
            return contender, contender.logits(self.folder)
        except EngineError:
            contender.close()
            raise

    def candidates(
        self, module: str, engine, net: Network, threads: int, place: Path, reference: np.ndarray
    ) -> list[Contender]:
        """The peer with the fastest of its settings, as far as a short trial can tell them apart.

        Throws: EngineError if it works with none.
        """
        loaded, reasons = [], []
        for variant in engine.VARIANTS:
            if net.batch < variant.least_batch:
                continue
            contender = None
            try:
                contender, logits = self.load(module, variant, net, threads, place)
                contender.difference = difference(logits, reference)
                if not contender.difference <= TOLERANCE:
                    raise EngineError(f"its logits are off by {contender.difference:.1e}")
                loaded.append(contender)
            except EngineError as error:
                say(f"  {engine.NAME}: {error}, with {variant.settings}")
                reasons.append(str(error))
                if contender is not None:
                    contender.close()
        if not loaded:
            raise EngineError(reasons[0])
        trials = [[] for _ in loaded]
        try:
            for _ in range(3):
                for times, contender in zip(trials, loaded):
                    times += contender.measure(self.options.seconds / 2, 3)
        except EngineError:
            for contender in loaded:
                contender.close()
            raise
        limit = NEAR * min(map(min, trials))
        for times, contender in zip(trials, loaded):
            say(f"  {engine.NAME}: {min(times):.3f} ms with {contender.settings}")
            if min(times) > limit:
                contender.close()
        return [contender for times, contender in zip(trials, loaded) if min(times) <= limit]

    def alternate(self, contenders: list[Contender], failures: dict) -> None:
        """Rounds of turns; the order rotates so that none always follows the same other."""
        for round_ in range(self.options.rounds):
            turn = round_ % len(contenders)
            for contender in contenders[turn:] + contenders[:turn]:
                if contender.engine in failures:
                    continue
                try:
                    contender.times += contender.measure(self.options.seconds, 3)
                except EngineError as error:
                    failures[contender.engine] = str(error)
        if "resnetc_engine" in failures:
            sys.exit(f"error: resnetc: {failures['resnetc_engine']}")


def summary(contender: Contender) -> dict:
    return {
        "min_ms": min(contender.times), "median_ms": float(np.median(contender.times)),
        "runs": len(contender.times), "difference": contender.difference,
    }


def oracle(net: Network, folder: Path) -> np.ndarray | None:
    """PyTorch's logits in float64: computed where it is installed, or else from the tests' data, if
    that has them for this network and input."""
    if (folder / torch_engine.REFERENCE).exists():
        return np.load(folder / torch_engine.REFERENCE)
    path = ours.ROOT / "Tests/Data/seeded" / f"{net.name}.json"
    if not path.exists():
        return None
    expected = json.loads(path.read_text())
    if tuple(expected["input"]) != net.input_shape:
        return None
    return np.array(expected["logits"])


def difference(logits: np.ndarray, reference: np.ndarray) -> float:
    """The largest difference of two outputs, as a part of the largest of the reference."""
    if logits.shape != reference.shape:
        raise EngineError(f"its output has the shape {logits.shape}, not {reference.shape}")
    return float(np.abs(logits - reference).max() / np.abs(reference).max())


def main() -> None:
    options = arguments()
    rows = chosen_rows(options)
    options.output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-peers-") as folder:
        # Compiled code stays in the run's folder, and compiling starts no helper processes.
        os.environ["TORCHINDUCTOR_CACHE_DIR"] = f"{folder}/inductor"
        os.environ["TORCHINDUCTOR_COMPILE_THREADS"] = "1"
        bench = Bench(options, Path(folder))
        result = {
            "machine": report.machine(), "rounds": options.rounds, "seconds": options.seconds,
            "versions": bench.versions, "skipped": bench.skipped, "rows": [],
        }
        groups: dict[tuple[str, int], list[int]] = {}
        for row in rows:
            groups.setdefault((row.model, row.batch), []).append(row.threads)
        for (model, batch), threads in groups.items():
            result["rows"] += bench.group(model, batch, threads)
            # After each network, so that an interrupted run leaves what it had.
            report.save(result, options.output)
    print(report.markdown(result))
    say(f"saved in {options.output}")


if __name__ == "__main__":
    main()
