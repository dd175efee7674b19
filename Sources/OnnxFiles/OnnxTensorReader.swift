import GraphIR
import ModelFiles
import OnnxSchema

/// Makes tensors of the messages that describe them, and checks them.
struct OnnxTensorReader {
  let path: String
  let externalFiles: OnnxExternalFiles

  init(path: String) {
    self.path = path
    externalFiles = OnnxExternalFiles(modelPath: path)
  }

  /// - Parameter label: what messages call the tensor.
  /// - Throws: `OnnxFileError`.
  func tensor(_ message: Onnx_TensorProto, label: String) throws -> OnnxTensor {
    func bad(_ reason: String) -> OnnxFileError { .badTensor(path: path, tensor: label, reason) }
    guard let type = OnnxElementType(code: Int(message.dataType)) else {
      throw bad("the number \(message.dataType) of its element type is not known")
    }
    guard !message.hasSegment else { throw bad("it is stored in segments, which nobody writes") }
    let (shape, count) = try checkedShape(message.dims, bad)
    func tensor(_ elements: OnnxElements) -> OnnxTensor {
      OnnxTensor(
        name: message.name, elementType: type, shape: shape, label: label, path: path,
        elements: elements)
    }

    guard let stored = type.storedType else { return tensor(.none) }
    let (size, overflow) = count.multipliedReportingOverflow(by: stored.bitCount / 8)
    guard !overflow else { throw bad("its shape \(shape) is too large") }
    if message.dataLocation == .external {
      return tensor(
        try externalFiles.elements(
          message.externalData.map { ($0.key, $0.value) }, byteCount: size, of: label))
    }
    if message.hasRawData, !message.rawData.isEmpty {
      guard message.rawData.count == size else {
        throw bad(
          "\(type.rawValue) \(shape) takes \(size) bytes, and it has \(message.rawData.count)")
      }
      return tensor(.bytes(message.rawData))
    }
    let elements: OnnxElements
    let found: Int
    switch type {
    case .float: (elements, found) = (.floats(message.floatData), message.floatData.count)
    case .double: (elements, found) = (.doubles(message.doubleData), message.doubleData.count)
    case .int64: (elements, found) = (.int64s(message.int64Data), message.int64Data.count)
    case .uint32, .uint64:
      (elements, found) = (.uint64s(message.uint64Data), message.uint64Data.count)
    default: (elements, found) = (.int32s(message.int32Data), message.int32Data.count)
    }
    guard found == count else {
      throw bad("\(type.rawValue) \(shape) has \(count) elements, and \(found) are in the file")
    }
    return tensor(elements)
  }

  /// The shape and the number of its elements. No tensor has more dimensions than `maximalRank`.
  private func checkedShape(
    _ dimensions: [Int64], _ bad: (String) -> OnnxFileError
  ) throws -> (Shape, elementCount: Int) {
    guard dimensions.count <= Self.maximalRank else {
      throw bad("it has \(dimensions.count) dimensions")
    }
    let shape = Shape(dimensions.map { Int($0) })
    var count = 1
    for dimension in shape.dimensions {
      guard dimension >= 0 else { throw bad("its shape \(shape) has a negative dimension") }
      let (product, overflow) = count.multipliedReportingOverflow(by: dimension)
      guard !overflow else { throw bad("its shape \(shape) is too large") }
      count = product
    }
    return (shape, count)
  }

  static let maximalRank = 64
}
