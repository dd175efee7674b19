"""One engine with one set of settings, in a process of its own that runs only when asked to."""

import json
import os
import select
import signal
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from engines import Variant

WORKER = Path(__file__).with_name("worker.py")


class EngineError(Exception):
    """An engine cannot do what was asked; the text says why."""


class Contender:
    """A worker process; see worker.py. It is stopped by signal between its turns, so that the
    threads of an engine that would rather spin than sleep do not take time from the others'."""

    def __init__(
        self, engine: str, variant: Variant, job: dict, log: Path, timeout: float = 600
    ):
        """Starts the process, which loads the model, and stops it.

        Throws: EngineError if the model cannot be loaded.
        """
        self.engine, self.variant = engine, variant
        self.job = _job(engine, variant, job)
        self.times: list[float] = []
        self.difference = 0.0
        self.timeout = timeout
        self.process = _start("serve", self.job, log)
        try:
            self._answer()
        except EngineError:
            self.close()
            raise
        self._signal(signal.SIGSTOP)

    def measure(self, seconds: float, least: int) -> list[float]:
        """The times of so many inferences, in milliseconds."""
        return [ns * 1e-6 for ns in self._ask({"seconds": seconds, "least": least})["nanoseconds"]]

    def logits(self, folder: Path) -> np.ndarray:
        """The logits of the last inference, [batch, classes]."""
        path = folder / f"logits-{self.process.pid}.npy"
        self._ask({"output": str(path)})
        return np.load(path)

    def close(self) -> None:
        if self.process.poll() is None:
            self._signal(signal.SIGKILL)
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()

    def _ask(self, request: dict) -> dict:
        self._signal(signal.SIGCONT)
        try:
            self.process.stdin.write(json.dumps(request).encode() + b"\n")
            self.process.stdin.flush()
        except OSError:
            raise EngineError("its process has ended") from None
        answer = self._answer()
        self._signal(signal.SIGSTOP)
        return answer

    def _answer(self) -> dict:
        return _answer(self.process, self.timeout)

    def _signal(self, number: int) -> None:
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            pass


def prepare(engine: str, model: str, batch: int, folder: Path, log: Path) -> None:
    """Makes the engine's model in a process of its own.

    Throws: EngineError if it cannot.
    """
    _once("prepare", {"engine": engine, "model": model, "batch": batch, "folder": str(folder)}, log)


def cold_start(contender: Contender, log: Path, runs: int = 3) -> dict:
    """What a fresh process takes with the same settings, see worker.py: the median of several, or
    of one where it takes long.

    Throws: EngineError if one fails.
    """
    results = []
    start = time.monotonic()
    while len(results) < runs and (not results or time.monotonic() - start < 20):
        results.append(_once("cold", contender.job, log))
    return {name: statistics.median(result[name] for result in results) for name in results[0]}


def _job(engine: str, variant: Variant, job: dict) -> dict:
    return {
        "engine": engine, "options": variant.options, "split": variant.split,
        "environment": variant.environment, **job,
    }


def _once(action: str, job: dict, log: Path) -> dict:
    """The one answer of a process that ends after it."""
    process = _start(action, job, log)
    try:
        return _answer(process, timeout=600)
    finally:
        if process.poll() is None:
            time.sleep(0.05)
            process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()


def _start(action: str, job: dict, log: Path) -> subprocess.Popen:
    threads = str(job.get("threads", os.cpu_count()))
    with open(log, "ab") as errors:
        return subprocess.Popen(
            [sys.executable, "-B", WORKER, action, json.dumps(job)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, bufsize=0,
            env={**os.environ, "OMP_NUM_THREADS": threads, **job.get("environment", {})},
            # A group of its own, as some engines have helper processes.
            start_new_session=True,
        )


def _answer(process: subprocess.Popen, timeout: float) -> dict:
    line = b""
    end = time.monotonic() + timeout
    while not line.endswith(b"\n"):
        ready, _, _ = select.select([process.stdout], [], [], max(end - time.monotonic(), 0))
        if not ready:
            raise EngineError(f"no answer within {timeout:.0f} s")
        part = process.stdout.read(1 << 16)
        if not part:
            raise EngineError(f"its process ended with status {process.wait()}")
        line += part
    answer = json.loads(line)
    if "error" in answer:
        raise EngineError(answer["error"])
    return answer
