import GraphIR
import OnnxFiles

/// A tensor whose elements are known while a graph is imported: an initializer, or what can be computed
/// of them without the network's input.
///
/// Weights are large, so their elements are only read when someone asks; what is computed of small
/// constants is there at once.
struct ConstantTensor: Sendable {
  let shape: Shape
  let type: OnnxElementType
  /// What the tensor is called where it is a weight: the initializer's name, or that of a value.
  let name: String
  /// Tells tensors of one name apart, which were made of one in different ways. Of use within one
  /// process alone.
  let derivation: Int
  private let elements: Elements

  private enum Elements: Sendable {
    case stored(OnnxTensor)
    case floats([Float])
    case integers([Int])
    case rearranged(Rearrangement)
  }

  /// A tensor of which another is made without arithmetic on its elements.
  private final class Rearrangement: Sendable {
    let source: ConstantTensor
    let depth: Int
    let apply: @Sendable ([Float]) -> [Float]

    init(_ source: ConstantTensor, depth: Int, apply: @escaping @Sendable ([Float]) -> [Float]) {
      (self.source, self.depth, self.apply) = (source, depth, apply)
    }
  }

  /// A tensor of the file.
  init(_ tensor: OnnxTensor, name: String) {
    shape = tensor.shape
    type = tensor.elementType
    self.name = name
    derivation = 0
    elements = .stored(tensor)
  }

  init(_ shape: Shape, floats: [Float], name: String) {
    (self.shape, type, self.name, derivation) = (shape, .float, name, 1)
    elements = .floats(floats)
  }

  /// - Parameter type: one of integers, or `bool`.
  init(_ shape: Shape, integers: [Int], type: OnnxElementType = .int64, name: String) {
    (self.shape, self.type, self.name, derivation) = (shape, type, name, 1)
    elements = .integers(integers)
  }

  private init(_ source: ConstantTensor, shape: Shape, type: OnnxElementType, name: String?) {
    self.shape = shape
    self.type = type
    self.name = name ?? source.name
    derivation = source.derivation
    elements = source.elements
  }

  private init(
    _ source: ConstantTensor, shape: Shape, _ how: String,
    apply: @escaping @Sendable ([Float]) -> [Float]
  ) throws {
    var depth = 1
    if case .rearranged(let inner) = source.elements { depth = inner.depth + 1 }
    self.shape = shape
    type = source.type
    name = source.name
    var hasher = Hasher()
    hasher.combine(source.derivation)
    hasher.combine(how)
    derivation = hasher.finalize()
    // A file may rearrange one tensor a million times over.
    elements =
      depth > Self.maximalDepth
      ? .floats(apply(try source.floats()))
      : .rearranged(Rearrangement(source, depth: depth, apply: apply))
  }

  private static let maximalDepth = 32

  var count: Int { shape.elementCount }
  var isInteger: Bool { type.isInteger }

  /// Whether its elements are those of another tensor in another order, or scaled.
  var isRearranged: Bool {
    if case .rearranged = elements { true } else { false }
  }

  /// The elements as float32.
  ///
  /// - Throws: `OnnxFileError`, or `NodeFault` if there are integers.
  func floats() throws -> [Float] {
    switch elements {
    case .stored(let tensor): return try tensor.floatValues()
    case .floats(let values): return values
    case .integers:
      throw NodeFault("it takes floating-point numbers where \(quoted(name)) has integers")
    case .rearranged(let rearranged): return rearranged.apply(try rearranged.source.floats())
    }
  }

  /// The elements of a tensor of integers; those of one of truth values are 0 and 1.
  ///
  /// - Throws: `OnnxFileError`, or `NodeFault` if there are floating-point numbers.
  func integers() throws -> [Int] {
    switch elements {
    case .stored(let tensor): return try tensor.intValues()
    case .integers(let values): return values
    case .floats, .rearranged:
      throw NodeFault("it takes integers where \(quoted(name)) has floating-point numbers")
    }
  }

  /// The same elements under another shape, with as many elements.
  func reshaped(_ shape: Shape) -> ConstantTensor {
    ConstantTensor(self, shape: shape, type: type, name: nil)
  }

  /// The same tensor as a weight of another name.
  func named(_ name: String) -> ConstantTensor {
    ConstantTensor(self, shape: shape, type: type, name: name)
  }

