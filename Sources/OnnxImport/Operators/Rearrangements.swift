import GraphIR

extension OnnxOperator {
  static let rearrangements = [
    OnnxOperator("Identity", inputs: 1, "everything") { call, _ in try call.input(0) },
    OnnxOperator(
      "Dropout", inputs: 3, "at inference, where it does nothing; the first output alone",
      attributes: ["ratio", "seed"]
    ) { call, _ in
      try call.requireOneOutput("what was dropped")
      if try call.number(2, "training mode") ?? 0 != 0 {
        throw NodeFault("it is in training mode; export the model for inference")
      }
      return try call.input(0)
    },
    OnnxOperator("Flatten", inputs: 1, "everything", attributes: ["axis"]) { call, builder in
      let x = try call.input(0)
      let dimensions = builder.shape(x).dimensions
      let number = try call.int("axis", default: 1)
      guard (-dimensions.count...dimensions.count).contains(number) else {
        throw NodeFault("there is no axis \(number) in \(builder.shape(x))")
      }
      let split = number < 0 ? number + dimensions.count : number
      return try builder.reshaped(
        x, to: [dimensions[..<split].reduce(1, *), dimensions[split...].reduce(1, *)])
    },
    OnnxOperator("Reshape", inputs: 2, "a constant shape", attributes: ["allowzero"], reshape),
    OnnxOperator("Squeeze", inputs: 2, "constant axes", attributes: ["axes"]) { call, builder in
      let x = try call.input(0)
      let dimensions = builder.shape(x).dimensions
      let listed = try call.ints("axes") ?? call.integers(1, "axes")
      let dropped =
        try listed.map { try axes($0, rank: dimensions.count) }
        ?? dimensions.indices.filter { dimensions[$0] == 1 }
      guard dropped.allSatisfy({ dimensions[$0] == 1 }) else {
        throw NodeFault(
          "it drops the dimensions \(dropped) of \(Shape(dimensions)), not all of them 1")
      }
      let kept = dimensions.indices.filter { !dropped.contains($0) }
      return try builder.reshaped(x, to: Shape(kept.map { dimensions[$0] }))
    },
    OnnxOperator("Unsqueeze", inputs: 2, "constant axes", attributes: ["axes"]) { call, builder in
      let x = try call.input(0)
      guard let listed = try call.ints("axes") ?? call.integers(1, "axes") else {
        throw NodeFault("its axes are missing")
      }
      var dimensions = builder.shape(x).dimensions
      for axis in try axes(listed, rank: dimensions.count + listed.count).sorted() {
        dimensions.insert(1, at: axis)
      }
      return try builder.reshaped(x, to: Shape(dimensions))
    },
    OnnxOperator("Transpose", inputs: 1, "everything", attributes: ["perm"]) { call, builder in
      let x = try call.input(0)
      let all = builder.shape(x).dimensions.indices
      let order = try call.ints("perm") ?? all.reversed()
      guard order.sorted() == Array(all) else {
        throw NodeFault("its perm \(order) does not order the dimensions of \(builder.shape(x))")
      }
      switch x {
      case .constant(let tensor):
        try builder.spend(rearranging: tensor)
        return .constant(try tensor.transposed(order))
      case .node(let id): return .node(try builder.transpose(id, by: order, role: nil))
      }
    },
    OnnxOperator("Concat", inputs: anyNumber, "along any axis", attributes: ["axis"], concatenate),
    OnnxOperator("Expand", inputs: 2, "a constant shape") { call, builder in
      let x = try call.input(0)
      let wanted = Shape(try call.integers(1, "shape") ?? [])
      guard wanted.dimensions.allSatisfy({ $0 >= 0 }),
        let shape = broadcast(builder.shape(x), wanted), shape.isAddressable
      else { throw NodeFault("\(builder.shape(x)) cannot be expanded to \(wanted)") }
      switch x {
      case .constant(let tensor):
        try builder.spend(shape.elementCount)
        return .constant(try tensor.expanded(to: shape))
      case .node(let id): return .node(try builder.expand(id, to: shape))
      }
    },
  ]

  private static func reshape(
    _ call: NodeCall, _ builder: inout GraphBuilder
  ) throws -> ImportedValue {
    let x = try call.input(0)
    let old = builder.shape(x)
    guard let listed = try call.integers(1, "shape") else {
      throw NodeFault("its shape is missing")
    }
    let copiesZeros = try !call.flag("allowzero")
    var dimensions = listed
    if copiesZeros {
      for index in dimensions.indices where dimensions[index] == 0 {
        guard index < old.rank else {
          throw NodeFault("its shape \(listed) copies a dimension that \(old) has not")
        }
        dimensions[index] = old.dimensions[index]
      }
    }
    // Exporters write the batch of the file into shapes; another one that was set takes its place.
    if let batch = builder.replacedBatch, let first = listed.first, first == batch.declared,
      old.batch == batch.used
    {
      dimensions[0] = batch.used
    }
    let open = dimensions.indices.filter { dimensions[$0] == -1 }
    guard open.count <= 1, dimensions.allSatisfy({ $0 >= -1 }) else {
      throw NodeFault("its shape \(listed) leaves more than one dimension open")
    }
    if let index = open.first {
      let others = Shape(dimensions.filter { $0 != -1 })
      guard others.isAddressable, old.elementCount % others.elementCount == 0 else {
        throw NodeFault("\(old) cannot be given the shape \(listed): they differ in their elements")
      }
      dimensions[index] = old.elementCount / others.elementCount
    }
    return try builder.reshaped(x, to: Shape(dimensions))
  }

  private static func concatenate(
    _ call: NodeCall, _ builder: inout GraphBuilder
  ) throws -> ImportedValue {
    let values = try call.inputs.indices.map { try call.input($0) }
    guard let first = values.first else { throw NodeFault("it has no inputs") }
    let shape = builder.shape(first)
    guard let number = try call.int("axis") else {
      throw NodeFault("its attribute axis is missing")
    }
    let along = try axis(number, rank: shape.rank)
    var result = shape
    for other in values.dropFirst().map(builder.shape) {
      var aligned = other
      if aligned.rank == shape.rank { aligned.dimensions[along] = shape.dimensions[along] }
      guard aligned == shape else {
        throw NodeFault("it cannot put \(other) behind \(shape) along axis \(along)")
      }
      result.dimensions[along] += other.dimensions[along]
    }
    let tensors = values.compactMap { value in
      if case .constant(let tensor) = value { return tensor }
      return nil as ConstantTensor?
    }
    if tensors.count == values.count {
      return .constant(
        try builder.concatenated(tensors, axis: along, result, call.node.outputs.first ?? call.name)
      )
    }
    let ids = try values.map { try builder.nodeID($0) }
    return .node(try builder.concatenated(ids, along: along))
  }
}

extension GraphBuilder {
  /// The same elements under another shape, whatever the value is.
  mutating func reshaped(_ value: ImportedValue, to shape: Shape) throws -> ImportedValue {
    switch value {
    case .node(let id): return .node(try reshape(id, to: shape, role: nil))
    case .constant(let tensor):
      guard shape.isComputable,
        tensor.count == shape.elementCount
      else {
        throw NodeFault(
          "\(tensor.shape) cannot be given the shape \(shape): they differ in their elements")
      }
      return .constant(tensor.reshaped(shape))
    }
  }
}
