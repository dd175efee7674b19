/// A tensor as a pickle describes it: a view of a storage. Nothing has been compared with the file.
struct TorchView: Equatable {
  var storageKey: String
  var type: StoredType
  /// Elements of the storage.
  var storageCount: Int
  /// Of the first element, in elements.
  var offset: Int
  var shape: [Int]
  /// In elements.
  var strides: [Int]
}

/// Reads the calls that make tensors out of a pickle:
/// `_rebuild_tensor_v2(storage, offset, size, strides, requires_grad, hooks[, metadata])`, and
/// `_rebuild_parameter(tensor, requires_grad, hooks)` around it.
struct TorchTensorReader {
  let document: PickleDocument
  /// The tensor's, for errors.
  let name: String
  let path: String

  static let maximalRank = 8

  func error(_ reason: String) -> TorchCheckpointError {
    .badTensor(path: path, tensor: name, reason)
  }

  /// - Throws: `TorchCheckpointError.badTensor`.
  func view(_ call: PickleDocument.Call) throws -> TorchView {
    guard call.global == .rebuildParameter else { return try tensor(call) }
    guard case .call(let inner)? = document.elements[call.arguments].first,
      document.calls[inner].global == .rebuildTensor
    else { throw error("it is a parameter of something that is no tensor") }
    return try tensor(document.calls[inner])
  }

  private func tensor(_ call: PickleDocument.Call) throws -> TorchView {
    let arguments = Array(document.elements[call.arguments])
    guard (6...7).contains(arguments.count), case .persistent(let storage) = arguments[0],
      case .integer(let offset) = arguments[1]
    else { throw error("it is not described as PyTorch describes tensors") }
    if arguments.count == 7 { try checkMetadata(arguments[6]) }
    let shape = try integers(arguments[2])
    let strides = try integers(arguments[3])
    let parts = Array(document.elements[storage])
    // ("storage", its class, its key, the device it was on, its number of elements)
    guard parts.count == 5, parts[0] == .text("storage"),
      case .global(.storage(let type)) = parts[1], case .text(let key) = parts[2],
      case .integer(let count) = parts[4], count >= 0
    else { throw error("its storage is not described as PyTorch describes storages") }
    return TorchView(
      storageKey: key, type: type, storageCount: count, offset: offset, shape: shape,
      strides: strides)
  }

  /// Metadata say that the elements are to be negated or conjugated.
  private func checkMetadata(_ value: PickleValue) throws {
    if case .none = value { return }
    if case .dictionary(let index) = value, document.dictionaries[index].isEmpty { return }
    throw error("it is a negated or conjugated view; save it as tensor.clone()")
  }

  private func integers(_ value: PickleValue) throws -> [Int] {
    guard case .tuple(let range) = value else { throw error("its sizes are no tuple") }
    guard range.count <= Self.maximalRank else {
      throw error("it has \(range.count) dimensions; weights have at most \(Self.maximalRank)")
    }
    return try document.elements[range].map {
      guard case .integer(let number) = $0 else { throw error("one of its sizes is no number") }
      return number
    }
  }
}
