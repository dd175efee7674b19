"""Writes the ONNX files here with PyTorch's two exporters, with and without folding of constants.

Needs torch, onnx and onnxscript (2.13, 1.23 and 0.7 wrote these).
"""

import onnx
import torch
from torch import nn


class Tiny(nn.Module):
    """A residual network of one block on pictures of 8 x 8."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 4, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(4)
        self.conv2 = nn.Conv2d(4, 4, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(4)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(4, 5)

    def forward(self, x):
        x = torch.relu(self.bn1(self.conv1(x)))
        x = torch.relu(x + self.bn2(self.conv2(x)))
        return self.fc(torch.flatten(self.pool(x), 1))


def main():
    torch.manual_seed(1)
    model = Tiny().eval()
    pictures = torch.zeros(2, 3, 8, 8)
    names = dict(input_names=["pictures"], output_names=["logits"])
    dynamic = {"pictures": {0: "batch"}}
    torch.onnx.export(
        model, (pictures,), "torchscript.onnx", dynamo=False, dynamic_axes=dynamic, **names)
    torch.onnx.export(
        model, (pictures,), "torchscript-unfolded.onnx", dynamo=False, do_constant_folding=False,
        training=torch.onnx.TrainingMode.PRESERVE, opset_version=11, **names)
    torch.onnx.export(model, (pictures,), "dynamo.onnx", dynamo=True, external_data=False, **names)
    torch.onnx.export(
        model, (pictures,), "dynamo-external.onnx", dynamo=True, external_data=True, **names)

    # Nodes carry a trace of the Python stack with the paths of whoever exported.
    for name in ["dynamo.onnx", "dynamo-external.onnx"]:
        model = onnx.load(name, load_external_data=False)
        for node in model.graph.node:
            kept = [p for p in node.metadata_props if p.key != "pkg.torch.onnx.stack_trace"]
            del node.metadata_props[:]
            node.metadata_props.extend(kept)
        onnx.save(model, name)


main()
