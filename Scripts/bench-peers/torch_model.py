"""A network as a PyTorch module."""

import torch
from torch import nn
from torch.nn import functional

from networks import Network, Op


class TorchNetwork(nn.Module):
    """Runs a network's operations in their order; ready for tracing and compiling."""

    def __init__(self, network: Network):
        super().__init__()
        self.ops = network.ops
        self.layers = nn.ModuleDict()
        for op in network.ops:
            layer = self._layer(op)
            if layer is not None:
                with torch.no_grad():
                    layer.weight.copy_(torch.from_numpy(op.weight))
                    layer.bias.copy_(torch.from_numpy(op.bias))
                self.layers[self._key(op)] = layer

    @staticmethod
    def _key(op: Op) -> str:
        return op.output.replace(".", "_")

    @staticmethod
    def _layer(op: Op) -> nn.Module | None:
        if op.kind == "conv":
            outputs, inputs, _, _ = op.weight.shape
            top, _, bottom, _ = op.pads
            padding = top if top == bottom else 0
            return nn.Conv2d(
                inputs * op.groups, outputs, op.kernel, op.stride, padding, groups=op.groups
            )
        if op.kind == "linear":
            outputs, inputs = op.weight.shape
            return nn.Linear(inputs, outputs)
        return None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        values = {"input": x}
        for op in self.ops:
            values[op.output] = self._run(op, [values[name] for name in op.inputs])
        return values["logits"]

    def _run(self, op: Op, inputs: list[torch.Tensor]) -> torch.Tensor:
        x = inputs[0]
        if op.kind == "conv":
            top, left, bottom, right = op.pads
            if top != bottom:
                x = functional.pad(x, (left, right, top, bottom))
            return self.layers[self._key(op)](x)
        if op.kind == "relu":
            return functional.relu(x)
        if op.kind == "sigmoid":
            return torch.sigmoid(x)
        if op.kind == "add":
            return x + inputs[1]
        if op.kind == "multiply":
            return x * inputs[1]
        if op.kind == "maxpool":
            return functional.max_pool2d(x, op.kernel, op.stride, op.pads[0])
        if op.kind == "avgpool":
            return functional.avg_pool2d(x, op.kernel, op.stride)
        if op.kind == "globalpool":
            return functional.adaptive_avg_pool2d(x, 1)
        if op.kind == "shortcut":
            small = functional.max_pool2d(x, 1, op.stride)
            return functional.pad(small, (0, 0, 0, 0, *op.padding))
        if op.kind == "mean":
            return functional.adaptive_avg_pool2d(x, 1).flatten(1)
        return self.layers[self._key(op)](x)
