import GraphIR

extension OnnxOperator {
  static let pools = [
    OnnxOperator(
      "MaxPool", inputs: 1, "1-D and 2-D; the first output alone",
      attributes: WindowAttributes.attributes + ["ceil_mode", "storage_order"]
    ) { call, builder in
      // The order of storage decides the numbers of the second output alone.
      try call.requireOneOutput("the places of the maxima")
      return try pool(call, &builder) { .maxPool($0) }
    },
    OnnxOperator(
      "AveragePool", inputs: 1, "1-D and 2-D, dilations too",
      attributes: WindowAttributes.attributes + ["ceil_mode", "count_include_pad"]
    ) { call, builder in
      let counts = try call.flag("count_include_pad")
      return try pool(call, &builder) {
        .averagePool(AveragePooling(window: $0, countIncludesPadding: counts))
      }
    },
    OnnxOperator("GlobalAveragePool", inputs: 1, "any number of dimensions") { call, builder in
      try global(call, &builder) { builder, image in
        try builder.append(.globalAveragePool, [image])
      }
    },
    OnnxOperator("GlobalMaxPool", inputs: 1, "any number of dimensions") { call, builder in
      try global(call, &builder) { builder, image in try builder.globalMaximum(image) }
    },
  ]

  private static func global(
    _ call: NodeCall, _ builder: inout GraphBuilder,
    _ operation: (inout GraphBuilder, NodeID) throws -> NodeID
  ) throws -> ImportedValue {
    let x = try builder.nodeID(try call.input(0))
    let shape = builder.shape(x)
    guard shape.rank >= 3 else { throw NodeFault("its input \(shape) has no space to pool over") }
    let image = try builder.reshape(
      x, to: Shape(shape.dimensions.prefix(3) + [shape.width]))
    let result = try operation(&builder, image)
    let ones = [Int](repeating: 1, count: shape.rank - 2)
    return .node(try builder.reshape(result, to: Shape([shape.batch, shape.channels] + ones)))
  }

  private static func pool(
    _ call: NodeCall, _ builder: inout GraphBuilder, _ operation: (Pooling) -> Op
  ) throws -> ImportedValue {
    let x = try builder.nodeID(try call.input(0))
    let shape = builder.shape(x)
    guard (3...4).contains(shape.rank) else {
      throw NodeFault("its input is \(shape); pools over one or two dimensions are understood")
    }
    let window = try WindowAttributes(call, over: shape)
    let pooling = Pooling(
      kernel: window.kernel, stride: window.stride, padding: window.padding,
      dilation: window.dilation, ceilMode: try call.flag("ceil_mode"))
    let op = operation(pooling)
    return .node(try builder.asImage(x) { try $0.append(op, [$1]) })
  }
}
