import TestSupport

/// An ONNX file, version 17 of the operators, put together of its bytes: with an input `x`,
/// `[1, 3, 8, 8]` unless told otherwise, and, unless others are named, the output `y`.
struct OnnxBytes {
  private var graph: [UInt8] = []

  /// - Parameter input: the shape of `x`.
  init(input: [Int] = [1, 3, 8, 8], outputs: [String] = ["y"], fields: [UInt8] = []) {
    let shape = input.flatMap { protobufField(1, [0x08] + protobufVarint(UInt64($0))) }
    let type = protobufField(1, [0x08, 1] + protobufField(2, shape))
    graph = fields + protobufField(11, Self.text(1, "x") + protobufField(2, type))
    for output in outputs { graph += protobufField(12, Self.text(1, output)) }
  }

  var bytes: [UInt8] {
    [0x08, 8] + protobufField(7, graph) + protobufField(8, [0x10, 17])
  }

  mutating func node(
    _ operation: String, _ inputs: [String], _ outputs: [String], attributes: [[UInt8]] = []
  ) {
    graph += protobufField(
      1,
      inputs.flatMap { Self.text(1, $0) } + outputs.flatMap { Self.text(2, $0) }
        + Self.text(4, operation) + attributes.flatMap { protobufField(5, $0) })
  }

  /// Nodes each of which reads what the one before it makes, from `x` to `y`.
  mutating func chain(of count: Int, _ append: (inout OnnxBytes, String, String) -> Void) {
    for index in 0..<count {
      append(&self, index == 0 ? "x" : "v\(index)", index == count - 1 ? "y" : "v\(index + 1)")
    }
  }

  /// An initializer.
  ///
  /// - Parameter type: ONNX's number of the element type.
  mutating func tensor(_ name: String, _ shape: [Int], type: UInt8, raw: [UInt8]) {
    graph += protobufField(
      5,
      shape.flatMap { [0x08] + protobufVarint(UInt64($0)) } + [0x10, type] + Self.text(8, name)
        + protobufField(9, raw))
  }

  /// An initializer of float32 zeros.
  mutating func constant(_ name: String, _ shape: [Int]) {
    tensor(name, shape, type: 1, raw: [UInt8](repeating: 0, count: 4 * shape.reduce(1, *)))
  }

  mutating func integers(_ name: String, _ values: [Int]) {
    tensor(name, [values.count], type: 7, raw: values.flatMap { littleEndian(Int64($0)) })
  }

  /// An attribute.
  static func integer(_ name: String, _ value: UInt64) -> [UInt8] {
    text(1, name) + [0x18] + protobufVarint(value) + [0xA0, 0x01, 2]
  }

  private static func text(_ field: UInt64, _ text: String) -> [UInt8] {
    protobufField(field, Array(text.utf8))
  }
}
