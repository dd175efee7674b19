import GraphIR

/// The weights of a trained network in a file, under their PyTorch state-dict names.
public struct StateDict: ParameterSource {
  public let source: any TensorSource
  /// The tensors under the names that they have here, and their places in `source.contents`.
  private let tensors: [(info: TensorInfo, place: Int)]
  private let indices: [String: Int]

  /// The file that a user named.
  public var path: String { source.path }

  public init(_ source: any TensorSource) {
    self.init(
      source, tensors: source.contents.enumerated().map { (info: $0.element, place: $0.offset) })
  }

  /// - Parameter key: which of several state dicts of a PyTorch checkpoint to take.
  /// - Throws: as `openTensors` does.
  public init(path: String, key: String? = nil) throws {
    self.init(try openTensors(path: path, key: key))
  }

  /// - Parameter tensors: of a name that stands twice, the first counts.
  private init(_ source: any TensorSource, tensors: [(info: TensorInfo, place: Int)]) {
    self.source = source
    self.tensors = tensors
    indices = Dictionary(
      tensors.enumerated().map { ($0.element.info.name, $0.offset) },
      uniquingKeysWith: { first, _ in first })
  }

  private subscript(name: String) -> (info: TensorInfo, place: Int)? {
    indices[name].map { tensors[$0] }
  }

  /// The same tensors under other names, each name changed by all rules in turn. A tensor whose name
  /// becomes empty is left out.
  ///
  /// - Throws: `RenameError.matchesNothing` or `collision`.
  public func renamed(by rules: [RenameRule]) throws -> StateDict {
    var tensors = tensors
    for rule in rules {
      var matches = false
      for index in tensors.indices {
        guard let name = rule.renamed(tensors[index].info.name) else { continue }
        tensors[index].info.name = name
        matches = true
      }
      guard matches else {
        throw RenameError.matchesNothing(
          path: path, rule: rule.text, names: tensors.map(\.info.name))
      }
    }
    tensors.removeAll { $0.info.name.isEmpty }
    var owners: [String: Int] = [:]
    for tensor in tensors {
      if let other = owners.updateValue(tensor.place, forKey: tensor.info.name) {
        let contents = source.contents
        throw RenameError.collision(
          path: path, first: contents[other].name, second: contents[tensor.place].name,
          name: tensor.info.name)
      }
    }
    return StateDict(source, tensors: tensors)
  }

  /// The state dict under the names of the network, and what its names began with besides, such as
  /// `module.`: wrappers' names that training has put there are passed over if all names fit then.
  ///
  /// The file has to hold exactly the given tensors, in exactly these shapes. Counters of batches
  /// (`*.num_batches_tracked`), which training leaves behind, may be there.
  ///
  /// - Parameter optional: tensors that may be there too, such as those of a classifier of which only
  ///   the features are wanted.
  /// - Throws: `StateDictMismatch` with everything that is wrong, not only the first; or
  ///   `UnsuitableWeight`.
  public func fitted(
    to parameters: [ParameterSpec], optional: [ParameterSpec] = []
  ) throws -> (weights: StateDict, prefix: String?) {
    let wanted = Set(parameters.map(\.name))
    let allowed = Set(optional.map(\.name))
    let prefix = commonPrefix(before: wanted)
    let fitted = prefix.map(removing(prefix:)) ?? self
    var mismatch = StateDictMismatch(path: path, prefix: prefix)
    for parameter in parameters {
      guard let tensor = fitted[parameter.name] else {
        mismatch.missing.append(parameter)
        continue
      }
      if tensor.info.shape != parameter.shape {
        mismatch.misshaped.append(.init(expected: parameter, found: tensor.info.shape))
      }
    }
    for (own, inner) in zip(tensors, fitted.tensors)
    where !wanted.contains(inner.info.name) && !allowed.contains(inner.info.name)
      && !inner.info.name.isBatchCounter
    {
      mismatch.surplus.append(ParameterSpec(name: own.info.name, shape: own.info.shape))
    }
    guard mismatch.isEmpty else { throw mismatch }

    for tensor in fitted.tensors.map(\.info)
    where wanted.contains(tensor.name) && tensor.type.elementType == nil {
      throw UnsuitableWeight(path: path, tensor: tensor.name, type: tensor.type)
    }
    return (fitted, prefix)
  }

