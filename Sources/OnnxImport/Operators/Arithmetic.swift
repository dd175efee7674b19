import GraphIR

extension OnnxOperator {
  static let arithmetic = [
    OnnxOperator("Add", inputs: 2, "any broadcasting") { call, builder in
      try foldedOr(call, { $0 + $1 }, { $0 &+ $1 }, &builder) { x, y, builder in
        try add(x, y, call, &builder)
      }
    },
    OnnxOperator("Sum", inputs: anyNumber, "any number of terms, any broadcasting") {
      call, builder in
      guard var sum = call.inputs.first ?? nil else { throw NodeFault("it has no inputs") }
      for index in call.inputs.indices.dropFirst() {
        let term = try call.input(index)
        if case .constant(let a) = sum, case .constant(let b) = term {
          let name = call.node.outputs.first ?? call.name
          sum = .constant(try builder.folded(a, b, name: name, { $0 + $1 }, { $0 &+ $1 }))
        } else {
          sum = try add(sum, term, call, &builder)
        }
      }
      return sum
    },
    OnnxOperator("Sub", inputs: 2, "any broadcasting") { call, builder in
      try foldedOr(call, { $0 - $1 }, { $0 &- $1 }, &builder) { x, y, builder in
        if case .constant(let tensor) = y {
          try builder.spend(rearranging: tensor)
          return try add(x, .constant(try tensor.scaled(by: -1)), call, &builder)
        }
        return try add(x, try negated(y, &builder), call, &builder)
      }
    },
    OnnxOperator("Mul", inputs: 2, "any broadcasting") { call, builder in
      try foldedOr(call, { $0 * $1 }, { $0 &* $1 }, &builder) { x, y, builder in
        try multiply(x, y, call, &builder)
      }
    },
    OnnxOperator("Neg", inputs: 1, "everything") { call, builder in
      guard case .constant(let tensor) = try call.input(0) else {
        return try negated(try call.input(0), &builder)
      }
      try builder.spend(rearranging: tensor)
      let minusOne = ConstantTensor([], integers: [-1], type: tensor.type, name: "")
      return tensor.isInteger
        ? .constant(
          try builder.folded(
            tensor, minusOne, name: call.node.outputs.first ?? call.name, { $0 * $1 }, { $0 &* $1 })
        )
        : .constant(try tensor.scaled(by: -1))
    },
    OnnxOperator("Div", inputs: 2, "a constant divisor, any broadcasting") { call, builder in
      try foldedOr(call, { $0 / $1 }, divided, &builder) { x, y, builder in
        guard case .constant(let tensor) = y else {
          throw NodeFault("its divisor has to be a constant")
        }
        try builder.spend(tensor.count)
        let inverse = ConstantTensor(
          tensor.shape, floats: try tensor.floats().map { 1 / $0 },
          name: "\(call.name).factors")
        return try multiply(x, .constant(inverse), call, &builder)
      }
    },
  ]

  /// Division that rounds towards zero, as C's.
  private static func divided(_ a: Int, _ b: Int) throws -> Int {
    guard b != 0 else { throw NodeFault("it divides the integer \(a) by 0") }
    return a.dividedReportingOverflow(by: b).partialValue
  }

  /// Computes with constants at once, and with values of the graph by `body`.
  private static func foldedOr(
    _ call: NodeCall, _ floats: (Float, Float) -> Float, _ integers: (Int, Int) throws -> Int,
    _ builder: inout GraphBuilder,
    _ body: (ImportedValue, ImportedValue, inout GraphBuilder) throws -> ImportedValue
  ) throws -> ImportedValue {
    let (x, y) = (try call.input(0), try call.input(1))
    guard case .constant(let a) = x, case .constant(let b) = y else {
      return try body(x, y, &builder)
    }
    return .constant(
      try builder.folded(a, b, name: call.node.outputs.first ?? call.name, floats, integers))
  }

  private static func negated(
    _ value: ImportedValue, _ builder: inout GraphBuilder
  ) throws -> ImportedValue {
    let x = try builder.nodeID(value)
    let shape = builder.shape(x)
    guard shape.rank >= 2 else {
      let minusOne = ConstantTensor([], floats: [-1], name: "\(builder.name).factor")
      let factor = try builder.expand(try builder.nodeID(.constant(minusOne)), to: shape)
      return .node(try builder.append(.multiply, [x, factor], role: "negated"))
    }
    try builder.spend(4 * shape.channels)
    let factors = [Float](repeating: -1, count: shape.channels)
    return .node(try builder.affine(x, scale: factors, shift: factors.map { _ in 0 }))
  }

  // MARK: Sums

  private static func add(
    _ a: ImportedValue, _ b: ImportedValue, _ call: NodeCall, _ builder: inout GraphBuilder
  ) throws -> ImportedValue {
    let shape = try commonShape(a, b, builder)
    for (x, y) in [(a, b), (b, a)] {
      guard case .node(let id) = x, case .constant(let tensor) = y, builder.shape(id) == shape,
        let shift = try tensor.channelValues(of: shape, &builder)
      else { continue }
      if let merged = try mergedBias(shift, tensor, into: id, &builder) { return .node(merged) }
      return .node(try builder.affine(id, scale: shift.map { _ in 1 }, shift: shift))
    }
    if let (x, y) = try channelsFirst(a, b, shape, &builder) {
      return try channelsLast(try add(x, y, call, &builder), &builder)
    }
    let x = try builder.expand(try builder.nodeID(a), to: shape)
    let y = try builder.expand(try builder.nodeID(b), to: shape)
    return .node(try builder.append(.add(Add()), [x, y]))
  }

