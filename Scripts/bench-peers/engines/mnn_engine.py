"""MNN, with the model that its converter makes of ONNX."""

from pathlib import Path

import numpy as np

from engines import Job, Variant, aligned
from networks import Network
from onnx_model import write_onnx

NAME = "MNN"
PACKAGES = ("MNN", "onnx")
MODULES = ("MNN",)
COMMON = "session on the CPU backend"
# MNN's HintMode WINOGRAD_MEMORY_LEVEL.
WINOGRAD_MEMORY = 1
VARIANTS = [
    Variant(f"{COMMON}, precision high (float32)", {"precision": "high"}),
    Variant(
        f"{COMMON}, precision high (float32), memory high", {"precision": "high", "memory": "high"}
    ),
    Variant(
        f"{COMMON}, precision high (float32), Winograd memory level 0",
        {"precision": "high", "hint": 0},
    ),
    Variant(
        f"{COMMON}, model converted with --fp16, precision low",
        {"precision": "low", "model": "half.mnn"}, precision="float16 weights",
    ),
]
REASONS = (
    "Its converter optimises the graph and fuses activations. Both memory modes and the hint that"
    " limits Winograd are tried; power modes and session modes made no difference, nor did low"
    " precision, which on x86 computes in float32. Its threads are its own, and spin."
)


def prepare(network: Network, folder: Path) -> None:
    # The converter's Python module itself: the command of the package reports each use to a server.
    import _tools

    write_onnx(network, folder / "model.onnx")
    for name, flags in (("model.mnn", []), ("half.mnn", ["--fp16"])):
        _tools.mnnconvert(
            [
                "mnnconvert", "-f", "ONNX", "--modelFile", str(folder / "model.onnx"),
                "--MNNModel", str(folder / name), "--bizCode", "bench", *flags,
            ]
        )
        if not (folder / name).exists():
            raise RuntimeError("MNN cannot convert the model")


class Session:
    def __init__(self, job: Job, options: dict):
        import MNN

        options = {"backend": "CPU", "numThread": job.threads, **options}
        self.interpreter = MNN.Interpreter(str(job.folder / options.pop("model", "model.mnn")))
        if "hint" in options:
            self.interpreter.setSessionHint(WINOGRAD_MEMORY, options.pop("hint"))
        self.session = self.interpreter.createSession(options)
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