  private func removing(prefix: String) -> StateDict {
    StateDict(
      source,
      tensors: tensors.map { tensor in
        var tensor = tensor
        tensor.info.name = String(tensor.info.name.withoutPrefix(prefix))
        return tensor
      })
  }

  /// What stands before the network's names in the file, such as `module.`. None unless half of the
  /// names have it, and no name is there without.
  private func commonPrefix(before wanted: Set<String>) -> String? {
    guard !tensors.contains(where: { wanted.contains($0.info.name) }) else { return nil }
    // Wrappers put few components there, and each is looked up in all names.
    let maximalDepth = 6
    let longest = wanted.map(\.utf8.count).max() ?? 0
    var counts: [String: Int] = [:]
    for name in tensors.map(\.info.name) {
      var rest = name[...]
      for _ in 0..<maximalDepth {
        guard let dot = rest.utf8.firstIndex(of: UInt8(ascii: ".")) else { break }
        rest = rest[name.utf8.index(after: dot)...]
        if rest.utf8.count <= longest, wanted.contains(String(rest)) {
          counts[String(name[..<rest.startIndex]), default: 0] += 1
        }
      }
    }
    let best = counts.max { ($0.value, $1.key) < ($1.value, $0.key) }
    guard let best, 2 * best.value >= wanted.count else { return nil }
    return best.key
  }

  /// The elements of a tensor, row-major, as float32.
  ///
  /// - Throws: `StateDictMismatch` if the tensor is missing or has another shape,
  ///   `UnsuitableWeight` if it is stored as something else than floating-point numbers,
  ///   `NonFiniteWeight` if it holds an infinity or NaN.
  public func values(of parameter: ParameterSpec) throws -> [Float] {
    guard let (tensor, place) = self[parameter.name] else {
      throw StateDictMismatch(path: path, missing: [parameter])
    }
    guard tensor.shape == parameter.shape else {
      throw StateDictMismatch(
        path: path, misshaped: [.init(expected: parameter, found: tensor.shape)])
    }
    let values = try source.values(at: place)
    if let index = firstNonFinite(in: values) {
      throw NonFiniteWeight(
        path: path, tensor: tensor.name, value: values[index],
        index: multiIndex(of: index, in: tensor.shape))
    }
    return values
  }
}

/// A weight that is infinite or not a number.
public struct NonFiniteWeight: Error, Equatable, CustomStringConvertible {
  public var path: String
  public var tensor: String
  public var value: Float
  /// One coordinate a dimension.
  public var index: [Int]

  public var description: String {
    let place = index.map(String.init).joined(separator: ", ")
    return "\(path): tensor \"\(tensor)\" holds \(value) at [\(place)]; weights must be finite "
      + "in float32"
  }

  public static func == (a: NonFiniteWeight, b: NonFiniteWeight) -> Bool {
    // Bits, because a NaN equals nothing.
    a.path == b.path && a.tensor == b.tensor && a.index == b.index
      && a.value.bitPattern == b.value.bitPattern
  }
}

extension String {
  fileprivate var isBatchCounter: Bool {
    self == "num_batches_tracked" || hasSuffix(".num_batches_tracked")
  }
}

private func firstNonFinite(in values: [Float]) -> Int? {
  values.withUnsafeBufferPointer { buffer in
    for i in 0..<buffer.count where buffer[i].bitPattern & 0x7F80_0000 == 0x7F80_0000 { return i }
    return nil
  }
}

private func multiIndex(of flat: Int, in shape: Shape) -> [Int] {
  var rest = flat
  var index: [Int] = []
  for dimension in shape.dimensions.reversed() {
    index.append(rest % dimension)
    rest /= dimension
  }
  return index.reversed()
}
