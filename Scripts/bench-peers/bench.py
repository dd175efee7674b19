"""The measurement of one network after the other: models, agreement, turns, fresh processes."""

import importlib
import importlib.metadata
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np

from contender import Contender, EngineError, cold_start, prepare
from engines import Variant, split, torch_engine
from engines import resnetc_engine as ours
from networks import Network, network
from rows import Row
from seeded import tensor

PEERS = ["onnxruntime_engine", "openvino_engine", "torch_engine", "ncnn_engine", "mnn_engine"]
# How much slower than an engine's best settings others may be in the trial and still take part:
# enough for what the trial cannot tell on a machine that others use.
NEAR = 1.25


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def versions(engine) -> dict[str, str] | None:
    """The versions of the distributions an engine needs, or None where one is missing."""
    try:
        return {name: importlib.metadata.version(name) for name in engine.PACKAGES}
    except importlib.metadata.PackageNotFoundError:
        return None


class Bench:
    """A run of the benchmark. `folder` holds models while it lasts; `log` takes what engines say."""

    def __init__(
        self, names: list[str] | None, rounds: int, seconds: float, folder: Path, log: Path
    ):
        self.rounds, self.seconds, self.folder, self.log = rounds, seconds, folder, log
        log.unlink(missing_ok=True)
        self.peers, self.versions, self.reasons, self.skipped = {}, {}, {}, {}
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
                self.reasons[engine.NAME] = engine.REASONS

    def group(self, rows: list[Row]) -> list[dict]:
        """The rows of one network and batch."""
        net = network(rows[0].model, rows[0].batch)
        say(f"{net.name}, batch {net.batch}: making models …")
        folder = self.folder / f"{net.name}-{net.batch}"
        folder.mkdir()
        np.save(folder / "input.npy", tensor("input", net.input_shape))
        # A peer that parts the batch among threads needs a model of each part.
        parts = {net.batch // row.threads for row in rows if net.batch % row.threads == 0}
        failures: dict[str, str] = {}
        for module, engine in self.peers.items():
            for batch in {net.batch, *parts} - {0}:
                place = folder / f"{module}-{batch}"
                place.mkdir()
                try:
                    prepare(module, net.name, batch, place, self.log)
                except EngineError as error:
                    say(f"  {engine.NAME}: cannot make the model: {error}")
                    failures[module] = f"cannot make the model: {error}"
        # As a user would, for the number of threads that it will run on.
        facts = {}
        for row in rows:
            for i, variant in enumerate(ours.VARIANTS):
                place = own_folder(folder, row, i)
                place.mkdir()
                flags = ours.FORMATS[row.weights] + variant.options["flags"]
                try:
                    facts[row, i] = ours.compile_model(
                        net.name, net.batch, row.threads, flags, place
                    )
                except (RuntimeError, subprocess.CalledProcessError, StopIteration) as error:
                    sys.exit(f"error: {net.name}: {error}")
        results = []
        for row in rows:
            own = [facts[row, i] for i in range(len(ours.VARIANTS))]
            results.append(Turns(self, row, net, folder, dict(failures)).result(own))
        shutil.rmtree(folder)
        return results


class Turns:
    """One row: the contenders, from loading to their last turn."""

    def __init__(
        self, bench: Bench, row: Row, net: Network, folder: Path, failures: dict[str, str]
    ):
        self.bench, self.row, self.net, self.folder = bench, row, net, folder
        # By module: why a peer has no times.
        self.failures = failures
        self.reference = oracle(net, folder / f"torch_engine-{net.batch}")
        self.contenders: list[Contender] = []
        # Settings that are faster than they are exact.
        self.inexact: list[dict] = []

    def result(self, facts: list[dict]) -> dict:
        row = self.row
        say(f"{row.model}, batch {row.batch}, {row.threads} thread(s), {row.weights} weights:")
        try:
            own = [self.own(i) for i in range(len(ours.VARIANTS))]
            for module, engine in self.bench.peers.items():
                if module not in self.failures:
                    try:
                        self.contenders += self.candidates(module, engine)
                    except EngineError as error:
                        say(f"  {engine.NAME}: {error}")
                        self.failures[module] = str(error)
            self.alternate()
        finally:
            for contender in self.contenders:
                contender.close()
        return {
            "model": row.model, "batch": row.batch, "threads": row.threads, "weights": row.weights,
            "tolerance": row.tolerance, "flops": self.net.flops,
            "ours": [
                {
                    **self.summary(entry), "flags": " ".join(fact["flags"]),
                    "weights_bytes": fact["weights_bytes"], "compiler": fact["compiler"],
                    "cflags": fact["cflags"],
                    "alone": ours.cold_start(entry.job["folder"], row.threads),
                }
                for entry, fact in zip(own, facts)
            ],
            "peers": {
                engine.NAME: self.peer(module) for module, engine in self.bench.peers.items()
            },
            "inexact": self.inexact,
        }

    def own(self, i: int) -> Contender:
        place = own_folder(self.folder, self.row, i)
        entry, logits = self.load("resnetc_engine", ours.VARIANTS[i], place)
        self.contenders.append(entry)
        if self.reference is None:
            self.reference = logits
        entry.difference, same = agreement(logits, self.reference)
        if not (entry.difference <= self.row.tolerance and same):
            sys.exit(f"error: resnetc's logits are off by {entry.difference:.1e}")
        return entry

    def load(self, module: str, variant: Variant, place: Path) -> tuple[Contender, np.ndarray]:
        row, net = self.row, self.net
        job = {
            "model": net.name, "batch": net.batch, "size": net.size, "classes": net.classes,
            "threads": row.threads, "folder": str(place),
            "input_file": str(self.folder / "input.npy"),
        }
        contender = Contender(module, variant, job, self.bench.log)
        try:
            contender.measure(0.05, 1)
            return contender, contender.logits(self.bench.folder)
        except EngineError:
            contender.close()
            raise

    def candidates(self, module: str, engine) -> list[Contender]:
        """The peer with the fastest of its settings, as far as a short trial can tell them apart:
        those that it lists, and the fastest of them with a part of the batch on each thread.

        Throws: EngineError if it works with none.
        """
        row = self.row
        reasons: list[str] = []
        variants = [v for v in engine.VARIANTS if v.fits(row.batch, row.threads, row.weights)]
        loaded = self.exact(module, engine, variants, reasons)
        if not loaded:
            raise EngineError(reasons[0])
        try:
            trials = self.trials(loaded)
            # Sessions of their own would be bound to the same processors.
            free = [entry for entry in loaded if not entry.variant.pinned]
            if free:
                parted = split(min(free, key=lambda entry: trials[entry]).variant)
                if parted.fits(row.batch, row.threads, row.weights):
                    more = self.exact(module, engine, [parted], reasons)
                    loaded += more
                    trials |= self.trials(more)
        except EngineError:
            for contender in loaded:
                contender.close()
            raise
        limit = NEAR * min(trials.values())
        for contender, least in trials.items():
            say(f"  {engine.NAME}: {least:.3f} ms with {contender.variant.settings}")
            if least > limit:
                contender.close()
        return [contender for contender, least in trials.items() if least <= limit]

    def exact(
        self, module: str, engine, variants: list[Variant], reasons: list[str]
    ) -> list[Contender]:
        """The peer loaded with each of the settings whose logits are exact enough; `reasons` gets
        why others are not."""
        row = self.row
        loaded = []
        for variant in variants:
            batch = row.batch // row.threads if variant.split else row.batch
            contender = None
            try:
                place = self.folder / f"{module}-{batch}"
                contender, logits = self.load(module, variant, place)
                contender.difference, same = agreement(logits, self.reference)
                if contender.difference <= row.tolerance and same:
                    loaded.append(contender)
                    continue
                if variant.precision != "float32":
                    contender.times = contender.measure(self.bench.seconds, 3)
                    self.inexact.append({
                        "engine": engine.NAME, "settings": variant.settings,
                        "precision": variant.precision, "min_ms": min(contender.times),
                        "difference": contender.difference,
                    })
                raise EngineError(f"its logits are off by {contender.difference:.1e}")
            except EngineError as error:
                say(f"  {engine.NAME}: {error}, with {variant.settings}")
                reasons.append(str(error))
                if contender is not None:
                    contender.close()
        return loaded

    def trials(self, contenders: list[Contender]) -> dict[Contender, float]:
        """The least time of each, in milliseconds, by turns.

        Throws: EngineError if one fails.
        """
        times: dict[Contender, list[float]] = {contender: [] for contender in contenders}
        for _ in range(3):
            for contender in contenders:
                times[contender] += contender.measure(self.bench.seconds / 2, 3)
        return {contender: min(found) for contender, found in times.items()}

    def alternate(self) -> None:
        """Rounds of turns; the order rotates so that none always follows the same other."""
        for round_ in range(self.bench.rounds):
            turn = round_ % len(self.contenders)
            for contender in self.contenders[turn:] + self.contenders[:turn]:
                if contender.engine in self.failures:
                    continue
                try:
                    contender.times += contender.measure(self.bench.seconds, 3)
                except EngineError as error:
                    self.failures[contender.engine] = str(error)
        if "resnetc_engine" in self.failures:
            sys.exit(f"error: resnetc: {self.failures['resnetc_engine']}")

    def peer(self, module: str) -> dict:
        """The results of the peer's fastest settings."""
        if module in self.failures:
            return {"failed": self.failures[module]}
        entries = [entry for entry in self.contenders if entry.engine == module]
        best = min(entries, key=lambda entry: min(entry.times))
        return {
            **self.summary(best), "settings": best.variant.settings,
            "precision": best.variant.precision,
        }

    def summary(self, contender: Contender) -> dict:
        try:
            cold = cold_start(contender, self.bench.log)
        except EngineError as error:
            cold = {"failed": str(error)}
        return {
            "min_ms": min(contender.times), "median_ms": float(np.median(contender.times)),
            "runs": len(contender.times), "difference": contender.difference, "cold": cold,
        }


def own_folder(folder: Path, row: Row, i: int) -> Path:
    """Where resnetc's package for a row is, compiled with the i-th set of options."""
    return folder / f"resnetc-{row.weights}-{row.threads}-{i}"


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


def agreement(logits: np.ndarray, reference: np.ndarray) -> tuple[float, bool]:
    """The largest difference of two outputs, as a part of the largest of the reference, and whether
    they name the same class for each image."""
    if logits.shape != reference.shape:
        raise EngineError(f"its output has the shape {logits.shape}, not {reference.shape}")
    difference = float(np.abs(logits - reference).max() / np.abs(reference).max())
    return difference, bool((logits.argmax(1) == reference.argmax(1)).all())
