"""The networks to measure, as lists of operations that every peer's model is made from.

Batch norm is folded into the convolutions, in float64: what each of the peers does by itself when
it loads a trained network, so that none depends on how a converter writes it down. The names of the
weights are those of the specs in `Specs/`.
"""

from dataclasses import dataclass, field

import numpy as np

from seeded import tensor


@dataclass
class Op:
    """One operation. `kind` is conv, relu, sigmoid, add, multiply, maxpool, avgpool, globalpool,
    shortcut, mean or linear.

    multiply: an image by one factor a channel, or another image.
    avgpool:  without padding; the image's sides are multiples of the stride.
    mean:     globalpool, and what is left as rows.

    pads:    top, left, bottom, right.
    weight:  of a convolution [out, in / groups, height, width]; of a linear layer [out, in].
    padding: of a shortcut, the zero channels before and after.
    """

    kind: str
    inputs: list[str]
    output: str
    kernel: int = 1
    stride: int = 1
    pads: tuple[int, int, int, int] = (0, 0, 0, 0)
    groups: int = 1
    weight: np.ndarray | None = None
    bias: np.ndarray | None = None
    padding: tuple[int, int] = (0, 0)


@dataclass
class Network:
    """Operations in the order they run, from the value "input" to the value "logits".

    flops: of one inference of the whole batch, two for each multiplication of a convolution or of
           the linear layer, by their definition.
    """

    name: str
    batch: int
    size: int
    classes: int
    ops: list[Op] = field(default_factory=list)
    flops: int = 0

    @property
    def input_shape(self) -> tuple[int, int, int, int]:
        return self.batch, 3, self.size, self.size


@dataclass
class _Value:
    name: str
    channels: int
    size: int


