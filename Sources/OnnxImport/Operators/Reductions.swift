import GraphIR

extension OnnxOperator {
  static let reductions = [
    OnnxOperator(
      "ReduceMean", inputs: 2, "over any constant axes", attributes: Reduction.attributes
    ) {
      call, builder in
      try reduce(call, &builder) { reduction, x, builder in
        try builder.append(.globalAveragePool, [try reduction.image(of: x, &builder)])
      }
    },
    OnnxOperator("ReduceSum", inputs: 2, "over any constant axes", attributes: Reduction.attributes)
    {
      call, builder in
      if let total = try folded(call, { $0.reduce(0, +) }, { $0.reduce(0, &+) }, &builder) {
        return total
      }
      return try reduce(call, &builder, sum)
    },
    OnnxOperator("ReduceMax", inputs: 2, "over any constant axes", attributes: Reduction.attributes)
    {
      call, builder in
      if let most = try folded(call, { $0.max() ?? 0 }, { $0.max() ?? 0 }, &builder) { return most }
      return try reduce(call, &builder) { reduction, x, builder in
        try builder.globalMaximum(try reduction.image(of: x, &builder))
      }
    },
    OnnxOperator("ReduceProd", inputs: 2, "of constants", attributes: Reduction.attributes) {
      call, builder in
      guard let product = try folded(call, { $0.reduce(1, *) }, { $0.reduce(1, &*) }, &builder)
      else {
        throw NodeFault(
          "it multiplies elements of what the network computes; only of constants is understood")
      }
      return product
    },
  ]

  /// - Parameter body: what is made of each row of elements, in the order of those that are kept.
  private static func reduce(
    _ call: NodeCall, _ builder: inout GraphBuilder,
    _ body: (Reduction, NodeID, inout GraphBuilder) throws -> NodeID
  ) throws -> ImportedValue {
    let x = try builder.nodeID(try call.input(0))
    guard let reduction = try Reduction(call, of: builder.shape(x)) else { return .node(x) }
    return .node(try builder.reshape(try body(reduction, x, &builder), to: reduction.result))
  }

  /// The reduction of a constant, such as of a shape; nil if the input is none.
  private static func folded(
    _ call: NodeCall, _ floats: (ArraySlice<Float>) -> Float,
    _ integers: (ArraySlice<Int>) -> Int, _ builder: inout GraphBuilder
  ) throws -> ImportedValue? {
    guard case .constant(let tensor) = try call.input(0) else { return nil }
    guard let reduction = try Reduction(call, of: tensor.shape) else { return .constant(tensor) }
    let result = reduction.result
    guard tensor.count > 0, result.isComputable else {
      throw NodeFault("it reduces \(tensor.shape), which has no elements")
    }
    try builder.spend(tensor.count)
    let length = tensor.count / result.elementCount
    func rows<Element>(_ values: [Element]) -> [ArraySlice<Element>] {
      stride(from: 0, to: values.count, by: length).map { values[$0..<($0 + length)] }
    }
    let ordered = try tensor.transposed(reduction.order)
    let name = call.node.outputs.first ?? call.name
    return .constant(
      tensor.isInteger
        ? ConstantTensor(
          result, integers: rows(try ordered.integers()).map(integers), type: tensor.type,
          name: name)
        : ConstantTensor(result, floats: rows(try ordered.floats()).map(floats), name: name))
  }

  /// A convolution whose weights are 1 where the sum is over what are channels already; otherwise the
  /// mean, times how many there are.
  private static func sum(
    _ reduction: Reduction, _ x: NodeID, _ builder: inout GraphBuilder
  ) throws -> NodeID {
    guard let image = try reduction.imageOfChannels(of: x, &builder) else {
      let image = try reduction.image(of: x, &builder)
      let count = builder.shape(image).height * builder.shape(image).width
      let channels = builder.shape(image).channels
      try builder.spend(4 * channels)
      let means = try builder.append(.globalAveragePool, [image], role: "mean")
      return try builder.affine(
        means, scale: [Float](repeating: Float(count), count: channels),
        shift: [Float](repeating: 0, count: channels))
    }
    let channels = builder.shape(image).channels
    let ones = try ConstantTensor.filled(
      [1, channels, 1, 1], with: 1, name: "\(builder.name).ones")
    let conv = Convolution(outputChannels: 1, kernel: Extent(1), weight: builder.weight(ones))
    return try builder.append(.convolution(conv), [image])
  }
}

/// Which dimensions of a tensor are reduced.
private struct Reduction {
  static let attributes = ["axes", "keepdims", "noop_with_empty_axes"]

  private let shape: Shape
  /// In order.
  private let reduced: [Int]
  private let kept: [Int]
  let result: Shape

  /// - Returns: nil if the node reduces nothing.
  init?(_ call: NodeCall, of shape: Shape) throws {
    self.shape = shape
    let listed = try call.ints("axes") ?? call.integers(1, "axes") ?? []
    if listed.isEmpty, try call.flag("noop_with_empty_axes") { return nil }
    let all = Array(shape.dimensions.indices)
    let reduced = listed.isEmpty ? all : try axes(listed, rank: shape.rank).sorted()
    self.reduced = reduced
    kept = all.filter { !reduced.contains($0) }
    result = Shape(
      try call.int("keepdims", default: 1) != 0
        ? all.map { reduced.contains($0) ? 1 : shape.dimensions[$0] }
        : kept.map { shape.dimensions[$0] })
  }

  /// All dimensions, with those that are reduced last.
  var order: [Int] { kept + reduced }

  /// The tensor as images: everything that is kept becomes channels, but for the batch, and everything
  /// else space.
  func image(of x: NodeID, _ builder: inout GraphBuilder) throws -> NodeID {
    if shape.rank == 4, reduced == [2, 3] { return x }
    let moved = try builder.transpose(x, by: order)
    let hasBatch = kept.first == 0 && kept.count > 1
    let extents = kept.map { shape.dimensions[$0] }
    let space = reduced.map { shape.dimensions[$0] }
    return try builder.reshape(
      moved,
      to: [
        hasBatch ? extents[0] : 1, extents.dropFirst(hasBatch ? 1 : 0).reduce(1, *),
        space.first ?? 1, space.dropFirst().reduce(1, *),
      ])
  }

  /// The tensor as images whose channels are what is reduced; nil if its elements are in another order.
  func imageOfChannels(
    of x: NodeID, _ builder: inout GraphBuilder
  ) throws -> NodeID? {
    guard kept.count > 1, kept.first == 0, reduced == Array(1...reduced.count) else { return nil }
    let space = kept.dropFirst().map { shape.dimensions[$0] }
    return try builder.reshape(
      x,
      to: [
        shape.batch, reduced.map { shape.dimensions[$0] }.reduce(1, *),
        space.dropLast().reduce(1, *), space.last ?? 1,
      ])
  }
}

extension GraphBuilder {
  /// The largest element of each channel of images, `[batch, channels, 1, 1]`.
  mutating func globalMaximum(_ image: NodeID) throws -> NodeID {
    let kernel = Extent(height: shape(image).height, width: shape(image).width)
    return try append(.maxPool(Pooling(kernel: kernel, stride: Extent(1))), [image])
  }
}
