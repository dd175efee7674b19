"""A network as an ONNX model."""

from pathlib import Path

import numpy as np

from networks import Network, Op

# Operations that ONNX has without attributes.
SIMPLE = {
    "relu": "Relu", "sigmoid": "Sigmoid", "add": "Add", "multiply": "Mul",
    "globalpool": "GlobalAveragePool",
}


def write_onnx(network: Network, path: Path) -> None:
    """Writes the network, float32, to a file with its weights inside."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    initializers = []

    def constant(name: str, value: np.ndarray) -> str:
        initializers.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def nodes(op: Op) -> list:
        if op.kind == "conv":
            inputs = op.inputs + [
                constant(f"{op.output}.weight", op.weight), constant(f"{op.output}.bias", op.bias)
            ]
            return [
                helper.make_node(
                    "Conv", inputs, [op.output], kernel_shape=[op.kernel] * 2,
                    strides=[op.stride] * 2, pads=list(op.pads), group=op.groups,
                )
            ]
        if op.kind in SIMPLE:
            return [helper.make_node(SIMPLE[op.kind], op.inputs, [op.output])]
        if op.kind == "avgpool":
            return [
                helper.make_node(
                    "AveragePool", op.inputs, [op.output], kernel_shape=[op.kernel] * 2,
                    strides=[op.stride] * 2,
                )
            ]
        if op.kind == "maxpool":
            return [
                helper.make_node(
                    "MaxPool", op.inputs, [op.output], kernel_shape=[op.kernel] * 2,
                    strides=[op.stride] * 2, pads=list(op.pads),
                )
            ]
        if op.kind == "shortcut":
            before, after = op.padding
            pads = constant(
                f"{op.output}.pads", np.array([0, before, 0, 0, 0, after, 0, 0], np.int64)
            )
            small = f"{op.output}.small"
            return [
                # A window of one pixel: takes every second row and column, in any layout.
                helper.make_node(
                    "MaxPool", op.inputs, [small], kernel_shape=[1, 1], strides=[op.stride] * 2
                ),
                helper.make_node("Pad", [small, pads], [op.output]),
            ]
        if op.kind == "mean":
            pooled = f"{op.output}.pooled"
            return [
                helper.make_node("GlobalAveragePool", op.inputs, [pooled]),
                helper.make_node("Flatten", [pooled], [op.output], axis=1),
            ]
        weight = constant(f"{op.output}.weight", op.weight)
        bias = constant(f"{op.output}.bias", op.bias)
        return [helper.make_node("Gemm", op.inputs + [weight, bias], [op.output], transB=1)]

    graph = helper.make_graph(
        [node for op in network.ops for node in nodes(op)],
        network.name,
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, network.input_shape)],
        [
            helper.make_tensor_value_info(
                "logits", TensorProto.FLOAT, (network.batch, network.classes)
            )
        ],
        initializers,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 9
    onnx.checker.check_model(model)
    onnx.save(model, path)