  /// The tensor as float32, whatever floating-point numbers it has.
  func asFloat() -> ConstantTensor {
    ConstantTensor(self, shape: shape, type: .float, name: nil)
  }

  /// The tensor with its dimensions in another order.
  func transposed(_ permutation: [Int]) throws -> ConstantTensor {
    let result = Shape(permutation.map { shape.dimensions[$0] })
    if permutation == Array(permutation.indices) { return self }
    let places = TransposedPlaces(of: shape, by: permutation)
    if isInteger {
      let values = try integers()
      return ConstantTensor(
        result, integers: places.map { values[$0] }, type: type, name: name)
    }
    return try ConstantTensor(self, shape: result, "transposed\(permutation)") { values in
      places.map { values[$0] }
    }
  }

  /// The tensor times a number.
  func scaled(by factor: Float) throws -> ConstantTensor {
    if factor == 1 { return self }
    return try ConstantTensor(self, shape: shape, "times \(factor)") { $0.map { $0 * factor } }
  }

  /// The tensor repeated along dimensions of extent 1, as NumPy broadcasts it.
  func expanded(to shape: Shape) throws -> ConstantTensor {
    if shape == self.shape { return self }
    let places = BroadcastPlaces(of: self.shape, to: shape)
    if isInteger {
      let values = try integers()
      return ConstantTensor(shape, integers: places.map { values[$0] }, type: type, name: name)
    }
    return try ConstantTensor(self, shape: shape, "expanded\(shape)") { values in
      places.map { values[$0] }
    }
  }

  /// A tensor with all elements equal.
  static func filled(_ shape: Shape, with value: Float, name: String) throws -> ConstantTensor {
    let one = ConstantTensor([], floats: [value], name: name)
    let count = shape.elementCount
    return try ConstantTensor(one, shape: shape, "filled\(shape)") { values in
      [Float](repeating: values[0], count: count)
    }
  }
}

extension Shape {
  /// Whether a constant can have this shape: its elements are few or none.
  var isComputable: Bool {
    dimensions.allSatisfy { $0 >= 0 } && Shape(dimensions.filter { $0 > 0 }).isAddressable
  }
}

/// For each element of a transposed tensor, in order, its place in the tensor before.
struct TransposedPlaces: Sequence, Sendable {
  private let extents: [Int]
  private let strides: [Int]

  init(of shape: Shape, by permutation: [Int]) {
    let rowMajor = rowMajorStrides(shape)
    extents = permutation.map { shape.dimensions[$0] }
    strides = permutation.map { rowMajor[$0] }
  }

  func makeIterator() -> StridedIterator { StridedIterator(extents: extents, strides: strides) }
}

/// For each element of a broadcast tensor, in order, its place in the tensor before.
struct BroadcastPlaces: Sequence, Sendable {
  private let extents: [Int]
  private let strides: [Int]

  /// - Precondition: NumPy broadcasts the one shape to the other.
  init(of shape: Shape, to result: Shape) {
    let own = zip(shape.dimensions, rowMajorStrides(shape)).map { $0 == 1 ? 0 : $1 }
    extents = result.dimensions
    strides = [Int](repeating: 0, count: result.rank - shape.rank) + own
  }

  func makeIterator() -> StridedIterator { StridedIterator(extents: extents, strides: strides) }
}

/// Counts through a tensor of the given extents and yields the place of each element.
struct StridedIterator: IteratorProtocol {
  private let extents: [Int]
  private let strides: [Int]
  private var index: [Int]
  private var place = 0
  private var left: Int

  init(extents: [Int], strides: [Int]) {
    self.extents = extents
    self.strides = strides
    index = [Int](repeating: 0, count: extents.count)
    left = extents.reduce(1, *)
  }

  mutating func next() -> Int? {
    guard left > 0 else { return nil }
    left -= 1
    let result = place
    for axis in extents.indices.reversed() {
      index[axis] += 1
      place += strides[axis]
      if index[axis] < extents[axis] { break }
      place -= strides[axis] * extents[axis]
      index[axis] = 0
    }
    return result
  }
}

/// The distance, in elements, between neighbours along each dimension.
func rowMajorStrides(_ shape: Shape) -> [Int] {
  var strides = [Int](repeating: 1, count: shape.rank)
  for axis in shape.dimensions.indices.dropLast().reversed() {
    strides[axis] = strides[axis + 1] * shape.dimensions[axis + 1]
  }
  return strides
}
