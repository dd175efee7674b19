import GraphIR
import OnnxFiles

extension OnnxOperator {
  static let paddings = [
    OnnxOperator(
      "Pad", "with a constant, on any axes; no negative pads",
      attributes: ["mode", "pads", "value"], pad),
    OnnxOperator(
      "Slice", "of constants; of images every n-th row and column, from the first on",
      attributes: ["axes", "ends", "starts"], slice),
  ]

  private static func pad(
    _ call: NodeCall, _ builder: inout GraphBuilder
  ) throws -> ImportedValue {
    let mode = try call.string("mode", default: "constant")
    guard mode == "constant" else {
      throw NodeFault("its mode is \(quoted(mode)); only constant is understood")
    }
    var x = try builder.nodeID(try call.input(0))
    let rank = builder.shape(x).rank
    let isOld = call.opset < 11
    let value =
      isOld ? try call.float("value", default: 0) : try call.number(2, "value") ?? 0
    guard !value.isNaN else { throw NodeFault("its value is not a number") }
    guard let pads = isOld ? try call.ints("pads") : try call.integers(1, "pads") else {
      throw NodeFault("its pads are missing")
    }
    let padded = try axes(
      try call.integers(3, "axes") ?? Array(0..<rank), rank: rank)
    guard pads.count == 2 * padded.count else {
      throw NodeFault("it has \(pads.count) pads for \(padded.count) dimensions")
    }
    guard pads.allSatisfy({ (0...(1 << 20)).contains($0) }) else {
      throw NodeFault("its pads are \(pads); only numbers of 0 or more are understood")
    }
    var before = [Int](repeating: 0, count: rank)
    var after = before
    for (place, axis) in padded.enumerated() {
      (before[axis], after[axis]) = (pads[place], pads[padded.count + place])
    }
    let used = (0..<rank).filter { before[$0] + after[$0] > 0 }
    if used.isEmpty { return .node(x) }

    if rank == 4, used == [1], value == 0 {
      let channels = ChannelPadding(before: before[1], after: after[1])
      return .node(try builder.append(.padChannels(channels), [x]))
    }
    // Rows and columns of images, with the channels before or behind them.
    for (space, toImage, back) in [
      ([2, 3], [0, 1, 2, 3], [0, 1, 2, 3]), ([1, 2], [0, 3, 1, 2], [0, 2, 3, 1]),
    ] where rank == 4 && Set(used).isSubset(of: space) {
      let padding = Padding(
        top: before[space[0]], left: before[space[1]], bottom: after[space[0]],
        right: after[space[1]])
      let image = try builder.transpose(x, by: toImage)
      let result = try builder.append(.pad(SpatialPadding(padding, value: value)), [image])
      return .node(try builder.transpose(result, by: back))
    }
    // Everything else one dimension after the other, as the rows of an image.
    for axis in used {
      var dimensions = builder.shape(x).dimensions
      let rows = try builder.reshape(
        x,
        to: [
          1, dimensions[..<axis].reduce(1, *), dimensions[axis],
          dimensions[(axis + 1)...].reduce(1, *),
        ])
      let padding = Padding(top: before[axis], left: 0, bottom: after[axis], right: 0)
      let result = try builder.append(.pad(SpatialPadding(padding, value: value)), [rows])
      dimensions[axis] += before[axis] + after[axis]
      x = try builder.reshape(result, to: Shape(dimensions))
    }
    return .node(x)
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
    case .node(let id):
      let stride = taken.map { $0.count > 1 ? $0[1] - $0[0] : 1 }
      let isSampled = taken.indices.allSatisfy { axis in
        let all = dimensions[axis]
        return taken[axis].first == 0 && stride[axis] > 0
          && taken[axis].count == (all + stride[axis] - 1) / stride[axis]
      }
      guard dimensions.count == 4, isSampled, stride[0] == 1, stride[1] == 1 else {
        throw NodeFault(
          "it takes a part of what the network computes; only every n-th row and column of an image "
            + "is understood, from the first to the last")
      }
      let sampling = ChannelPadding(
        before: 0, after: 0, stride: Extent(height: stride[2], width: stride[3]))
      return .node(try builder.append(.padChannels(sampling), [id]))
    }
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