class _Builder:
    def __init__(self, name: str, batch: int, size: int, classes: int):
        self.network = Network(name, batch, size, classes)
        self.input = _Value("input", 3, size)

    def _add(self, op: Op, channels: int, size: int) -> _Value:
        self.network.ops.append(op)
        return _Value(op.output, channels, size)

    def conv(
        self, x: _Value, label: str, norm: str | None, channels: int, kernel: int, stride: int = 1,
        groups: int = 1, bias: bool = False, eps: float = 1e-5, pad: str = "centre",
    ) -> _Value:
        """A convolution with the batch norm that follows it, if any.

        pad: "centre", (kernel - 1) / 2 on each side, or "same_upper", TensorFlow's.
        """
        weight = tensor(f"{label}.weight", (channels, x.channels // groups, kernel, kernel))
        shift = np.zeros(channels)
        if bias:
            shift += tensor(f"{label}.bias", (channels,))
        if norm is not None:
            gamma, beta, mean, variance = (
                tensor(f"{norm}.{part}", (channels,)).astype(np.float64)
                for part in ("weight", "bias", "running_mean", "running_var")
            )
            scale = gamma / np.sqrt(variance + eps)
            weight = (weight * scale[:, None, None, None]).astype(np.float32)
            shift = beta + (shift - mean) * scale
        size = -(-x.size // stride)
        total = max((size - 1) * stride + kernel - x.size, 0)
        before = (kernel - 1) // 2 if pad == "centre" else total // 2
        after = before if pad == "centre" else total - before
        self.network.flops += (
            2 * self.network.batch * size**2 * channels * (x.channels // groups) * kernel**2
        )
        op = Op(
            "conv", [x.name], label, kernel, stride, (before, before, after, after), groups, weight,
            shift.astype(np.float32),
        )
        return self._add(op, channels, size)

    def relu(self, x: _Value) -> _Value:
        return self._add(Op("relu", [x.name], f"{x.name}.relu"), x.channels, x.size)

    def add_relu(self, x: _Value, y: _Value) -> _Value:
        total = self._add(Op("add", [x.name, y.name], f"{x.name}.add"), x.channels, x.size)
        return self.relu(total)

    def squeeze_excite(self, x: _Value, label: str, between: int) -> _Value:
        """Each channel of x times a factor that comes from the means of all."""
        means = self._add(Op("globalpool", [x.name], f"{label}.means"), x.channels, 1)
        y = self.relu(self.conv(means, f"{label}.fc1", None, between, 1, bias=True))
        y = self.conv(y, f"{label}.fc2", None, x.channels, 1, bias=True)
        factors = self._add(Op("sigmoid", [y.name], f"{label}.factors"), x.channels, 1)
        return self._add(
            Op("multiply", [x.name, factors.name], f"{label}.product"), x.channels, x.size
        )

    def avgpool(self, x: _Value, label: str) -> _Value:
        op = Op("avgpool", [x.name], f"{label}.avgpool", kernel=2, stride=2)
        return self._add(op, x.channels, x.size // 2)

    def maxpool(self, x: _Value) -> _Value:
        op = Op("maxpool", [x.name], "maxpool", kernel=3, stride=2, pads=(1, 1, 1, 1))
        return self._add(op, x.channels, -(-x.size // 2))

    def shortcut(self, x: _Value, label: str, channels: int, stride: int) -> _Value:
        """Option A of He et al.: every second row and column, between zero channels."""
        new = channels - x.channels
        op = Op(
            "shortcut", [x.name], f"{label}.shortcut", stride=stride,
            padding=(new // 2, new - new // 2),
        )
        return self._add(op, channels, -(-x.size // stride))

    def head(self, x: _Value, label: str) -> Network:
        mean = self._add(Op("mean", [x.name], "mean"), x.channels, 1)
        classes = self.network.classes
        weight = tensor(f"{label}.weight", (classes, x.channels))
        bias = tensor(f"{label}.bias", (classes,))
        self._add(Op("linear", [mean.name], "logits", weight=weight, bias=bias), classes, 1)
        self.network.flops += 2 * self.network.batch * classes * x.channels
        return self.network


def _imagenet(
    name: str, batch: int, blocks: list[int], bottleneck: bool, groups: int = 1, base: int = 64,
    variant_d: bool = False, excite: bool = False,
) -> Network:
    """The ResNets of torchvision, and timm's with the changes of ResNet-D or squeeze-and-excitation."""
    net = _Builder(name, batch, 224, 1000)
    if variant_d:
        x = net.relu(net.conv(net.input, "conv1.0", "conv1.1", 32, 3, 2))
        x = net.relu(net.conv(x, "conv1.3", "conv1.4", 32, 3))
        x = net.maxpool(net.relu(net.conv(x, "conv1.6", "bn1", 64, 3)))
    else:
        x = net.maxpool(net.relu(net.conv(net.input, "conv1", "bn1", 64, 7, 2)))
    for stage, count in enumerate(blocks):
        planes = 64 << stage
        channels = planes * 4 if bottleneck else planes
        for i in range(count):
            label = f"layer{stage + 1}.{i}"
            stride = 2 if stage > 0 and i == 0 else 1
            if bottleneck:
                width = planes * base // 64 * groups
                y = net.relu(net.conv(x, f"{label}.conv1", f"{label}.bn1", width, 1))
                y = net.conv(y, f"{label}.conv2", f"{label}.bn2", width, 3, stride, groups)
                y = net.conv(net.relu(y), f"{label}.conv3", f"{label}.bn3", channels, 1)
            else:
                y = net.relu(net.conv(x, f"{label}.conv1", f"{label}.bn1", channels, 3, stride))
                y = net.conv(y, f"{label}.conv2", f"{label}.bn2", channels, 3)
            if excite:
                y = net.squeeze_excite(y, f"{label}.se", max(8, (channels + 64) // 128 * 8))
            if stride != 1 or x.channels != channels:
                down = f"{label}.downsample"
                if variant_d:
                    x = net.avgpool(x, down) if stride == 2 else x
                    x = net.conv(x, f"{down}.1", f"{down}.2", channels, 1)
                else:
                    x = net.conv(x, f"{down}.0", f"{down}.1", channels, 1, stride)
            x = net.add_relu(y, x)
    return net.head(x, "fc")


def _cifar(name: str, batch: int, count: int) -> Network:
    """The networks of He et al. for CIFAR-10, with shortcuts of option A."""
    net = _Builder(name, batch, 32, 10)
    x = net.relu(net.conv(net.input, "conv1", "bn1", 16, 3))
    for stage, planes in enumerate([16, 32, 64]):
        for i in range(count):
            label = f"layer{stage + 1}.{i}"
            stride = 2 if stage > 0 and i == 0 else 1
            y = net.relu(net.conv(x, f"{label}.conv1", f"{label}.bn1", planes, 3, stride))
            y = net.conv(y, f"{label}.conv2", f"{label}.bn2", planes, 3)
            if x.channels != planes:
                x = net.shortcut(x, label, planes, stride)
            x = net.add_relu(y, x)
    return net.head(x, "linear")


def _resnet8(name: str, batch: int) -> Network:
    """The image classifier of the MLPerf Tiny benchmark."""
    net = _Builder(name, batch, 32, 10)
    same = {"bias": True, "eps": 1e-3, "pad": "same_upper"}
    x = net.relu(net.conv(net.input, "stem.conv", "stem.bn", 16, 3, **same))
    for stage, (planes, stride) in enumerate([(16, 1), (32, 2), (64, 2)]):
        label = f"layer{stage + 1}.0"
        y = net.relu(net.conv(x, f"{label}.conv1", f"{label}.bn1", planes, 3, stride, **same))
        y = net.conv(y, f"{label}.conv2", f"{label}.bn2", planes, 3, **same)
        if stride != 1:
            x = net.conv(x, f"{label}.downsample", None, planes, 1, stride, bias=True)
        x = net.add_relu(y, x)
    return net.head(x, "fc")


# The networks by the names of their specs.
NETWORKS = {
    "resnet18": lambda name, batch: _imagenet(name, batch, [2, 2, 2, 2], False),
    "resnet34": lambda name, batch: _imagenet(name, batch, [3, 4, 6, 3], False),
    "resnet50": lambda name, batch: _imagenet(name, batch, [3, 4, 6, 3], True),
    "resnet101": lambda name, batch: _imagenet(name, batch, [3, 4, 23, 3], True),
    "resnet152": lambda name, batch: _imagenet(name, batch, [3, 8, 36, 3], True),
    "resnext50_32x4d": lambda name, batch: _imagenet(name, batch, [3, 4, 6, 3], True, 32, 4),
    "wide_resnet50_2": lambda name, batch: _imagenet(name, batch, [3, 4, 6, 3], True, 1, 128),
    "resnet50d": lambda name, batch: _imagenet(
        name, batch, [3, 4, 6, 3], True, variant_d=True
    ),
    "seresnet50": lambda name, batch: _imagenet(name, batch, [3, 4, 6, 3], True, excite=True),
    "cifar_resnet20": lambda name, batch: _cifar(name, batch, 3),
    "cifar_resnet56": lambda name, batch: _cifar(name, batch, 9),
    "resnet8-cifar10": _resnet8,
}


def network(name: str, batch: int) -> Network:
    """The network of that spec, for that many images at once."""
    return NETWORKS[name](name, batch)
