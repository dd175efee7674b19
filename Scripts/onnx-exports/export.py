#!/usr/bin/env python3
"""Exports torchvision's ResNets to ONNX in the ways that PyTorch has, and holds resnetc to ONNX Runtime.

    export.py check [--resnetc PATH] [--models resnet18 ...] [--compiled]
        Exports each network with made-up weights by both exporters, with and without constant folding
        and optimisation, with a fixed and a free batch, for several versions of the operators, and
        compares the logits of `resnetc run` with ONNX Runtime's: at most 2e-4 of the largest.

    export.py data FOLDER
        Writes the small networks of the tests, with the outputs that ONNX Runtime gives for an input of
        counted-up numbers.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import warnings

import numpy as np
import onnx
import onnxruntime
import torch
import torchvision
from onnx import TensorProto, helper, numpy_helper

NETWORKS = ["resnet18", "resnet34", "resnet50", "resnet101", "resnet152", "resnext50_32x4d",
            "wide_resnet50_2"]
TOLERANCE = 2e-4

# What torch.onnx.export is called with: a name and its arguments.
TORCHSCRIPT = [
    ("torchscript-9", dict(opset_version=9, do_constant_folding=True)),
    ("torchscript-9-unfolded", dict(opset_version=9, do_constant_folding=False, norms=True)),
    ("torchscript-11-norms", dict(opset_version=11, norms=True)),
    ("torchscript-13-dynamic", dict(opset_version=13, dynamic=True)),
    ("torchscript-13-dynamic-unfolded",
     dict(opset_version=13, dynamic=True, do_constant_folding=False, norms=True)),
    ("torchscript-17", dict(opset_version=17)),
    ("torchscript-20-norms", dict(opset_version=20, norms=True)),
]
DYNAMO = [
    ("dynamo-18", dict(opset_version=18, optimize=True)),
    ("dynamo-18-dynamic-unoptimized", dict(opset_version=18, optimize=False, dynamic=True)),
    ("dynamo-20-dynamic", dict(opset_version=20, optimize=True, dynamic=True)),
    ("dynamo-22-unoptimized", dict(opset_version=22, optimize=False)),
]
# Enough for networks that differ from others by their size alone.
FEW = ["torchscript-13-dynamic-unfolded", "torchscript-17", "dynamo-18",
       "dynamo-18-dynamic-unoptimized"]


def with_made_up_weights(model):
    """The model for inference, with norms that are not the identity."""
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for module in model.modules():
            if isinstance(module, torch.nn.BatchNorm2d):
                for tensor, low, high in [(module.weight, 0.4, 0.8), (module.bias, -0.2, 0.2),
                                          (module.running_mean, -0.1, 0.1),
                                          (module.running_var, 0.8, 1.2)]:
                    tensor.copy_(low + (high - low) * torch.rand(tensor.shape, generator=generator))
    return model.eval()


def export(model, shape, path, exporter, opset_version, dynamic=False, norms=False, **options):
    """Exports a model; `norms` keeps batch norms apart from convolutions."""
    x = torch.zeros(shape)
    common = dict(input_names=["input"], output_names=["logits"], opset_version=opset_version,
                  verbose=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if exporter == "dynamo":
            if dynamic:
                # The exporter takes a batch of 1 for one that is fixed.
                x = torch.zeros((2, *shape[1:]))
                options["dynamic_shapes"] = ({0: torch.export.Dim("batch")},)
            torch.onnx.export(model, (x,), path, dynamo=True, external_data=False, **common,
                              **options)
        else:
            if dynamic:
                options["dynamic_axes"] = {"input": {0: "N"}, "logits": {0: "N"}}
            mode = torch.onnx.TrainingMode.PRESERVE if norms else torch.onnx.TrainingMode.EVAL
            torch.onnx.export(model, (x,), path, dynamo=False, training=mode, **common, **options)


def reference(path, x):
    """The outputs that ONNX Runtime gives."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: x})


def logits(resnetc, path, x, arguments):
    """The first output that resnetc gives."""
    with tempfile.TemporaryDirectory() as folder:
        array = f"{folder}/x.npy"
        np.save(array, x)
        run = subprocess.run([resnetc, "run", path, "--input", array, "--json", *arguments],
                             capture_output=True, text=True)
    if run.returncode:
        sys.exit(run.stderr)
    return np.array(json.loads(run.stdout)["outputs"][0])


