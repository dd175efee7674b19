import GraphIR

/// What is wrong with the index of several safetensors files.
public enum SafetensorsIndexError: Error, Equatable, CustomStringConvertible {
  /// It is not JSON, or has not the members of an index.
  case malformed(path: String, String)
  /// It names a file that could lie anywhere.
  case badFileName(path: String, file: String)
  /// It and a file that it names disagree about a tensor.
  case disagreement(path: String, tensor: String, file: String, isInFile: Bool)

  public var description: String {
    switch self {
    case .malformed(let path, let reason):
      "\(path): this is not the index of safetensors files: \(reason)"
    case .badFileName(let path, let file):
      "\(path): the index names the file \"\(file)\"; only safetensors files in the same folder "
        + "belong to it"
    case .disagreement(let path, let tensor, let file, isInFile: false):
      "\(path): the index says that tensor \"\(tensor)\" is in \(file), and it is not; download both "
        + "again"
    case .disagreement(let path, let tensor, let file, isInFile: true):
      "\(path): tensor \"\(tensor)\" is in \(file), and the index does not say so; download both again"
    }
  }
}

/// The tensors of several safetensors files, which an index lists, as hubs ship large models:
/// `model.safetensors.index.json` beside `model-00001-of-00002.safetensors` and so on.
///
/// The index is a JSON object whose member `weight_map` has the file's name for each tensor's. Files
/// lie in the index's folder; index and files have to agree about what is where.
public struct ShardedSafetensors: TensorSource {
  public let path: String
  public let contents: [TensorInfo]
  private let files: [SafetensorsFile]
  /// The file and the place in it of each tensor.
  private let places: [(file: Int, index: Int)]

  /// - Throws: `FileAccessError`, `SafetensorsError`, `SafetensorsIndexError`.
  public init(index file: MappedFile) throws {
    path = file.path
    let map = try file.withBytes { try weightMap(parsing: $0, path: file.path) }
    let folder = splitPath(file.path).folder
    var files: [SafetensorsFile] = []
    var numbers: [String: Int] = [:]
    for name in map.map(\.file) where numbers[name] == nil {
      numbers[name] = files.count
      files.append(try SafetensorsFile(path: folder + name))
    }
    let listed = Dictionary(uniqueKeysWithValues: map.map { ($0.tensor, $0.file) })
    var found: Set<String> = []
    var contents: [TensorInfo] = []
    var places: [(file: Int, index: Int)] = []
    for (number, file) in files.enumerated() {
      for (index, tensor) in file.contents.enumerated() {
        guard let owner = listed[tensor.name], numbers[owner] == number else {
          throw SafetensorsIndexError.disagreement(
            path: path, tensor: tensor.name, file: file.path, isInFile: true)
        }
        found.insert(tensor.name)
        contents.append(tensor)
        places.append((number, index))
      }
    }
    if let lost = map.first(where: { !found.contains($0.tensor) }) {
      throw SafetensorsIndexError.disagreement(
        path: path, tensor: lost.tensor, file: folder + lost.file, isInFile: false)
    }
    (self.files, self.contents, self.places) = (files, contents, places)
  }

  public func values(at index: Int) throws -> [Float] {
    try files[places[index].file].values(at: places[index].index)
  }
}

/// The members of `weight_map`, in the order of the file.
private func weightMap(
  parsing bytes: UnsafeRawBufferPointer, path: String
) throws -> [(tensor: String, file: String)] {
  guard bytes.count <= SafetensorsFile.maximalHeaderSize else {
    throw SafetensorsIndexError.malformed(path: path, "it has \(bytes.count) bytes")
  }
  let json: HeaderJSON
  do {
    json = try HeaderJSON(parsing: bytes)
  } catch let error as HeaderJSON.SyntaxError {
    throw SafetensorsIndexError.malformed(
      path: path, "\(error.message) at byte \(error.offset)")
  }
  guard case .object(let members) = json,
    case .object(let map)? = members.first(where: { $0.key == "weight_map" })?.value
  else { throw SafetensorsIndexError.malformed(path: path, "it has no object \"weight_map\"") }
  return try map.map { tensor, value in
    guard case .string(let file) = value else {
      throw SafetensorsIndexError.malformed(path: path, "the file of \"\(tensor)\" is no string")
    }
    guard file.hasSuffix(".safetensors"), !file.utf8.contains(where: { $0 == 0x2F || $0 == 0 })
    else { throw SafetensorsIndexError.badFileName(path: path, file: file) }
    return (tensor, file)
  }
}
