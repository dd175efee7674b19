import GraphIR

/// The weights of a trained network in a safetensors file, under their PyTorch state-dict names.
public struct StateDict: ParameterSource {
  public let file: SafetensorsFile

  public init(_ file: SafetensorsFile) {
    self.file = file
  }

  /// - Throws: `FileAccessError`, `SafetensorsError`.
  public init(path: String) throws {
    self.init(try SafetensorsFile(path: path))
  }

  /// Checks that the file holds exactly the given tensors, in exactly these shapes.
  ///
  /// Counters of batches (`*.num_batches_tracked`), which training leaves behind, may be there.
  ///
  /// - Throws: `StateDictMismatch` with everything that is wrong, not only the first; or
  ///   `SafetensorsError.notAWeight`.
  public func check(against parameters: [ParameterSpec]) throws {
    let wanted = Set(parameters.map(\.name))
    let prefix = commonPrefix(before: wanted)
    var mismatch = StateDictMismatch(path: file.path, prefix: prefix)
    for parameter in parameters {
      guard let tensor = file[(prefix ?? "") + parameter.name] else {
        mismatch.missing.append(parameter)
        continue
      }
      if tensor.shape != parameter.shape {
        mismatch.misshaped.append(.init(expected: parameter, found: tensor.shape))
      }
    }
    let used = prefix.map { prefix in Set(wanted.map { prefix + $0 }) } ?? wanted
    mismatch.surplus = file.tensors.filter { !used.contains($0.name) && !$0.name.isBatchCounter }
      .map { ParameterSpec(name: $0.name, shape: $0.shape) }
    guard mismatch.isEmpty else { throw mismatch }

    for tensor in file.tensors where wanted.contains(tensor.name) && tensor.type.elementType == nil
    {
      throw SafetensorsError.notAWeight(path: file.path, tensor: tensor.name, type: tensor.type)
    }
  }

  /// What stands before the network's names in the file, such as `module.`: a wrapper's name that
  /// training has put there. None unless half of the names have it, and no name is there without.
  private func commonPrefix(before wanted: Set<String>) -> String? {
    guard !file.tensors.contains(where: { wanted.contains($0.name) }) else { return nil }
    var counts: [String: Int] = [:]
    for tensor in file.tensors {
      for dot in tensor.name.indices where tensor.name[dot] == "." {
        let rest = tensor.name.index(after: dot)
        if wanted.contains(String(tensor.name[rest...])) {
          counts[String(tensor.name[..<rest]), default: 0] += 1
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
  ///   `SafetensorsError.notAWeight` if it is stored as something else than floating-point numbers,
  ///   `NonFiniteWeight` if it holds an infinity or NaN.
  public func values(of parameter: ParameterSpec) throws -> [Float] {
    guard let tensor = file[parameter.name] else {
      throw StateDictMismatch(path: file.path, missing: [parameter])
    }
    guard tensor.shape == parameter.shape else {
      throw StateDictMismatch(
        path: file.path, misshaped: [.init(expected: parameter, found: tensor.shape)])
    }
    let values = try file.values(of: tensor)
    if let index = firstNonFinite(in: values) {
      throw NonFiniteWeight(
        path: file.path, tensor: tensor.name, value: values[index],
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