def check(resnetc, names, compiled):
    worst = 0
    for name in names:
        model = with_made_up_weights(getattr(torchvision.models, name)(weights=None))
        shape = (1, 3, 224, 224) if name == "resnet18" else (1, 3, 96, 96)
        x = np.random.default_rng(1).uniform(-2, 2, shape).astype(np.float32)
        for exporter, variants in [("torchscript", TORCHSCRIPT), ("dynamo", DYNAMO)]:
            for variant, options in variants:
                if name != "resnet18" and variant not in FEW:
                    continue
                with tempfile.TemporaryDirectory() as folder:
                    path = f"{folder}/{name}.onnx"
                    export(model, shape, path, exporter, **options)
                    expected = reference(path, x)[0].ravel()
                    for arguments in [["--interpret"]] + ([[]] if compiled else []):
                        found = logits(resnetc, path, x, arguments).ravel()
                        error = abs(found - expected).max() / abs(expected).max()
                        worst = max(worst, error)
                        verdict = "ok" if error <= TOLERANCE else "WRONG"
                        print(f"{name:16} {variant:32} {'interpreter' if arguments else 'compiled':12}"
                              f"{error:10.1e} {verdict}", flush=True)
    print(f"largest error {worst:.1e} of the largest logit")
    sys.exit(int(worst > TOLERANCE))


def small_resnet(block, widths):
    """torchvision's ResNet with few channels, for files of a few kilobytes."""
    model = torchvision.models.ResNet(block, [1, 1, 1, 1], num_classes=10)
    for module in model.modules():
        for name, child in list(module.named_children()):
            if isinstance(child, torch.nn.Conv2d):
                inputs = child.in_channels if child.in_channels == 3 else child.in_channels // widths
                setattr(module, name, torch.nn.Conv2d(
                    inputs, child.out_channels // widths, child.kernel_size, child.stride,
                    child.padding, bias=False))
            elif isinstance(child, torch.nn.BatchNorm2d):
                setattr(module, name, torch.nn.BatchNorm2d(child.num_features // widths))
            elif isinstance(child, torch.nn.Linear):
                setattr(module, name, torch.nn.Linear(child.in_features // widths, 10))
    return with_made_up_weights(model)


class SqueezeAndExcitation(torch.nn.Module):
    """A small network of what is in the wider family of ResNets."""

    def __init__(self):
        super().__init__()
        self.stem = torch.nn.Conv2d(3, 8, 3, stride=2, padding=1)
        self.norm = torch.nn.BatchNorm2d(8)
        self.reduce = torch.nn.Conv2d(8, 4, 1)
        self.expand = torch.nn.Conv2d(4, 8, 1)
        self.shortcut = torch.nn.AvgPool2d(2, ceil_mode=True, count_include_pad=False)
        self.head = torch.nn.Linear(16, 5)

    def forward(self, x):
        x = torch.nn.functional.silu(self.norm(self.stem(x)))
        y = x.mean((2, 3), keepdim=True)
        y = self.expand(torch.nn.functional.leaky_relu(self.reduce(y)))
        x = torch.nn.functional.hardswish(x * torch.sigmoid(y) + x)
        x = torch.cat([self.shortcut(x), torch.nn.functional.relu6(self.shortcut(-x))], dim=1)
        return torch.softmax(self.head(x.mean((2, 3))), dim=-1)


class CifarResNet(torch.nn.Module):
    """A block of He et al.'s ResNets for CIFAR-10 with the shortcut that has no weights."""

    def __init__(self):
        super().__init__()
        self.stem = torch.nn.Conv2d(3, 4, 3, padding=1, bias=False)
        self.conv = torch.nn.Conv2d(4, 8, 3, stride=2, padding=1, bias=False)
        self.norm = torch.nn.BatchNorm2d(8)
        self.fc = torch.nn.Linear(8, 10)

    def forward(self, x):
        x = torch.relu(self.stem(x))
        shortcut = torch.nn.functional.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, 2, 2))
        x = torch.relu(self.norm(self.conv(x)) + shortcut)
        x = torch.nn.functional.adaptive_avg_pool2d(x, 1)
        return self.fc(x.view(x.size(0), -1))


def channels_last():
    """A network as converters from Keras write them: channels last at both ends, explicit padding, the
    product and the bias of the head apart."""
    random = np.random.default_rng(2)

    def tensor(name, *shape):
        return numpy_helper.from_array(random.uniform(-0.5, 0.5, shape).astype(np.float32), name)

    def ints(name, *values):
        return numpy_helper.from_array(np.array(values, np.int64), name)

    nodes = [
        helper.make_node("Pad", ["images", "pads"], ["padded"], "conv1_pad/Pad"),
        helper.make_node("Transpose", ["padded"], ["nchw"], "model/transpose", perm=[0, 3, 1, 2]),
        helper.make_node("Conv", ["nchw", "conv1/kernel"], ["conv1"], "model/conv1/Conv2D",
                         strides=[2, 2], auto_pad="VALID"),
        helper.make_node("Add", ["conv1", "conv1/bias"], ["biased"], "model/conv1/BiasAdd"),
        helper.make_node("Relu", ["biased"], ["relu"], "model/relu"),
        helper.make_node("MaxPool", ["relu"], ["pool"], "model/pool", kernel_shape=[3, 3],
                         strides=[2, 2], auto_pad="SAME_UPPER"),
        helper.make_node("Transpose", ["pool"], ["nhwc"], "model/transpose_back",
                         perm=[0, 2, 3, 1]),
        helper.make_node("Mul", ["nhwc", "scale"], ["scaled"], "model/scale"),
        helper.make_node("ReduceMean", ["scaled"], ["means"], "model/avg_pool/Mean", axes=[1, 2],
                         keepdims=0),
        helper.make_node("MatMul", ["means", "head/kernel"], ["product"], "model/head/MatMul"),
        helper.make_node("Add", ["product", "head/bias"], ["logits"], "model/head/BiasAdd"),
        helper.make_node("Softmax", ["logits"], ["probabilities"], "model/softmax"),
    ]
    weights = [ints("pads", 0, 3, 3, 0, 0, 3, 3, 0), tensor("conv1/kernel", 6, 3, 7, 7),
               tensor("conv1/bias", 1, 6, 1, 1), tensor("scale", 6), tensor("head/kernel", 6, 10),
               tensor("head/bias", 10)]
    graph = helper.make_graph(
        nodes, "keras",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, ["batch", 26, 22, 3])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["batch", 10])], weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)


