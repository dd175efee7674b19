"""ONNX Runtime: its own kernels (MLAS) in the blocked layout that its optimiser chooses."""

import os
from pathlib import Path

from engines import Job, Variant, aligned
from networks import Network
from onnx_model import write_onnx

NAME = "ONNX Runtime"
PACKAGES = ("onnxruntime", "onnx")
MODULES = ("onnxruntime",)
COMMON = "all graph optimisations (NCHWc layout), sequential execution, bound input and output"
VARIANTS = [
    Variant(f"{COMMON}, threads spin between operators", {"spin": "1"}),
    Variant(f"{COMMON}, threads do not spin", {"spin": "0"}),
    Variant(
        f"{COMMON}, threads spin between operators, each on a processor of its own",
        {"spin": "1", "pin": True}, pinned=True,
    ),
]
REASONS = (
    "All graph optimisations fuse activations and residuals into convolutions and choose the"
    " blocked layout. One thread pool, as a ResNet has no branches worth running side by side."
    " Neither dynamic block sizes nor other memory arenas were faster. Its x86 kernels have no"
    " 16-bit floating point: weights in float16 would be widened when the model is loaded."
)


def prepare(network: Network, folder: Path) -> None:
    write_onnx(network, folder / "model.onnx")


class Session:
    def __init__(self, job: Job, options: dict):
        import onnxruntime

        settings = onnxruntime.SessionOptions()
        settings.intra_op_num_threads = job.threads
        settings.inter_op_num_threads = 1
        settings.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
        settings.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
        settings.add_session_config_entry("session.intra_op.allow_spinning", options["spin"])
        if options.get("pin"):
            # The calling thread is one of the pool, and has to be pinned by the caller. Processors
            # count from 1 here.
            processors = sorted(os.sched_getaffinity(0))[: job.threads]
            os.sched_setaffinity(0, processors[:1])
            settings.add_session_config_entry(
                "session.intra_op_thread_affinities", ";".join(str(p + 1) for p in processors[1:])
            )
        settings.add_session_config_entry("session.set_denormal_as_zero", "1")
        settings.log_severity_level = 3
        self.session = onnxruntime.InferenceSession(
            str(job.folder / "model.onnx"), settings, providers=["CPUExecutionProvider"]
        )
        # Bound arrays, so that no inference pays for making or copying them.
        self.arrays = job.input(), aligned(job.output_shape)
        self.binding = self.session.io_binding()
        values = [onnxruntime.OrtValue.ortvalue_from_numpy(array) for array in self.arrays]
        self.binding.bind_ortvalue_input("input", values[0])
        self.binding.bind_ortvalue_output("logits", values[1])
        self.values = values

    def run(self) -> None:
        self.session.run_with_iobinding(self.binding)

    def output(self):
        return self.values[1].numpy()
