import Foundation

/// What the names of weights end in, in the order in which they are looked for.
private let weightsEndings = [".safetensors", ".safetensors.index.json", ".pth", ".pt"]

/// The weights that lie beside a spec under the same base name, if they are there:
/// `resnet8-cifar10.safetensors` for `resnet8-cifar10.spec`, or a PyTorch checkpoint.
public func findWeights(besideSpec path: String) -> String? {
  let (folder, name) = splitPath(path)
  let base = name.hasSuffix(".spec") ? String(name.dropLast(".spec".count)) : name
  guard !base.isEmpty else { return nil }
  return weightsEndings.map { folder + base + $0 }.first {
    var isDirectory: ObjCBool = false
    return FileManager.default.fileExists(atPath: $0, isDirectory: &isDirectory)
      && !isDirectory.boolValue
  }
}

/// A folder in which it is not clear which file has the weights.
public struct WeightsFolderError: Error, Equatable, CustomStringConvertible {
  public var path: String
  /// The names that could be meant.
  public var candidates: [String]

  public var description: String {
    candidates.isEmpty
      ? "\(path): there are no weights in this folder: no safetensors file and no PyTorch checkpoint"
      : "\(path): several files in this folder may be meant; name one: "
        + candidates.prefix(10).joined(separator: ", ")
  }
}

/// The file with the weights in a folder as hubs ship it: the one index of safetensors files or else
/// the one safetensors file or else the one PyTorch checkpoint.
///
/// - Throws: `WeightsFolderError`, `FileAccessError.unreadable`.
func weightsFile(inFolder path: String) throws -> String {
  let names: [String]
  do {
    names = try FileManager.default.contentsOfDirectory(atPath: path).sorted()
  } catch {
    throw FileAccessError.unreadable(path: path, reason: "the folder cannot be listed")
  }
  for endings in [[".safetensors.index.json"], [".safetensors"], [".pth", ".pt", ".bin"]] {
    let candidates = names.filter { name in endings.contains(where: name.hasSuffix) }
    if candidates.count > 1 { throw WeightsFolderError(path: path, candidates: candidates) }
    if let name = candidates.first { return path.hasSuffix("/") ? path + name : path + "/" + name }
  }
  throw WeightsFolderError(path: path, candidates: [])
}