def counted(shape):
    """Numbers from −1 to 1 that any language makes alike."""
    count = int(np.prod(shape))
    return (((np.arange(count) * 37) % 101).astype(np.float32) / np.float32(50)
            - np.float32(1)).reshape(shape)


def data(folder):
    """Small files for the tests. `expected.json` has ONNX Runtime's outputs."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    blocks = torchvision.models.resnet
    basic = small_resnet(blocks.BasicBlock, 32)
    bottleneck = small_resnet(blocks.Bottleneck, 32)
    wider = with_made_up_weights(SqueezeAndExcitation())
    cifar = with_made_up_weights(CifarResNet())
    ways = dict(TORCHSCRIPT + DYNAMO)
    files = [(f"basic-{way}", basic, (1, 3, 33, 29), way) for way in ways]
    files += [(f"{name}-{way}", model, (1, 3, 21, 18), way)
              for name, model in [("bottleneck", bottleneck), ("wider", wider), ("cifar", cifar)]
              for way in (["torchscript-17", "dynamo-18"] if model is bottleneck else FEW)]
    expected = {}
    for name, model, shape, way in files:
        path = str(folder / f"{name}.onnx")
        export(model, shape, path, way.split("-")[0], **ways[way])
        # Source lines of Python that nobody reads.
        proto = onnx.load(path)
        for node in proto.graph.node:
            node.doc_string = ""
            kept = [p for p in node.metadata_props if p.key == "pkg.torch.onnx.name_scopes"]
            del node.metadata_props[:]
            node.metadata_props.extend(kept)
        del proto.graph.value_info[:]
        onnx.save(proto, path)
        expected[name] = dict(shape=shape, output=reference(path, counted(shape))[0].ravel())
    onnx.save(channels_last(), folder / "channels-last.onnx")
    shape = (1, 26, 22, 3)
    expected["channels-last"] = dict(
        shape=shape, output=reference(str(folder / "channels-last.onnx"), counted(shape))[0].ravel())
    lines = [
        f' "{name}": {{"shape": {list(entry["shape"])}, "output": '
        f'[{", ".join(f"{v:.9g}" for v in entry["output"])}]}}'
        for name, entry in sorted(expected.items())]
    (folder / "expected.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    checking = commands.add_parser("check")
    checking.add_argument("--resnetc", default="resnetc")
    checking.add_argument("--models", nargs="+", default=NETWORKS)
    checking.add_argument("--compiled", action="store_true")
    writing = commands.add_parser("data")
    writing.add_argument("folder")
    chosen = parser.parse_args()
    if chosen.command == "check":
        check(chosen.resnetc, chosen.models, chosen.compiled)
    else:
        data(chosen.folder)
