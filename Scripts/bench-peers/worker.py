"""A process with one engine: makes its model, or loads it and runs it on request.

    worker.py prepare '{"engine", "model", "batch", "folder"}'
    worker.py serve   '{"engine", "options", "split", "environment", fields of Job …}'
    worker.py cold    the same

Answers are JSON, one a line, on what was standard output; the engine's own words go to standard
error. `cold` answers once, with what a fresh process took: see `cold`. Requests to a serving
worker are JSON on standard input:

    {"seconds": S, "least": N}   inferences for S seconds, at least N, after two that do not count
                                 -> {"nanoseconds": [...]}
    {"output": PATH}             the logits of the last inference, to a .npy file -> {"done": true}
"""

import ctypes
import importlib
import json
import os
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from engines import Job


class Split:
    """Sessions that run at once, each with one thread and its part of the batch."""

    def __init__(self, engine, job: dict, options: dict):
        parts = job["threads"]
        part = job["batch"] // parts
        self.sessions = [
            engine.Session(Job(**{**job, "batch": part, "threads": 1, "first": i * part}), options)
            for i in range(parts)
        ]
        self.pool = ThreadPoolExecutor(parts)

    def run(self) -> None:
        for done in [self.pool.submit(session.run) for session in self.sessions]:
            done.result()

    def output(self) -> np.ndarray:
        return np.concatenate([session.output() for session in self.sessions])


def main() -> None:
    # A worker that is stopped would outlive a parent that was killed; PR_SET_PDEATHSIG is 1.
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    # Libraries print where they like; only answers may go to the pipe.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    action, job = sys.argv[1], json.loads(sys.argv[2])

    def answer(value: dict) -> None:
        print(json.dumps(value), file=answers, flush=True)

    try:
        engine = importlib.import_module(f"engines.{job.pop('engine')}")
        if action == "prepare":
            from networks import network

            engine.prepare(network(job["model"], job["batch"]), Path(job["folder"]))
            answer({"done": True})
        elif action == "serve":
            serve(engine, job, answer)
        else:
            answer(cold(engine, job))
    except Exception as error:  # Whatever an engine raises is its failure, to be reported as such.
        answer({"error": f"{type(error).__name__}: {error}".splitlines()[0][:300]})
        sys.exit(1)


def load(engine, job: dict):
    options, parted = job.pop("options"), job.pop("split")
    # What the process was started with.
    job.pop("environment")
    job = {**job, "folder": Path(job["folder"]), "input_file": Path(job["input_file"])}
    return Split(engine, job, options) if parted else engine.Session(Job(**job), options)


def serve(engine, job: dict, answer) -> None:
    session = load(engine, job)
    session.run()
    answer({"done": True})
    for line in sys.stdin:
        request = json.loads(line)
        if "output" in request:
            np.save(request["output"], session.output())
            answer({"done": True})
        else:
            answer({"nanoseconds": times(session.run, request["seconds"], request["least"])})


def cold(engine, job: dict) -> dict:
    """What a fresh process takes for one network: importing the engine, loading the model, the
    first inference after that, and the fastest of later ones, in milliseconds; and the memory
    resident at most, of which Python and NumPy had so much before, in bytes."""
    before = resident("VmRSS")
    start = time.perf_counter()
    for module in engine.MODULES:
        importlib.import_module(module)
    imported = time.perf_counter()
    session = load(engine, job)
    loaded = time.perf_counter()
    session.run()
    first = time.perf_counter()
    warm = times(session.run, 0.3, 10)
    return {
        "import_ms": (imported - start) * 1e3, "load_ms": (loaded - imported) * 1e3,
        "first_ms": (first - loaded) * 1e3, "warm_ms": min(warm) * 1e-6,
        "peak_bytes": resident("VmHWM"), "python_bytes": before,
    }


def resident(name: str) -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1]) * 1024
    return 0


def times(run, seconds: float, least: int) -> list[int]:
    clock = time.perf_counter_ns
    run()
    run()
    result = []
    end = clock() + int(seconds * 1e9)
    while len(result) < least or clock() < end:
        start = clock()
        run()
        result.append(clock() - start)
    return result


if __name__ == "__main__":
    main()
