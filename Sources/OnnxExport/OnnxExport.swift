import Foundation
import GraphIR
import OnnxSchema
import SwiftProtobuf

/// A graph as an ONNX model (https://onnx.ai), to be written to a file with its weights inside or in
/// another file beside it.
///
/// Any graph can be exported. One as the spec has it gives a model whose nodes, values and tensors have
/// the names of the spec. In one after the passes, weights include the batch norms that were folded into
/// them and keep their names; what was made part of an operation is an operation again. Elements are
/// float32. The model needs version 17 of ONNX's operations, and 19 only where an average pool is
/// dilated.
public struct OnnxExport: Sendable {
  /// A protobuf message may not be larger.
  public static let maximumByteCount = Int(Int32.max)

  /// The size of the model with all weights inside.
  public let byteCount: Int
  /// Whether the weights have to go to a file beside the model.
  public var isTooLargeForOneFile: Bool { byteCount > Self.maximumByteCount }

  /// All of the model but its graph.
  private let model: Data
  /// All of the graph but its weights.
  private let graph: Data
  private let tensors: [ExportedTensor]

  /// Takes the next bytes of a file, which are valid during the call only.
  public typealias Sink = (UnsafeRawBufferPointer) throws -> Void

  /// - Parameters:
  ///   - graph: a verified graph.
  ///   - outputNames: one for each output of the graph, if not the names of their nodes.
  ///   - properties: free texts that the model carries, such as how pictures are prepared.
  ///   - producerVersion: the version of the program that writes the model.
  /// - Throws: `OnnxExportError.noOperation`.
  public init(
    _ graph: Graph, outputNames: [String]? = nil, properties: [String: String] = [:],
    producerVersion: String
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
      $0.metadataProps = properties.sorted { $0.key < $1.key }.map { key, value in
        .with { ($0.key, $0.value) = (key, value) }
      }
    }
    self.graph = try graphMessage.serializedData()
    model = try modelMessage.serializedData()
    tensors = builder.tensors.tensors
    let inside = try tensors.map { TensorMessage($0, header: try Self.header($0)) }
    byteCount = model.count + fieldByteCount(Self.graphByteCount(self.graph, inside))
  }

  /// Writes the model with its weights inside. One tensor at a time is in memory.
  ///
  /// - Parameter source: the state dict.
  /// - Throws: what the source throws for a tensor that it lacks or refuses, `FoldingError`,
  ///   `OnnxExportError.tooLarge` or `.elementCount`, or what `sink` throws.
  public func write(from source: some ParameterSource, to sink: Sink) throws {
    guard !isTooLargeForOneFile else { throw OnnxExportError.tooLarge(byteCount: byteCount) }
    let messages = try tensors.map { TensorMessage($0, header: try Self.header($0)) }
    try write(messages, from: source, to: sink, outside: sink)
  }

  /// Writes the model, and all but small weights to a file beside it. One tensor at a time is in memory.
  ///
  /// - Parameters:
  ///   - source: the state dict.
  ///   - sink: takes the bytes of the model.
  ///   - data: takes those of the other file.
  ///   - location: the name of the other file, which has to be in the model's folder.
  /// - Throws: as the other function does.
  public func write(
    from source: some ParameterSource, to sink: Sink, data: Sink, location: String
  ) throws {
    var external = ExternalData(location: location)
    let messages = try tensors.map { tensor in
      let place = external.place(byteCount: tensor.byteCount)
      return TensorMessage(
        tensor, header: try Self.header(tensor, place.map(external.entries)), place: place)
    }
    try write(messages, from: source, to: sink, outside: data)
  }

  /// A tensor as the graph's message has it.
  private struct TensorMessage {
    var tensor: ExportedTensor
    /// All of the message but its elements.
    var header: Data
    /// Where the elements are in the file beside the model; nil if they are in the message.
    var place: Range<Int>?

    init(_ tensor: ExportedTensor, header: Data, place: Range<Int>? = nil) {
      (self.tensor, self.header, self.place) = (tensor, header, place)
    }

    var byteCount: Int {
      header.count + (place == nil ? fieldByteCount(tensor.byteCount) : 0)
    }
  }

  private static func header(
    _ tensor: ExportedTensor, _ external: [Onnx_StringStringEntryProto]? = nil
  ) throws -> Data {
    var message = Onnx_TensorProto(name: tensor.name, shape: tensor.shape)
    if let external {
      message.dataLocation = .external
      message.externalData = external
    }
    return try message.serializedData()
  }

  private static func graphByteCount(_ graph: Data, _ messages: [TensorMessage]) -> Int {
    graph.count + messages.map { fieldByteCount($0.byteCount) }.reduce(0, +)
  }

  private func write(
    _ messages: [TensorMessage], from source: some ParameterSource, to sink: Sink, outside: Sink
  ) throws {
    func write(_ data: Data) throws { try data.withUnsafeBytes(sink) }
    try write(model)
    try write(fieldStart(modelGraphField, Self.graphByteCount(graph, messages)))
    try write(graph)
    var elements = TensorElements(source)
    var end = 0
    for message in messages {
      let values = try elements.elements(of: message.tensor)
      try write(fieldStart(graphInitializerField, message.byteCount))
      try write(message.header)
      if let place = message.place {
        try Data(count: place.lowerBound - end).withUnsafeBytes(outside)
        try withLittleEndianBytes(of: values, outside)
        end = place.upperBound
      } else {
        try write(fieldStart(tensorRawDataField, message.tensor.byteCount))
        try withLittleEndianBytes(of: values, sink)
      }
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
