import GraphIR

/// Moves every element of a tensor, or some of them several times, to another place: reshaping,
/// transposing, repeating.
///
/// A nest of loops walks over the result. A step of each loop moves on by a fixed number of elements on
/// both sides, save along the channels of blocked buffers, which it counts instead. Where neither
/// shape's dimensions divide the other's, the element's row-major index leads to its source.
public struct Rearrangement: Hashable, Sendable {
  /// What one step of a loop moves on by.
  public struct Step: Hashable, Sendable {
    /// Elements, channels of blocked buffers not included.
    public var offset: Int
    /// Channels of a blocked buffer.
    public var channels: Int

    /// Whether `count` of the other steps lead as far.
    fileprivate func isEqual(to other: Step, times count: Int) -> Bool {
      offset == other.offset * count && channels == other.channels * count
    }
  }

  public struct Loop: Hashable, Sendable {
    public var extent: Int
    public var from: Step
    public var to: Step
  }

  /// A dimension of what is read by a row-major index.
  public struct SourceDimension: Hashable, Sendable {
    public var extent: Int
    /// From one index along the dimension to the next, in row-major order.
    public var indexStride: Int
    public var step: Step
  }

  public var from: BufferFormat
  public var to: BufferFormat
  /// The outermost first; one at least. Threads divide the iterations of all but the last.
  public var loops: [Loop]
  /// Where elements are found by their row-major index, in which a loop's `from` then counts.
  public var source: [SourceDimension] = []
  /// The graph's name of the operation.
  public var operation: String

  /// Iterations of all loops but the last.
  public var lines: Int { loops.dropLast().reduce(1) { $0 * $1.extent } }

  /// The same elements in row-major order under another shape.
  public init(reshaping shape: Shape, in from: BufferFormat, to new: Shape, in to: BufferFormat) {
    let parts = commonFactors(shape.dimensions, new.dimensions)
    guard let parts else {
      let strides = rowMajorStrides(new.dimensions)
      let steps = Self.steps(of: new, factors: new.dimensions, in: to)
      self.init(
        from, to, "reshape",
        zip(new.dimensions, zip(strides, steps)).map {
          Loop(extent: $0, from: Step(offset: $1.0, channels: 0), to: $1.1)
        })
      source = zip(
        shape.dimensions,
        zip(
          rowMajorStrides(shape.dimensions),
          Self.steps(of: shape, factors: shape.dimensions, in: from))
      ).map { SourceDimension(extent: $0, indexStride: $1.0, step: $1.1) }.filter { $0.extent > 1 }
      return
    }
    let sides = zip(
      Self.steps(of: shape, factors: parts, in: from), Self.steps(of: new, factors: parts, in: to))
    self.init(
      from, to, "reshape", zip(parts, sides).map { Loop(extent: $0, from: $1.0, to: $1.1) })
  }

  /// Dimension `i` of the result is dimension `permutation[i]` of the operand.
  public init(
    transposing shape: Shape, in from: BufferFormat, by transposition: Transposition,
    to: BufferFormat
  ) {
    let order = transposition.permutation
    let new = Shape(order.map { shape.dimensions[$0] })
    let read = Self.steps(of: shape, factors: shape.dimensions, in: from)
    let written = Self.steps(of: new, factors: new.dimensions, in: to)
    self.init(
      from, to, "transpose",
      new.dimensions.indices.map {
        Loop(extent: new.dimensions[$0], from: read[order[$0]], to: written[$0])
      })
  }

  /// The operand repeated along dimensions of extent 1, and along those that it lacks in front.
  public init(expanding shape: Shape, in from: BufferFormat, to new: Shape, in to: BufferFormat) {
    let still = Step(offset: 0, channels: 0)
    let read =
      Array(repeating: still, count: new.rank - shape.rank)
      + zip(shape.dimensions, Self.steps(of: shape, factors: shape.dimensions, in: from)).map {
        $0 == 1 ? still : $1
      }
    let written = Self.steps(of: new, factors: new.dimensions, in: to)
    self.init(
      from, to, "expand",
      new.dimensions.indices.map {
        Loop(extent: new.dimensions[$0], from: read[$0], to: written[$0])
      })
  }

