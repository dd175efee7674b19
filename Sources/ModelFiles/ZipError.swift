/// What is wrong with a zip file, or with one of its entries.
public enum ZipError: Error, Equatable, CustomStringConvertible {
  /// There is no directory at the end of the file.
  case truncated(path: String, String)
  /// The directory breaks the format.
  case malformed(path: String, String)
  /// The directory is wrong about one entry.
  case badEntry(path: String, entry: String, String)
  /// An entry that is needed is stored by another method than as it is.
  case compressed(path: String, entry: String, method: Int)

  public var description: String {
    switch self {
    case .truncated(let path, let reason):
      "\(path): the file is truncated or not a zip file: \(reason)"
    case .malformed(let path, let reason):
      "\(path): this is not a valid zip file: \(reason)"
    case .badEntry(let path, let entry, let reason):
      "\(path): the zip file is wrong about its entry \"\(entry)\": \(reason)"
    case .compressed(let path, let entry, let method):
      "\(path): its entry \"\(entry)\" is compressed (zip method \(method)), and PyTorch stores "
        + "entries as they are; save the file again with torch.save, or with zip -0"
    }
  }
}
