"""ncnn, with the model that pnnx makes of PyTorch's."""

import subprocess
import sys
from pathlib import Path

import numpy as np

from engines import BOUND, Job, Variant
from networks import Network

NAME = "ncnn"
PACKAGES = ("ncnn", "pnnx", "torch")
MODULES = ("ncnn",)
COMMON = "converted by pnnx with fp16=0; int8 off; packed layout; pool allocators; light mode"
VARIANTS = [
    Variant(f"{COMMON}; fp16 and bf16 off; Winograd and sgemm as it chooses"),
    Variant(
        f"{COMMON}; fp16 and bf16 off; without Winograd F(6×6)",
        {"use_winograd63_convolution": False},
    ),
    Variant(
        f"{COMMON}; fp16 and bf16 off; Winograd and sgemm as it chooses; the batch in one blob",
        {"one_blob": True}, batched=True,
    ),
    Variant(
        f"{COMMON}; fp16 and bf16 off; Winograd and sgemm as it chooses; OMP_PROC_BIND=true,"
        " OMP_WAIT_POLICY=active",
        pinned=True, environment=BOUND,
    ),
    Variant(
        f"{COMMON}; fp16 storage", {"use_fp16_storage": True, "use_fp16_packed": True},
        precision="float16 storage",
    ),
    Variant(
        f"{COMMON}; bf16 storage", {"use_bf16_storage": True, "use_bf16_packed": True},
        precision="bfloat16",
    ),
]
REASONS = (
    "pnnx fuses what ncnnoptimize would. Winograd, sgemm and packing are on, from which ncnn chooses"
    " for each layer; without sgemm, without each Winograd variant and without light mode it was no"
    " faster. GNU's OpenMP runtime, which it comes with, is tried as it is, and with bound threads"
    " that wait actively."
)


def prepare(network: Network, folder: Path) -> None:
    import torch

    from torch_model import TorchNetwork

    # ncnn's models are of one image; a batch is given when it runs.
    one = (1, *network.input_shape[1:])
    traced = torch.jit.trace(TorchNetwork(network).eval(), torch.zeros(one))
    traced.save(str(folder / "traced.pt"))
    shape = ",".join(map(str, one))
    subprocess.run(
        [
            Path(sys.executable).with_name("pnnx"), "traced.pt", f"inputshape=[{shape}]", "fp16=0",
            "ncnnparam=model.param", "ncnnbin=model.bin",
        ],
        cwd=folder, check=True, stdout=sys.stderr,
    )


class Session:
    def __init__(self, job: Job, options: dict):
        import ncnn

        self.ncnn = ncnn
        self.net = ncnn.Net()
        opt = self.net.opt
        opt.num_threads = job.threads
        opt.lightmode = True
        for name in dir(opt):
            if name.startswith(("use_fp16", "use_bf16", "use_int8", "use_vulkan")):
                setattr(opt, name, False)
        self.one_blob = options.get("one_blob", False)
        for name, value in options.items():
            if name != "one_blob":
                setattr(opt, name, value)
        self.allocators = ncnn.UnlockedPoolAllocator(), ncnn.PoolAllocator()
        opt.blob_allocator, opt.workspace_allocator = self.allocators
        for status in (
            self.net.load_param(str(job.folder / "model.param")),
            self.net.load_model(str(job.folder / "model.bin")),
        ):
            if status != 0:
                raise RuntimeError("ncnn cannot load the model")
        self.input_name, self.output_name = self.net.input_names()[0], self.net.output_names()[0]
        # A Mat refers to the array's memory without keeping it.
        self.array = job.input()
        self.inputs = (
            [ncnn.Mat(self.array, 0)] if self.one_blob
            else [ncnn.Mat(image) for image in self.array]
        )
        self.logits = []

    def run(self) -> None:
        self.logits = [self._infer(blob) for blob in self.inputs]

    def _infer(self, blob):
        extractor = self.net.create_extractor()
        extractor.input(self.input_name, blob)
        status, logits = extractor.extract(self.output_name)
        if status != 0:
            raise RuntimeError("ncnn cannot run the model")
        return logits

    def output(self) -> np.ndarray:
        images = self.logits
        if self.one_blob:
            images = [images[0].batch(i) for i in range(images[0].n)]
        return np.stack([np.array(logits) for logits in images])
