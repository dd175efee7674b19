import Foundation
import GraphIR
import OnnxSchema
import SwiftProtobuf

/// A graph as an ONNX model (https://onnx.ai), to be written to a file with its weights inside.
///
/// Any graph can be exported, fused or not; a graph as the spec has it gives a model whose nodes,
/// values and tensors have the names of the spec. Shapes are fixed, and elements float32. The model
/// needs version 17 of ONNX's operations, and 19 only where an average pool is dilated.
public struct OnnxExport: Sendable {
  /// A protobuf message may not be larger.
  public static let maximumByteCount = Int(Int32.max)

  /// The size of the file.
  public let byteCount: Int
  /// All of the model but its graph.
  private let model: Data
  /// All of the graph but its weights.
  private let graph: Data
  private let weights: [Weight]

  /// A tensor of the state dict.
  private struct Weight: Sendable {
    var parameter: ParameterSpec
    /// All of the message but its elements.
    var header: Data

    var elementBytes: Int { 4 * parameter.shape.elementCount }
    /// Of the message, elements included.
    var byteCount: Int {
      header.count + fieldByteCount(elementBytes)
    }
  }

  /// - Parameters:
  ///   - graph: a verified graph.
  ///   - outputNames: one for each output of the graph, if not the names of their nodes.
  ///   - producerVersion: the version of the program that writes the model.
  /// - Throws: `OnnxExportError.noOperation` or `.tooLarge`.
  public init(
    _ graph: Graph, outputNames: [String]? = nil, producerVersion: String
  ) throws {
    let builder = try OnnxGraphBuilder(
      graph, outputNames: outputNames ?? graph.outputs.map { graph[$0].name })
    let graphMessage = Onnx_GraphProto.with {
      $0.name = graph.name.isEmpty ? "network" : graph.name
      $0.node = builder.nodes
      $0.initializer = builder.constants
      $0.input = builder.inputs
      $0.output = builder.outputs
      $0.valueInfo = builder.innerValues
    }
    let modelMessage = Onnx_ModelProto.with {
      // Each opset has a first version of the file format that it may be used with.
      $0.irVersion = builder.opset > 18 ? 9 : 8
      $0.producerName = "resnetc"
      $0.producerVersion = producerVersion
      $0.docString =
        "The network \(graph.name), written by resnetc \(producerVersion). Its input is an image "
        + "after preprocessing."
      $0.opsetImport = [.with { $0.version = Int64(builder.opset) }]
    }
    self.graph = try graphMessage.serializedData()
    model = try modelMessage.serializedData()
    weights = try builder.parameters.map { name, parameter in
      Weight(
        parameter: parameter,
        header: try Onnx_TensorProto(name: name, shape: parameter.shape).serializedData())
    }
    let graphByteCount = Self.graphByteCount(self.graph, weights)
    byteCount = model.count + fieldByteCount(graphByteCount)
    guard byteCount <= Self.maximumByteCount else {
      throw OnnxExportError.tooLarge(byteCount: byteCount)
    }
  }

  private static func graphByteCount(_ graph: Data, _ weights: [Weight]) -> Int {
    graph.count + weights.map { fieldByteCount($0.byteCount) }.reduce(0, +)
  }

  /// Writes the model. One tensor at a time is in memory.
  ///
  /// - Parameters:
  ///   - source: the state dict.
  ///   - sink: takes the next bytes, which are valid during the call only.
  /// - Throws: what the source throws for a tensor that it lacks or refuses,
  ///   `OnnxExportError.elementCount`, or what `sink` throws.
  public func write(
    from source: some ParameterSource, to sink: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    func write(_ data: Data) throws { try data.withUnsafeBytes(sink) }
    try write(model)
    try write(fieldStart(modelGraphField, Self.graphByteCount(graph, weights)))
    try write(graph)
    for weight in weights {
      let elements = try source.values(of: weight.parameter)
      guard elements.count == weight.parameter.shape.elementCount else {
        throw OnnxExportError.elementCount(
          tensor: weight.parameter.name, expected: weight.parameter.shape.elementCount,
          found: elements.count)
      }
      try write(fieldStart(graphInitializerField, weight.byteCount))
      try write(weight.header)
      try write(fieldStart(tensorRawDataField, weight.elementBytes))
      try withLittleEndianBytes(of: elements, sink)
    }
  }
}

// The numbers of fields in onnx.proto.
private let modelGraphField = 7
private let graphInitializerField = 5
private let tensorRawDataField = 9

/// What stands before a field of so many bytes: its number, the mark of a field with a length, and the
/// length (https://protobuf.dev/programming-guides/encoding).
private func fieldStart(_ number: Int, _ byteCount: Int) -> Data {
  var bytes = Data([UInt8(number << 3 | 2)])
  var rest = byteCount
  while rest >= 0x80 {
    bytes.append(UInt8(rest & 0x7F | 0x80))
    rest >>= 7
  }
  bytes.append(UInt8(rest))
  return bytes
}

/// The bytes of a field with so many in it, whose number is less than 16.
private func fieldByteCount(_ byteCount: Int) -> Int {
  fieldStart(0, byteCount).count + byteCount
}

/// Hands on the elements as files have them.
private func withLittleEndianBytes(
  of elements: [Float], _ body: (UnsafeRawBufferPointer) throws -> Void
) throws {
  #if _endian(little)
    try elements.withUnsafeBytes(body)
  #else
    try elements.map(\.bitPattern.littleEndian).withUnsafeBytes(body)
  #endif
}
