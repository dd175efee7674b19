import GraphIR

extension OnnxOperator {
  /// What takes a part of a tensor.
  static let parts = [
    OnnxOperator(
      "Slice", inputs: 5, "constant bounds and steps", attributes: ["axes", "ends", "starts"], slice
    ),
    OnnxOperator("Gather", inputs: 2, "constant indices", attributes: ["axis"], gather),
    OnnxOperator(
      "Split", inputs: 2, "along any axis, into constant sizes",
      attributes: ["axis", "num_outputs", "split"],
      outputs: split),
  ]

  private static func split(
    _ call: NodeCall, _ builder: inout GraphBuilder
  ) throws -> [ImportedValue?] {
    let x = try call.input(0)
    let shape = builder.shape(x)
    let along = try axis(try call.int("axis", default: 0), rank: shape.rank)
    let extent = shape.dimensions[along]
    let count = call.node.outputs.count
    if let wanted = try call.int("num_outputs"), wanted != count {
      throw NodeFault("its num_outputs is \(wanted), and it has \(count) outputs")
    }
    let even = (extent + max(count, 1) - 1) / max(count, 1)
    let sizes =
      try call.ints("split") ?? call.integers(1, "sizes")
      ?? (0..<count).map { max(0, min(even, extent - $0 * even)) }
    guard sizes.count == count, sizes.allSatisfy({ $0 >= 0 && $0 <= extent }),
      sizes.reduce(0, +) == extent
    else { throw NodeFault("it cannot split \(shape) along axis \(along) into \(sizes)") }
    try builder.spend(extent)
    if case .constant(let tensor) = x { try builder.spend(tensor.count) }
    var start = 0
    return try zip(sizes, call.usedOutputs).map { size, isUsed in
      defer { start += size }
      guard isUsed else { return nil }
      let places = Array(start..<(start + size))
      switch x {
      case .node(let id): return .node(try builder.picked(id, places, along: along))
      case .constant(let tensor): return .constant(try tensor.picked(places, along: along))
      }
    }
  }

  private static func slice(
    _ call: NodeCall, _ builder: inout GraphBuilder
  ) throws -> ImportedValue {
    let x = try call.input(0)
    let dimensions = builder.shape(x).dimensions
    func list(_ name: String, _ index: Int) throws -> [Int]? {
      call.opset < 10 ? try call.ints(name) : try call.integers(index, name)
    }
    guard let starts = try list("starts", 1), let ends = try list("ends", 2) else {
      throw NodeFault("its starts or ends are missing")
    }
    let sliced = try axes(
      try list("axes", 3) ?? Array(starts.indices), rank: dimensions.count)
    let steps =
      try call.opset < 10
      ? nil : call.integers(4, "steps")
    guard starts.count == sliced.count, ends.count == sliced.count,
      steps == nil || steps?.count == sliced.count
    else { throw NodeFault("its starts, ends, axes and steps differ in their number") }
    try builder.spend(dimensions.reduce(0) { $0 + min($1, 1 << 40) })
    // For each dimension what is taken of it.
    var taken = dimensions.map { Array(0..<$0) }
    for (place, axis) in sliced.enumerated() {
      taken[axis] = try SliceRange(
        start: starts[place], end: ends[place], step: steps?[place] ?? 1, of: dimensions[axis]
      ).places
    }
    let result = Shape(taken.map(\.count))
    if result.dimensions == dimensions, taken.allSatisfy({ $0 == $0.sorted() }) { return x }
    switch x {
    case .constant(let tensor):
      try builder.spend(result.elementCount)
      var places = [0]
      for (indices, stride) in zip(taken, rowMajorStrides(tensor.shape)) {
        places = places.flatMap { start in indices.map { start + $0 * stride } }
      }
      return .constant(
        try tensor.picked(places, result, name: call.node.outputs.first ?? call.name))
    case .node(var id):
      guard result.isAddressable else {
        throw NodeFault("it takes nothing of \(Shape(dimensions))")
      }
      let stride = taken.map { $0.count > 1 ? $0[1] - $0[0] : 1 }
      let isSampled = taken.indices.allSatisfy { axis in
        let all = dimensions[axis]
        return taken[axis].first == 0 && stride[axis] > 0
          && taken[axis].count == (all + stride[axis] - 1) / stride[axis]
      }
      if dimensions.count == 4, isSampled, stride[0] == 1, stride[1] == 1 {
        let sampling = ChannelPadding(
          before: 0, after: 0, stride: Extent(height: stride[2], width: stride[3]))
        return .node(try builder.append(.padChannels(sampling), [id]))
      }
      for (axis, places) in taken.enumerated() {
        id = try builder.picked(id, places, along: axis)
      }
      return .node(id)
    }
  }

  private static func gather(
    _ call: NodeCall, _ builder: inout GraphBuilder
  ) throws -> ImportedValue {
    let value = try call.input(0)
    let dimensions = builder.shape(value).dimensions
    let indices = try call.constant(1, "indices")
    let along = try axis(try call.int("axis", default: 0), rank: dimensions.count)
    let extent = dimensions[along]
    let places = try indices.integers().map { place in
      guard (-extent..<extent).contains(place) else {
        throw NodeFault("there is no element \(place) along axis \(along) of \(Shape(dimensions))")
      }
      return place < 0 ? place + extent : place
    }
    let (before, after) = (dimensions[..<along], dimensions[(along + 1)...])
    let result = Shape(before + indices.shape.dimensions + after)
    guard result.isComputable else {
      throw NodeFault("its result \(result) is too large")
    }
    guard case .constant(let data) = value else {
      let picked = try builder.picked(try builder.nodeID(value), places, along: along)
      return .node(try builder.reshape(picked, to: result))
    }
    try builder.spend(result.elementCount)
    return .constant(try data.picked(places, along: along).reshaped(result))
  }
}

