/// What is wrong with a safetensors file.
public enum SafetensorsError: Error, Equatable, CustomStringConvertible {
  /// The file is shorter than its own header says.
  case truncated(path: String, String)
  /// The header as a whole breaks the format.
  case malformed(path: String, String)
  /// The header's entry for one tensor breaks the format.
  case badTensor(path: String, tensor: String, String)

  public var description: String {
    switch self {
    case .truncated(let path, let reason):
      "\(path): the file is truncated or not a safetensors file: \(reason)"
    case .malformed(let path, let reason):
      "\(path): this is not a valid safetensors file: \(reason)"
    case .badTensor(let path, let tensor, let reason):
      "\(path): the header is wrong about tensor \"\(tensor)\": \(reason)"
    }
  }
}