  /// The product or convolution that nothing else reads, with the constant as its bias.
  private static func mergedBias(
    _ values: [Float], _ tensor: ConstantTensor, into id: NodeID, _ builder: inout GraphBuilder
  ) throws -> NodeID? {
    guard builder.readers[id] == 1 else { return nil }
    func bias() throws -> String {
      tensor.count == values.count
        ? builder.weight(try tensor.asWeight().reshaped([values.count]))
        : builder.made("bias", values)
    }
    switch builder.graph[id].op {
    case .linear(var linear) where linear.bias == nil:
      linear.bias = try bias()
      builder.replace(id, with: .linear(linear))
    case .convolution(var conv) where conv.bias == nil && conv.outputNorms.isEmpty:
      conv.bias = try bias()
      builder.replace(id, with: .convolution(conv))
    default: return nil
    }
    // What reads the sum is counted anew.
    builder.readers[id] = 0
    return id
  }

  // MARK: Products

  private static func multiply(
    _ a: ImportedValue, _ b: ImportedValue, _ call: NodeCall, _ builder: inout GraphBuilder
  ) throws -> ImportedValue {
    let shape = try commonShape(a, b, builder)
    for (x, y) in [(a, b), (b, a)] {
      guard case .node(let id) = x, builder.shape(id) == shape else { continue }
      switch y {
      case .constant(let tensor):
        guard let scale = try tensor.channelValues(of: shape, &builder) else { continue }
        return .node(try builder.affine(id, scale: scale, shift: scale.map { _ in 0 }))
      case .node(let factor):
        guard shape.isImage, builder.shape(factor) == shape.oneAChannel else { continue }
        return .node(try builder.append(.multiply, [id, factor]))
      }
    }
    if let (x, y) = try channelsFirst(a, b, shape, &builder) {
      return try channelsLast(try multiply(x, y, call, &builder), &builder)
    }
    let x = try builder.expand(try builder.nodeID(a), to: shape)
    let y = try builder.expand(try builder.nodeID(b), to: shape)
    return .node(try builder.append(.multiply, [x, y]))
  }

  // MARK: Channels last

  /// An image and what has one value for each of its channels, which come last, with the channels first
  /// instead; nil if the operands are otherwise. The transpositions cancel with others.
  private static func channelsFirst(
    _ a: ImportedValue, _ b: ImportedValue, _ shape: Shape, _ builder: inout GraphBuilder
  ) throws -> (ImportedValue, ImportedValue)? {
    guard shape.rank == 4, shape.dimensions[3] > 1 else { return nil }
    for (x, y) in [(a, b), (b, a)] {
      let values = builder.shape(y).dimensions
      guard case .node(let image) = x, builder.shape(image) == shape, values.count <= 4,
        values.last == shape.dimensions[3], values.dropLast().suffix(2).allSatisfy({ $0 == 1 })
      else { continue }
      switch y {
      case .constant(let tensor):
        guard tensor.count == shape.dimensions[3] else { continue }
        let channels = tensor.reshaped([1, tensor.count, 1, 1])
        return (.node(try builder.channelsFirst(image)), .constant(channels))
      case .node(let factors):
        guard values.count == 4, values[0] == shape.batch else { continue }
        return (
          .node(try builder.channelsFirst(image)), .node(try builder.channelsFirst(factors))
        )
      }
    }
    return nil
  }

  private static func channelsLast(
    _ value: ImportedValue, _ builder: inout GraphBuilder
  ) throws -> ImportedValue {
    .node(try builder.transpose(try builder.nodeID(value), by: [0, 2, 3, 1]))
  }

  private static func commonShape(
    _ a: ImportedValue, _ b: ImportedValue, _ builder: GraphBuilder
  ) throws -> Shape {
    guard let shape = broadcast(builder.shape(a), builder.shape(b)), shape.isAddressable else {
      throw NodeFault(
        "its operands \(builder.shape(a)) and \(builder.shape(b)) cannot be broadcast to one shape")
    }
    return shape
  }
}

/// The shape to which NumPy broadcasts two; nil if they do not fit.
func broadcast(_ a: Shape, _ b: Shape) -> Shape? {
  let rank = max(a.rank, b.rank)
  func extent(_ shape: Shape, _ index: Int) -> Int {
    let place = index - (rank - shape.rank)
    return place < 0 ? 1 : shape.dimensions[place]
  }
  var result: [Int] = []
  for index in 0..<rank {
    let (x, y) = (extent(a, index), extent(b, index))
    guard x == y || x == 1 || y == 1 else { return nil }
    result.append(x == 1 ? y : x)
  }
  return Shape(result)
}

extension ConstantTensor {
  /// The constant as one value a channel of a tensor of the given shape, if broadcasting makes it that.
  fileprivate func channelValues(
    of shape: Shape, _ builder: inout GraphBuilder
  ) throws -> [Float]? {
    guard type == .float, shape.rank >= 2, self.shape.rank <= shape.rank else { return nil }
    let aligned = [Int](repeating: 1, count: shape.rank - self.shape.rank) + self.shape.dimensions
    let others = aligned.enumerated().filter { $0.offset != 1 }.map(\.element)
    guard others.allSatisfy({ $0 == 1 }), aligned[1] == 1 || aligned[1] == shape.channels else {
      return nil
    }
    try builder.spend(4 * shape.channels)
    let values = try floats()
    return aligned[1] == 1 ? [Float](repeating: values[0], count: shape.channels) : values
  }
}
