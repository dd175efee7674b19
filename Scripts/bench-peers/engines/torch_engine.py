"""PyTorch, whose convolutions on the CPU are oneDNN's."""

from pathlib import Path

import numpy as np

from engines import BOUND, Job, Variant
from networks import Network
from seeded import tensor

NAME = "PyTorch (oneDNN)"
PACKAGES = ("torch",)
MODULES = ("torch",)
REFERENCE = "float64-logits.npy"
VARIANTS = [
    Variant(
        "float32, channels_last, torch.jit.trace, freeze and optimize_for_inference",
        {"compiler": "jit", "layout": "channels_last"},
    ),
    Variant(
        "float32, contiguous, torch.jit.trace, freeze and optimize_for_inference",
        {"compiler": "jit", "layout": "contiguous_format"},
    ),
    Variant(
        "float32, channels_last, torch.compile (inductor) with frozen weights",
        {"compiler": "inductor", "layout": "channels_last"},
    ),
    Variant(
        "float32, channels_last, torch.compile (inductor) with frozen weights,"
        " OMP_PROC_BIND=true, OMP_WAIT_POLICY=active",
        {"compiler": "inductor", "layout": "channels_last"}, pinned=True, environment=BOUND,
    ),
    Variant(
        "float16 weights and activations, channels_last, torch.compile with frozen weights",
        {"compiler": "inductor", "layout": "channels_last", "type": "float16"},
        precision="float16",
    ),
    Variant(
        "bfloat16 weights and activations, channels_last, torch.compile with frozen weights",
        {"compiler": "inductor", "layout": "channels_last", "type": "bfloat16"},
        precision="bfloat16",
    ),
]
REASONS = (
    "Both of its compilers for inference, with the weights known to them, so that oneDNN gets them"
    " in its own layout; float32 matrix products in float32. Autotuning gave nothing more, as"
    " convolutions stay oneDNN's. GNU's OpenMP runtime, which it comes with, is tried as it is, and"
    " with bound threads that wait actively. torch.compile needs a C++ compiler, and keeps what it"
    " compiled: the fresh process finds it."
)


def prepare(network: Network, folder: Path) -> None:
    import torch

    from torch_model import TorchNetwork

    model = TorchNetwork(network).eval()
    torch.save(model, folder / "module.pt")
    # What all engines are compared with.
    with torch.inference_mode():
        logits = model.double()(torch.from_numpy(tensor("input", network.input_shape)).double())
    np.save(folder / REFERENCE, logits.numpy())


class Session:
    def __init__(self, job: Job, options: dict):
        import torch

        torch.set_num_threads(job.threads)
        if torch.get_num_interop_threads() != 1:
            torch.set_num_interop_threads(1)
        torch.set_flush_denormal(True)
        torch.set_float32_matmul_precision("highest")
        self.torch = torch
        self.type = getattr(torch, options.get("type", "float32"))
        layout = getattr(torch, options["layout"])
        self.input = torch.from_numpy(job.input()).contiguous(memory_format=layout)
        with torch.inference_mode():
            self.model = self._load(job, options["compiler"], layout)
        self.logits = None

    def _load(self, job: Job, compiler: str, layout):
        torch = self.torch
        model = torch.load(job.folder / "module.pt", weights_only=False)
        model = model.to(self.type, memory_format=layout)
        if compiler == "jit":
            traced = torch.jit.trace(model, self.input)
            return torch.jit.optimize_for_inference(torch.jit.freeze(traced))
        from torch._inductor import config

        config.freezing = True
        config.cpp_wrapper = True
        return torch.compile(model)

    def run(self) -> None:
        with self.torch.inference_mode():
            self.logits = self.model(self.input.to(self.type))

    def output(self) -> np.ndarray:
        return self.logits.float().numpy()
