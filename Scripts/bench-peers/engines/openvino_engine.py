"""OpenVINO: oneDNN and its own kernels under the graph compiler of its CPU plugin."""

from pathlib import Path

import numpy as np

from engines import Job, Variant
from networks import Network
from onnx_model import write_onnx

NAME = "OpenVINO"
PACKAGES = ("openvino", "onnx")
COMMON = "inference precision f32, latency hint, one stream, bound input"
VARIANTS = [
    Variant(f"{COMMON}, threads not pinned", {"pin": False}),
    Variant(f"{COMMON}, threads pinned", {"pin": True}),
]


def prepare(network: Network, folder: Path) -> None:
    write_onnx(network, folder / "model.onnx")


class Session:
    def __init__(self, job: Job, options: dict):
        import openvino
        from openvino import properties

        core = openvino.Core()
        compiled = core.compile_model(
            core.read_model(job.folder / "model.onnx"),
            "CPU",
            {
                properties.hint.inference_precision: openvino.Type.f32,
                properties.hint.performance_mode: properties.hint.PerformanceMode.LATENCY,
                properties.hint.enable_cpu_pinning: options["pin"],
                properties.inference_num_threads: job.threads,
                properties.num_streams: 1,
            },
        )
        self.request = compiled.create_infer_request()
        self.array = job.input()
        self.request.set_input_tensor(openvino.Tensor(self.array, shared_memory=True))

    def run(self) -> None:
        self.request.infer()

    def output(self) -> np.ndarray:
        return self.request.get_output_tensor().data.copy()
