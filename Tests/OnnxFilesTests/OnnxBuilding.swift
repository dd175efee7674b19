import Foundation
import OnnxFiles
import OnnxSchema
import SwiftProtobuf
import TestSupport

/// The path of a file that the tests come with.
func onnxFile(_ name: String) -> String {
  URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().path
    + "/Data/onnx/" + name
}

/// Writes a model into a folder and reads it.
func read(_ model: Onnx_ModelProto, in folder: TemporaryFolder) throws -> OnnxModel {
  try OnnxModel(path: folder.file("m.onnx", model.serializedBytes()))
}

/// What is wrong with a model, without the path in front; empty if nothing is.
func fault(_ model: Onnx_ModelProto, in folder: TemporaryFolder) -> String {
  message { _ = try read(model, in: folder) }.replacing(folder.path + "/m.onnx: ", with: "")
}

/// A model of a graph, for version 17 of ONNX's operators.
func onnxModel(_ graph: Onnx_GraphProto, opset: Int64 = 17) -> Onnx_ModelProto {
  .with {
    $0.irVersion = 8
    $0.producerName = "test"
    $0.opsetImport = [.with { $0.version = opset }]
    $0.graph = graph
  }
}

/// A graph from inputs to outputs of the shape `[2, 3]`.
func onnxGraph(
  inputs: [String] = ["x"], outputs: [String] = ["y"], initializers: [Onnx_TensorProto] = [],
  _ nodes: [Onnx_NodeProto]
) -> Onnx_GraphProto {
  .with {
    $0.name = "g"
    $0.input = inputs.map { onnxValue($0, [2, 3]) }
    $0.output = outputs.map { onnxValue($0, [2, 3]) }
    $0.initializer = initializers
    $0.node = nodes
  }
}

/// A float32 input or output.
func onnxValue(_ name: String, _ dimensions: [Int64]) -> Onnx_ValueInfoProto {
  .with {
    $0.name = name
    $0.type.tensorType.elemType = 1
    $0.type.tensorType.shape.dim = dimensions.map { extent in .with { $0.dimValue = extent } }
  }
}

func onnxNode(
  _ operation: String, _ inputs: [String], _ outputs: [String], name: String = "",
  attributes: [Onnx_AttributeProto] = []
) -> Onnx_NodeProto {
  .with {
    ($0.opType, $0.input, $0.output) = (operation, inputs, outputs)
    ($0.name, $0.attribute) = (name, attributes)
  }
}

/// A tensor of float32 numbers.
func onnxTensor(_ name: String, _ dimensions: [Int64], _ values: [Float]) -> Onnx_TensorProto {
  .with { ($0.name, $0.dataType, $0.dims, $0.floatData) = (name, 1, dimensions, values) }
}

/// A model that adds a tensor to its input.
func onnxModel(adding tensor: Onnx_TensorProto) -> Onnx_ModelProto {
  onnxModel(onnxGraph(initializers: [tensor], [onnxNode("Add", ["x", tensor.name], ["y"])]))
}
