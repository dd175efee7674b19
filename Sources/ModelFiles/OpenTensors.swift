import Foundation

/// A weights file that a key was given for, and that holds nothing a key could choose from.
public struct UnusedWeightsKey: Error, Equatable, CustomStringConvertible {
  public var path: String
  public var key: String

  public var description: String {
    "\(path): there is nothing to choose from with the key \"\(key)\": only PyTorch checkpoints hold "
      + "several state dicts"
  }
}

/// Opens a file of weights, whose format is told by its first bytes: a safetensors file, the index
/// of several or the folder they are in, or a PyTorch checkpoint.
///
/// - Parameter key: which of several state dicts to take, as `TorchCheckpoint` names them.
/// - Throws: `FileAccessError`, `SafetensorsError`, `SafetensorsIndexError`, `ZipError`,
///   `PickleError`, `TorchCheckpointError` or `UnusedWeightsKey`.
public func openTensors(path: String, key: String? = nil) throws -> any TensorSource {
  var isFolder: ObjCBool = false
  if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue {
    return try openTensors(path: try weightsFile(inFolder: path), key: key)
  }
  let file = try MappedFile(path: path)
  let format = file.withBytes { WeightsFormat(startOfFile: $0, path: path) }
  if let key, format != .torchArchive, format != .torchLegacy {
    throw UnusedWeightsKey(path: path, key: key)
  }
  switch format {
  case .torchArchive: return try TorchCheckpoint(file, key: key)
  case .torchLegacy: throw TorchCheckpointError.legacyFormat(path: path)
  case .notTorch: throw TorchCheckpointError.notACheckpoint(path: path)
  case .safetensorsIndex: return try ShardedSafetensors(index: file)
  case .safetensors: return try SafetensorsFile(file)
  }
}

private enum WeightsFormat {
  case safetensors
  case safetensorsIndex
  case torchArchive
  /// What `torch.save` wrote before PyTorch 1.6, or a plain pickle.
  case torchLegacy
  /// A file with the name of a checkpoint that is none.
  case notTorch

  init(startOfFile bytes: UnsafeRawBufferPointer, path: String) {
    let name = path.lowercased()
    let isNamedTorch = [".pth", ".pt", ".ckpt", ".bin"].contains(where: name.hasSuffix)
    // A safetensors file begins with the length of its header, which can look like anything.
    if bytes.count > 8, bytes[8] == UInt8(ascii: "{"), bytes[4..<8].allSatisfy({ $0 == 0 }) {
      self = .safetensors
    } else if bytes.starts(with: "PK".utf8) {
      self = .torchArchive
    } else if bytes.count >= 2, bytes[0] == 0x80, (1...5).contains(bytes[1]) {
      self = .torchLegacy
    } else if name.hasSuffix(".json") {
      self = .safetensorsIndex
    } else {
      self = isNamedTorch ? .notTorch : .safetensors
    }
  }
}
