import GraphIR
import OnnxFiles

extension OnnxOperator {
  static let paddings = [
    OnnxOperator(
      "Pad", inputs: 4, "with a constant, on any axes",
      attributes: ["mode", "pads", "value"], pad)
  ]

  private static func pad(
    _ call: NodeCall, _ builder: inout GraphBuilder
  ) throws -> ImportedValue {
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
    guard pads.allSatisfy({ (-(1 << 20)...(1 << 20)).contains($0) }) else {
      throw NodeFault("its pads are \(pads); numbers to ±\(1 << 20) are understood")
    }
    var before = [Int](repeating: 0, count: rank)
    var after = before
    for (place, axis) in padded.enumerated() {
      (before[axis], after[axis]) = (pads[place], pads[padded.count + place])
    }
    let mode = try call.string("mode", default: "constant")
    guard mode == "constant" || pads.allSatisfy({ $0 == 0 }) else {
      throw NodeFault("its mode is \(quoted(mode)); only constant is understood")
    }
    // Negative pads leave out what is there.
    for axis in 0..<rank where min(before[axis], after[axis]) < 0 {
      let extent = builder.shape(x).dimensions[axis]
      let (first, last) = (max(0, -before[axis]), extent - max(0, -after[axis]))
      guard first < last else { throw NodeFault("its pads \(pads) leave nothing") }
      try builder.spend(last - first)
      x = try builder.picked(x, Array(first..<last), along: axis)
      (before[axis], after[axis]) = (max(0, before[axis]), max(0, after[axis]))
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
}