extension ConstantTensor {
  /// Places along one dimension, in any order.
  fileprivate func picked(_ places: [Int], along axis: Int) throws -> ConstantTensor {
    var dimensions = shape.dimensions
    let inner = dimensions[(axis + 1)...].reduce(1, *)
    let row = dimensions[axis] * inner
    dimensions[axis] = places.count
    let result = Shape(dimensions)
    // What has no elements may have any number of rows.
    let outer = result.elementCount == 0 ? 0 : dimensions[..<axis].reduce(1, *)
    let sources = (0..<outer).flatMap { outer in
      places.flatMap { place in
        let start = outer * row + place * inner
        return start..<(start + inner)
      }
    }
    return try picked(sources, result, name: name)
  }
}

extension GraphBuilder {
  /// Runs of neighbours that are taken apart and put together again.
  private static let maximalRuns = 64

  /// Places along one dimension, in any order.
  mutating func picked(_ x: NodeID, _ places: [Int], along axis: Int) throws -> NodeID {
    guard !places.isEmpty else { throw NodeFault("it takes nothing of \(shape(x))") }
    var runs: [Range<Int>] = []
    for place in places {
      if let last = runs.last, last.upperBound == place {
        runs[runs.count - 1] = last.lowerBound..<(place + 1)
      } else {
        guard runs.count < Self.maximalRuns else {
          throw NodeFault(
            "it takes more than \(Self.maximalRuns) places of \(shape(x)) along axis \(axis) that are "
              + "no neighbours")
        }
        runs.append(place..<(place + 1))
      }
    }
    if runs == [0..<shape(x).dimensions[axis]] { return x }
    // The dimension becomes channels; the batch stays what it is.
    let all = Array(0..<shape(x).rank)
    let order = axis <= 1 ? all : [0, axis] + all.filter { $0 != 0 && $0 != axis }
    let image = try transpose(x, by: order)
    let parts = try runs.map { try part(image, $0, along: min(axis, 1)) }
    let picked = try concatenated(parts, along: min(axis, 1))
    return try transpose(picked, by: all.map { order.firstIndex(of: $0) ?? $0 })
  }

  /// A range of places along one dimension: as channels that are left out at both ends.
  private mutating func part(
    _ x: NodeID, _ range: Range<Int>, along axis: Int
  ) throws -> NodeID {
    let dimensions = shape(x).dimensions
    guard range != 0..<dimensions[axis] else { return x }
    let cut = ChannelPadding(
      before: -range.lowerBound, after: range.upperBound - dimensions[axis])
    if dimensions.count == 4, axis == 1 { return try append(.padChannels(cut), [x], role: "part") }
    let image = try reshape(
      x,
      to: [
        dimensions[..<axis].reduce(1, *), dimensions[axis],
        dimensions[(axis + 1)...].reduce(1, *), 1,
      ])
    var result = dimensions
    result[axis] = range.count
    return try reshape(try append(.padChannels(cut), [image], role: "part"), to: Shape(result))
  }

  /// Tensors one behind the other along a dimension.
  mutating func concatenated(_ ids: [NodeID], along axis: Int) throws -> NodeID {
    if let first = ids.first, ids.count == 1 { return first }
    if axis == 1 { return try append(.concatenate, ids) }
    if axis == 3, ids.allSatisfy({ shape($0).rank == 4 }) {
      let images = try ids.map { try channelsFirst($0) }
      return try transpose(try append(.concatenate, images), by: [0, 2, 3, 1])
    }
    // What stands before the axis becomes the batch, what stands behind it one dimension.
    func aligned(_ shape: Shape) -> Shape {
      let (before, after) = (shape.dimensions[..<axis], shape.dimensions[(axis + 1)...])
      return [before.reduce(1, *), shape.dimensions[axis], after.reduce(1, *)]
    }
    guard var result = ids.first.map(shape) else { throw NodeFault("it has no operands") }
    result.dimensions[axis] = ids.reduce(0) { $0 + shape($1).dimensions[axis] }
    var parts: [NodeID] = []
    for id in ids { parts.append(try reshape(id, to: aligned(shape(id)))) }
    return try reshape(try append(.concatenate, parts), to: result)
  }
}

/// The places that a slice takes of a dimension, as NumPy counts them.
private struct SliceRange {
  var places: [Int]

  init(start: Int, end: Int, step: Int, of extent: Int) throws {
    guard step != 0, step > Int.min else { throw NodeFault("its step is \(step)") }
    func bound(_ number: Int, _ range: ClosedRange<Int>) -> Int {
      let place = number < 0 ? max(number, -(1 << 40)) + extent : number
      return min(max(place, range.lowerBound), range.upperBound)
    }
    if step > 0 {
      let (first, last) = (bound(start, 0...extent), bound(end, 0...extent))
      places = Array(stride(from: first, to: max(first, last), by: min(step, extent + 1)))
    } else {
      let range = -1...max(extent - 1, -1)
      let (first, last) = (bound(start, range), bound(end, range))
      places = Array(stride(from: first, to: min(first, last), by: max(step, -extent - 1)))
    }
  }
}
