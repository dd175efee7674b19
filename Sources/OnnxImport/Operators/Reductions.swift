import GraphIR

extension OnnxOperator {
  static let reductions = [
    OnnxOperator(
      "ReduceMean", "over any constant axes",
      attributes: ["axes", "keepdims", "noop_with_empty_axes"],
      reduceMean)
  ]

  private static func reduceMean(
    _ call: NodeCall, _ builder: inout GraphBuilder
  ) throws -> ImportedValue {
    let x = try builder.nodeID(try call.input(0))
    let shape = builder.shape(x)
    let listed = try call.ints("axes") ?? call.integers(1, "axes") ?? []
    if listed.isEmpty, try call.flag("noop_with_empty_axes") { return .node(x) }
    let all = Array(shape.dimensions.indices)
    let reduced = listed.isEmpty ? all : try axes(listed, rank: shape.rank).sorted()
    let kept = all.filter { !reduced.contains($0) }
    let keepsAxes = try call.int("keepdims", default: 1) != 0
    let result = Shape(
      keepsAxes
        ? all.map { reduced.contains($0) ? 1 : shape.dimensions[$0] }
        : kept.map { shape.dimensions[$0] })

    // Everything that is kept becomes channels, but for the batch, and everything else space.
    var image = x
    if !(shape.rank == 4 && reduced == [2, 3]) {
      let moved = try builder.transpose(x, by: kept + reduced)
      let hasBatch = kept.first == 0 && kept.count > 1
      let extents = kept.map { shape.dimensions[$0] }
      let space = reduced.map { shape.dimensions[$0] }
      image = try builder.reshape(
        moved,
        to: [
          hasBatch ? extents[0] : 1, extents.dropFirst(hasBatch ? 1 : 0).reduce(1, *),
          space.first ?? 1, space.dropFirst().reduce(1, *),
        ])
    }
    let means = try builder.append(.globalAveragePool, [image])
    return .node(try builder.reshape(means, to: result))
  }
}
