import GraphIR

/// A state dict in a file that `torch.save` has written, memory-mapped.
///
/// The file is a zip archive of one folder with the pickle `data.pkl`, which describes the tensors as
/// views of storages, and a record `data/N` with the bytes of each storage (the format that
/// `torch.save` has had since PyTorch 1.6). The pickle is read and not executed. After `init` every tensor's
/// elements are known to lie in the file.
public struct TorchCheckpoint: TensorSource {
  public let path: String
  public let contents: [TensorInfo]
  private let file: MappedFile
  private let tensors: [StridedTensor]

  /// - Parameter key: which of several state dicts to take: the keys that lead to it, joined with
  ///   dots, or `.` for the whole file. Without it there has to be exactly one.
  /// - Throws: `FileAccessError`, `ZipError`, `PickleError`, `TorchCheckpointError`.
  public init(path: String, key: String? = nil) throws {
    try self.init(MappedFile(path: path), key: key)
  }

  /// - Throws: `ZipError`, `PickleError`, `TorchCheckpointError`.
  public init(_ file: MappedFile, key: String? = nil) throws {
    self.file = file
    path = file.path
    let archive = try TorchArchive(ZipArchive(file))
    let document = try archive.document()
    let dictionary = try choose(from: document, key: key, path: file.path)
    (contents, tensors) = try archive.tensors(of: dictionary, in: document)
  }

  public func values(at index: Int) throws -> [Float] {
    let tensor = tensors[index]
    guard let element = tensor.type.elementType else {
      throw UnsuitableWeight(path: path, tensor: contents[index].name, type: tensor.type)
    }
    return file.withBytes { tensor.float32Values(of: element, in: $0) }
  }
}

private func choose(
  from document: PickleDocument, key: String?, path: String
) throws -> [PickleDocument.Item] {
  let places = document.stateDicts()
  let choices = places.map(\.choice)
  guard !places.isEmpty else {
    throw TorchCheckpointError.noStateDict(path: path, keys: document.outermostKeys)
  }
  if let key {
    guard let place = places.first(where: { $0.choice.key == key }) else {
      throw TorchCheckpointError.unknownKey(path: path, key: key, choices)
    }
    return document.dictionaries[place.dictionary]
  }
  guard places.count == 1 else {
    throw TorchCheckpointError.severalStateDicts(path: path, choices)
  }
  return document.dictionaries[places[0].dictionary]
}

/// The records of a zip file that `torch.save` has written.
private struct TorchArchive {
  let archive: ZipArchive
  /// The folder in which all records are, with its slash.
  let folder: String

  var path: String { archive.file.path }

  init(_ archive: ZipArchive) throws {
    self.archive = archive
    let record = "/data.pkl"
    let pickles = archive.entries.map(\.name).filter { $0.hasSuffix(record) }
    guard pickles.count == 1 else {
      throw TorchCheckpointError.notSavedByTorch(
        path: archive.file.path,
        pickles.isEmpty ? "it has no data.pkl" : "it has \(pickles.count) entries named data.pkl")
    }
    folder = String(pickles[0].dropLast(record.count)) + "/"
    if archive.contains(folder + "constants.pkl") {
      throw TorchCheckpointError.torchScript(path: path)
    }
    if let order = try archive.bytes(of: folder + "byteorder"),
      archive.file.withBytes({ !$0[order].elementsEqual("little".utf8) })
    {
      throw TorchCheckpointError.bigEndian(path: path)
    }
  }

  func document() throws -> PickleDocument {
    guard let range = try archive.bytes(of: folder + "data.pkl") else { return PickleDocument() }
    return try archive.file.withBytes {
      try PickleReader.read(UnsafeRawBufferPointer(rebasing: $0[range]), path: path)
    }
  }

  /// The tensors of a dictionary; what else is in it is passed over.
  func tensors(
    of items: [PickleDocument.Item], in document: PickleDocument
  ) throws -> ([TensorInfo], [StridedTensor]) {
    var contents: [TensorInfo] = []
    var tensors: [StridedTensor] = []
    var seen: Set<String> = []
    for item in items {
      guard case .text(let name) = item.key, case .call(let call) = item.value else { continue }
      let reader = TorchTensorReader(
        document: document, name: String(name.prefix(maximalTensorNameLength)), path: path)
      guard name.utf8.count <= maximalTensorNameLength else {
        throw reader.error("its name is longer than that")
      }
      guard seen.insert(name).inserted else { throw reader.error("it stands twice") }
      let view = try reader.view(document.calls[call])
      let tensor = try strided(view, reader)
      contents.append(TensorInfo(name: name, type: tensor.type, shape: tensor.shape))
      tensors.append(tensor)
    }
    return (contents, tensors)
  }

  private func strided(_ view: TorchView, _ reader: TorchTensorReader) throws -> StridedTensor {
    // The key is compared in full only if an entry can have it.
    guard view.storageKey.utf8.count <= ZipArchive.maximalNameLength,
      let storage = try archive.bytes(of: folder + "data/" + view.storageKey)
    else {
      throw reader.error("its storage \"\(view.storageKey.prefix(60))\" is not in the file")
    }
    let size = view.type.bitCount / 8
    guard storage.count.isMultiple(of: size), storage.count / size == view.storageCount else {
      throw reader.error(
        "its storage has \(storage.count) bytes, and should have \(view.storageCount) elements of "
          + "\(size)")
    }
    do {
      return try StridedTensor(
        type: view.type, shape: Shape(view.shape), strides: view.strides, offset: view.offset,
        storage: storage)
    } catch let error as StridedTensor.OutOfBounds {
      throw reader.error(error.description)
    }
  }
}
