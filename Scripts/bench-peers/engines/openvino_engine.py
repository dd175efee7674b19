"""OpenVINO: oneDNN and its own kernels under the graph compiler of its CPU plugin."""

from pathlib import Path

import numpy as np

from engines import Job, Variant
from networks import Network
from onnx_model import write_onnx

NAME = "OpenVINO"
PACKAGES = ("openvino", "onnx")
MODULES = ("openvino",)
COMMON = "latency hint, one stream, bound input"
VARIANTS = [
    Variant(f"inference precision f32, {COMMON}, threads not pinned", {"pin": False}),
    Variant(f"inference precision f32, {COMMON}, threads pinned", {"pin": True}, pinned=True),
    Variant(
        f"weights compressed to f16, inference precision f32, {COMMON}, threads pinned",
        {"pin": True, "model": "half.xml"}, precision="float16 weights",
    ),
    Variant(
        f"inference precision bf16, {COMMON}, threads pinned", {"pin": True, "precision": "bf16"},
        precision="bfloat16",
    ),
    Variant(
        f"inference precision f16, {COMMON}, threads pinned", {"pin": True, "precision": "f16"},
        precision="float16",
    ),
]
REASONS = (
    "The precision has to be said: by default it computes in bf16 where the processor can. One"
    " stream with all threads is what its latency hint chooses; parting a batch is what its"
    " throughput hint does with streams. Its optimiser is the same for ONNX and for its own format."
)


def prepare(network: Network, folder: Path) -> None:
    import openvino

    write_onnx(network, folder / "model.onnx")
    model = openvino.Core().read_model(folder / "model.onnx")
    openvino.save_model(model, folder / "half.xml", compress_to_fp16=True)


class Session:
    def __init__(self, job: Job, options: dict):
        import openvino
        from openvino import properties

        precision = getattr(openvino.Type, options.get("precision", "f32"))
        core = openvino.Core()
        compiled = core.compile_model(
            core.read_model(job.folder / options.get("model", "model.onnx")),
            "CPU",
            {
                properties.hint.inference_precision: precision,
                properties.hint.performance_mode: properties.hint.PerformanceMode.LATENCY,
                properties.hint.enable_cpu_pinning: options["pin"],
                properties.inference_num_threads: job.threads,
                properties.num_streams: 1,
            },
        )
        used = compiled.get_property(properties.hint.inference_precision)
        if used != precision:
            raise RuntimeError(f"it would compute in {used.to_string()}")
        self.request = compiled.create_infer_request()
        self.array = job.input()
        self.request.set_input_tensor(openvino.Tensor(self.array, shared_memory=True))

    def run(self) -> None:
        self.request.infer()

    def output(self) -> np.ndarray:
        return self.request.get_output_tensor().data.copy()
