"""MNN, with the model that its converter makes of ONNX."""

from pathlib import Path

import numpy as np

from engines import Job, Variant, aligned
from networks import Network
from onnx_model import write_onnx

NAME = "MNN"
PACKAGES = ("MNN", "onnx")
COMMON = "CPU backend, precision high (float32)"
VARIANTS = [
    Variant(f"{COMMON}, session", {}),
    Variant(f"{COMMON}, session, memory high", {"memory": "high"}),
    Variant(f"{COMMON}, session, power high", {"power": "high"}),
]


def prepare(network: Network, folder: Path) -> None:
    # The converter's Python module itself: the command of the package reports each use to a server.
    import _tools

    write_onnx(network, folder / "model.onnx")
    _tools.mnnconvert(
        [
            "mnnconvert", "-f", "ONNX", "--modelFile", str(folder / "model.onnx"), "--MNNModel",
            str(folder / "model.mnn"), "--bizCode", "bench",
        ]
    )
    if not (folder / "model.mnn").exists():
        raise RuntimeError("MNN cannot convert the model")


class Session:
    def __init__(self, job: Job, options: dict):
        import MNN

        self.interpreter = MNN.Interpreter(str(job.folder / "model.mnn"))
        self.session = self.interpreter.createSession(
            {"backend": "CPU", "precision": "high", "numThread": job.threads, **options}
        )
        self.input = self.interpreter.getSessionInput(self.session)
        self.result = self.interpreter.getSessionOutput(self.session)
        values, logits = job.input(), aligned(job.output_shape)
        self.given = MNN.Tensor(
            values.shape, MNN.Halide_Type_Float, values, MNN.Tensor_DimensionType_Caffe
        )
        self.taken = MNN.Tensor(
            logits.shape, MNN.Halide_Type_Float, logits, MNN.Tensor_DimensionType_Caffe
        )

    def run(self) -> None:
        # As MNN's own benchmark does, the copies of input and output count.
        self.input.copyFrom(self.given)
        self.interpreter.runSession(self.session)
        self.result.copyToHostTensor(self.taken)

    def output(self) -> np.ndarray:
        return np.array(self.taken.getNumpyData()).reshape(self.taken.getShape())
