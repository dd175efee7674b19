"""Checks ONNX models and runs them with ONNX Runtime.

    run_models.py FOLDER

For each NAME.onnx in the folder, whose inputs are in NAME.0.in, NAME.1.in and so on as raw float32,
the outputs go to NAME.0.out and so on. What is wrong with a model goes to NAME.error instead.
"""

import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime


def run(path: Path) -> None:
    onnx.checker.check_model(str(path), full_check=True)
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = 1
    settings.log_severity_level = 4
    session = onnxruntime.InferenceSession(
        str(path), settings, providers=["CPUExecutionProvider"]
    )
    feeds = {
        value.name: np.fromfile(path.with_suffix(f".{i}.in"), np.float32).reshape(value.shape)
        for i, value in enumerate(session.get_inputs())
    }
    results = session.run(None, feeds)
    for i, (value, result) in enumerate(zip(session.get_outputs(), results)):
        if list(result.shape) != value.shape:
            raise ValueError(f"{value.name} is {result.shape}, declared as {value.shape}")
        result.tofile(path.with_suffix(f".{i}.out"))


for model in sorted(Path(sys.argv[1]).glob("*.onnx")):
    try:
        run(model)
    except Exception as error:  # Whatever either library refuses a model with is the test's answer.
        model.with_suffix(".error").write_text(f"{type(error).__name__}: {error}")
