"""ONNX Runtime beside generated code: what `resnetc compare --against onnxruntime` talks to.

    onnxruntime_peer.py FOLDER THREADS

FOLDER has the model, model.onnx, and its input, input.raw: float32 numbers, little-endian. Answers are
JSON, one a line. The first says {"version": ONNX Runtime's}, or {"missing": a module} if that cannot be
imported, or {"error": why the model cannot be used}. Then a request is a line on standard input:

    run N      runs the model N times, after two that do not count -> {"seconds": [...]}
    outputs    writes the results of the last run to FOLDER/0.raw, FOLDER/1.raw and so on, in the order
               of the model's outputs -> {"shapes": [...]}

The end of standard input ends it.
"""

import json
import os
import select
import signal
import sys
import time
from pathlib import Path


def answer(value: dict) -> None:
    print(json.dumps(value), file=answers, flush=True)


# An interruption is for who asks, whose end is this one's too.
signal.signal(signal.SIGINT, signal.SIG_IGN)
# Libraries print where they like; only answers may go to who asks.
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
folder, threads = Path(sys.argv[1]), int(sys.argv[2])

try:
    import numpy
    import onnxruntime
except ImportError as error:
    answer({"missing": error.name or str(error)})
    sys.exit(1)


def make_session() -> onnxruntime.InferenceSession:
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = threads
    settings.inter_op_num_threads = 1
    settings.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    settings.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    settings.log_severity_level = 3
    # Threads spin between operations, but not once the model has run: then it is the other's turn.
    settings.add_session_config_entry("session.intra_op.allow_spinning", "1")
    settings.add_session_config_entry("session.force_spinning_stop", "1")
    settings.add_session_config_entry("session.set_denormal_as_zero", "1")
    # Each thread on a processor of its own, if there are so many. This one is the first of them;
    # ONNX Runtime counts processors from 1.
    processors = sorted(os.sched_getaffinity(0))[:threads]
    if len(processors) == threads:
        os.sched_setaffinity(0, processors[:1])
        if threads > 1:
            settings.add_session_config_entry(
                "session.intra_op_thread_affinities", ";".join(str(p + 1) for p in processors[1:])
            )
    return onnxruntime.InferenceSession(
        str(folder / "model.onnx"), settings, providers=["CPUExecutionProvider"]
    )


def bind(session: onnxruntime.InferenceSession) -> tuple:
    """Arrays for the input and the outputs, so that no run pays for making or copying them."""
    binding = session.io_binding()
    source = session.get_inputs()[0]
    values = numpy.fromfile(folder / "input.raw", "<f4").reshape(source.shape)
    binding.bind_ortvalue_input(source.name, onnxruntime.OrtValue.ortvalue_from_numpy(values))
    results = []
    for output in session.get_outputs():
        results.append(
            onnxruntime.OrtValue.ortvalue_from_numpy(numpy.zeros(output.shape, numpy.float32))
        )
        binding.bind_ortvalue_output(output.name, results[-1])
    return binding, results


def seconds_of_run() -> float:
    # Whoever asked says nothing before the answer, unless it has ended.
    if select.select([sys.stdin], [], [], 0)[0]:
        sys.exit(1)
    start = time.perf_counter()
    session.run_with_iobinding(binding)
    return time.perf_counter() - start


try:
    session = make_session()
    binding, results = bind(session)
    answer({"version": onnxruntime.__version__})
    for line in sys.stdin:
        request = line.split()
        if request[0] == "run":
            for _ in range(2):
                seconds_of_run()
            answer({"seconds": [seconds_of_run() for _ in range(int(request[1]))]})
        else:
            arrays = [result.numpy() for result in results]
            for index, array in enumerate(arrays):
                array.astype("<f4").tofile(folder / f"{index}.raw")
            answer({"shapes": [list(array.shape) for array in arrays]})
except Exception as error:  # Whatever ONNX Runtime refuses a model with is the answer.
    answer({"error": f"{type(error).__name__}: {error}"})
    sys.exit(1)
