/// What is wrong with an ONNX file, or with a tensor in it.
public enum OnnxFileError: Error, Equatable, CustomStringConvertible {
  /// It is a file of another kind.
  case notOnnx(path: String, String)
  /// The file is shorter than it says itself.
  case truncated(path: String, String)
  /// The file breaks the format of protobuf, in which ONNX files are written.
  case malformed(path: String, String)
  /// It is larger, deeper or has more parts than any network.
  case tooLarge(path: String, String)
  /// There is no graph in it.
  case noGraph(path: String)
  /// It uses a version of ONNX's operators that is not understood; nil if it does not say which.
  case unsupportedOpset(path: String, Int?)
  /// It uses a part of ONNX that no ResNet needs.
  case unsupported(path: String, String)
  /// The nodes and values of the graph contradict each other.
  case badGraph(path: String, String)
  /// A tensor breaks the format. The tensor is named in words, as `initializer "conv1.weight"`.
  case badTensor(path: String, tensor: String, String)
  /// The file in which a tensor's elements lie is missing or does not fit.
  case badExternalData(path: String, tensor: String, String)
  /// A tensor has elements of another kind than what uses it needs.
  case unsuitableElements(path: String, tensor: String, OnnxElementType, wanted: String)

  public var description: String {
    switch self {
    case .notOnnx(let path, let reason):
      "\(path): this is not an ONNX file: \(reason)"
    case .truncated(let path, let reason):
      "\(path): the file is truncated or not an ONNX file: \(reason)"
    case .malformed(let path, let reason):
      "\(path): this is not a valid ONNX file: \(reason)"
    case .tooLarge(let path, let reason):
      "\(path): the file is refused: \(reason)"
    case .noGraph(let path):
      "\(path): there is no graph in it; it is no ONNX model, or only a part of one"
    case .unsupportedOpset(let path, let version?):
      "\(path): it uses version \(version) of ONNX's operators, and \(Self.accepted) are understood; "
        + Self.conversion
    case .unsupportedOpset(let path, nil):
      "\(path): it does not say which version of ONNX's operators it uses; \(Self.accepted) are "
        + "understood"
    case .unsupported(let path, let reason):
      "\(path): \(reason)"
    case .badGraph(let path, let reason):
      "\(path): its graph is wrong: \(reason)"
    case .badTensor(let path, let tensor, let reason):
      "\(path): the file is wrong about \(tensor): \(reason)"
    case .badExternalData(let path, let tensor, let reason):
      "\(path): the elements of \(tensor) cannot be read: \(reason)"
    case .unsuitableElements(let path, let tensor, let type, let wanted):
      "\(path): \(tensor) has elements of type \(type.rawValue), and \(wanted) are needed there"
    }
  }

  private static var accepted: String {
    "versions \(OnnxModel.acceptedOpsets.lowerBound) to \(OnnxModel.acceptedOpsets.upperBound)"
  }

  private static var conversion: String {
    "convert it, in Python with onnx.version_converter.convert_version(model, 17), or export it anew"
  }
}
