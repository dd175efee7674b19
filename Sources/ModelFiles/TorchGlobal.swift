/// The names of Python objects that a pickle may hold. They are given their meaning here; Python's
/// own is never run.
enum TorchGlobal: Equatable, Sendable {
  /// A dictionary that knows its order, as all do here.
  case orderedDictionary
  /// A dictionary of counts, which learning-rate schedules keep.
  case counter
  /// A view of a storage.
  case rebuildTensor
  /// A tensor that was trained: the same tensor.
  case rebuildParameter
  case storage(StoredType)
  /// A tuple of sizes.
  case size
  /// The type of an element by itself, in what training saves beside tensors.
  case elementType

  /// - Returns: nil for every other name.
  init?(module: String, name: String) {
    switch (module, name) {
    case ("collections", "OrderedDict"): self = .orderedDictionary
    case ("collections", "Counter"): self = .counter
    case ("torch._utils", "_rebuild_tensor_v2"): self = .rebuildTensor
    case ("torch._utils", "_rebuild_parameter"): self = .rebuildParameter
    case ("torch", "Size"): self = .size
    case ("torch", _):
      if let type = Self.storages[name] {
        self = .storage(type)
      } else if Self.elementTypes.contains(name) {
        self = .elementType
      } else {
        return nil
      }
    default: return nil
    }
  }

  private static let storages: [String: StoredType] = [
    "FloatStorage": .float32, "DoubleStorage": .float64, "HalfStorage": .float16,
    "BFloat16Storage": .bfloat16, "LongStorage": .int64, "IntStorage": .int32,
    "ShortStorage": .int16, "CharStorage": .int8, "ByteStorage": .uint8, "BoolStorage": .bool,
    "ComplexFloatStorage": .complex64,
  ]

  private static let elementTypes: Set<String> = [
    "float32", "float64", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8",
    "bool", "complex64",
  ]
}