  private init(
    _ from: BufferFormat, _ to: BufferFormat, _ operation: String, _ loops: [Loop]
  ) {
    self.from = from
    self.to = to
    self.operation = operation
    self.loops = Self.ordered(Self.merged(loops.filter { $0.extent > 1 }))
  }

  /// What a step along each of some factors of the shape's dimensions moves on by.
  private static func steps(of shape: Shape, factors: [Int], in format: BufferFormat) -> [Step] {
    // Strides by dimension; whatever follows the first three counts as columns.
    var strides = [
      Step(offset: format.imageStride, channels: 0),
      format.layout == .blocked
        ? Step(offset: 0, channels: 1) : Step(offset: format.channelStride, channels: 0),
      Step(offset: format.rowStride, channels: 0),
    ].prefix(shape.rank)
    if shape.rank > 3 {
      strides += rowMajorStrides(Array(shape.dimensions[3...])).map {
        Step(offset: $0 * format.pixelStride, channels: 0)
      }
    }
    // From the last factor backwards, each belongs to the dimension that is not filled yet.
    var steps: [Step] = []
    var dimension = shape.rank - 1
    var covered = 1
    for factor in factors.reversed() {
      while dimension > 0, covered == shape.dimensions[dimension] {
        dimension -= 1
        covered = 1
      }
      let stride =
        dimension >= 0 && factor > 1 ? strides[dimension] : Step(offset: 0, channels: 0)
      steps.append(Step(offset: stride.offset * covered, channels: stride.channels * covered))
      covered *= factor
    }
    return steps.reversed()
  }

  /// Loops of which one goes on where the other ends, as one.
  private static func merged(_ loops: [Loop]) -> [Loop] {
    var loops = loops
    while let (outer, inner) = mergeable(loops) {
      loops[inner].extent *= loops[outer].extent
      loops.remove(at: outer)
    }
    return loops
  }

  private static func mergeable(_ loops: [Loop]) -> (outer: Int, inner: Int)? {
    for outer in loops.indices {
      for inner in loops.indices where inner != outer {
        let count = loops[inner].extent
        if loops[outer].from.isEqual(to: loops[inner].from, times: count),
          loops[outer].to.isEqual(to: loops[inner].to, times: count)
        {
          return (outer, inner)
        }
      }
    }
    return nil
  }

  /// Elements of the last loop at most, where there is but one that threads could not divide.
  private static let longestLine = 1024

  /// In the order in which the result lies in memory, the last loop along neighbours.
  private static func ordered(_ loops: [Loop]) -> [Loop] {
    let still = Step(offset: 0, channels: 0)
    var loops = loops.sorted {
      max($0.to.offset, $0.to.channels) > max($1.to.offset, $1.to.channels)
    }
    guard let last = loops.last else { return [Loop(extent: 1, from: still, to: still)] }
    guard loops.count == 1, last.extent > longestLine else { return loops }
    let length = (1...longestLine).last { last.extent % $0 == 0 } ?? 1
    loops[0] = Loop(
      extent: last.extent / length,
      from: Step(offset: last.from.offset * length, channels: last.from.channels * length),
      to: Step(offset: last.to.offset * length, channels: last.to.channels * length))
    loops.append(Loop(extent: length, from: last.from, to: last.to))
    return loops
  }
}

/// The fewest factors of which consecutive ones multiply to the dimensions of either shape; nil where
/// a dimension of one ends within one of the other.
private func commonFactors(_ a: [Int], _ b: [Int]) -> [Int]? {
  /// The products of the first dimensions: where each ends.
  func ends(_ dimensions: [Int]) -> Set<Int> {
    var product = 1
    return Set(
      dimensions.reversed().map {
        product *= $0
        return product
      })
  }
  var factors: [Int] = []
  var covered = 1
  for end in ends(a).union(ends(b)).sorted() where end > 1 {
    guard end % covered == 0 else { return nil }
    factors.append(end / covered)
    covered = end
  }
  return factors.reversed()
}

private func rowMajorStrides(_ dimensions: [Int]) -> [Int] {
  var strides: [Int] = []
  var stride = 1
  for dimension in dimensions.reversed() {
    strides.append(stride)
    stride *= dimension
  }
  return strides.reversed()
}

/// Tensors one behind the other along the channels.
public struct Concatenation: Hashable, Sendable {
  public var inputs: [BufferFormat]
  public var output: BufferFormat
}
