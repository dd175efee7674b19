"""A process with one engine: makes its model, or loads it and runs it on request.

    worker.py prepare '{"engine", "model", "batch", "folder"}'
    worker.py serve   '{"engine", "model", "batch", "folder", "threads", "options"}'

Answers are JSON, one a line, on what was standard output; the engine's own words go to standard
error. Requests to a serving worker are JSON on standard input:

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
from pathlib import Path

import numpy as np

from engines import Job
from networks import network


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
        engine = importlib.import_module(f"engines.{job['engine']}")
        if action == "prepare":
            engine.prepare(network(job["model"], job["batch"]), Path(job["folder"]))
            answer({"done": True})
        else:
            serve(engine, job, answer)
    except Exception as error:  # Whatever an engine raises is its failure, to be reported as such.
        answer({"error": f"{type(error).__name__}: {error}".splitlines()[0][:300]})
        sys.exit(1)


def serve(engine, job: dict, answer) -> None:
    options = job.pop("options")
    job.pop("engine")
    folder = Path(job.pop("folder"))
    session = engine.Session(Job(folder=folder, **job), options)
    session.run()
    answer({"done": True})
    for line in sys.stdin:
        request = json.loads(line)
        if "output" in request:
            np.save(request["output"], session.output())
            answer({"done": True})
        else:
            answer({"nanoseconds": times(session.run, request["seconds"], request["least"])})


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
