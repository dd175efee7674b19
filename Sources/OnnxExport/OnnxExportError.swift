/// Why a graph cannot be an ONNX model.
public enum OnnxExportError: Error, Equatable, CustomStringConvertible {
  /// ONNX, or ONNX Runtime, has no operation that does the same.
  case noOperation(node: String, reason: String)
  /// A protobuf message may have 2 GB.
  case tooLarge(byteCount: Int)
  /// The source gave another number of elements than the tensor's shape has.
  case elementCount(tensor: String, expected: Int, found: Int)

  public var description: String {
    switch self {
    case .noOperation(let node, let reason):
      "\"\(node)\" cannot be exported to ONNX: \(reason)"
    case .tooLarge(let byteCount):
      "the ONNX file would have \(byteCount) bytes, and its format ends at \(OnnxExport.maximumByteCount)"
    case .elementCount(let tensor, let expected, let found):
      "\"\(tensor)\" should have \(expected) elements and has \(found)"
    }
  }
}
