import GraphIR
import OnnxFiles

extension OnnxOperator {
  static let activations = [
    OnnxOperator("Relu", inputs: 1, "everything") { call, builder in
      try elementwise(.relu, call, &builder)
    },
    OnnxOperator("LeakyRelu", inputs: 1, "everything", attributes: ["alpha"]) { call, builder in
      let slope = try call.float("alpha", default: 0.01)
      return try elementwise(.activation(.leakyReLU(slope: slope)), call, &builder)
    },
    OnnxOperator("Sigmoid", inputs: 1, "everything") { call, builder in
      try elementwise(.activation(.sigmoid), call, &builder)
    },
    OnnxOperator("HardSigmoid", inputs: 1, "everything", attributes: ["alpha", "beta"]) {
      call, builder in
      let slope = try call.float("alpha", default: 0.2)
      let offset = try call.float("beta", default: 0.5)
      let function = Activation.hardSigmoid(slope: slope, offset: offset)
      return try elementwise(.activation(function), call, &builder)
    },
    OnnxOperator("HardSwish", inputs: 1, "everything") { call, builder in
      let x = try builder.nodeID(try call.input(0))
      let gate = try builder.append(
        .activation(.hardSigmoid(slope: 1 / 6, offset: 0.5)), [x], role: "gate")
      return .node(try builder.append(.multiply, [x, gate]))
    },
    OnnxOperator("Clip", inputs: 3, "constant bounds", attributes: ["max", "min"], clip),
    OnnxOperator(
      "Softmax", inputs: 1,
      "along any one axis, and along all from one on, as it meant before opset 13",
      attributes: ["axis"], softmax),
  ]

  private static func elementwise(
    _ op: Op, _ call: NodeCall, _ builder: inout GraphBuilder
  ) throws -> ImportedValue {
    .node(try builder.append(op, [try builder.nodeID(try call.input(0))]))
  }

  private static func clip(
    _ call: NodeCall, _ builder: inout GraphBuilder
  ) throws -> ImportedValue {
    let least = -Float.greatestFiniteMagnitude
    let most = Float.greatestFiniteMagnitude
    let (lower, upper) =
      call.opset < 11
      ? (try call.float("min", default: least), try call.float("max", default: most))
      : (
        try call.number(1, "lower bound") ?? -.infinity,
        try call.number(2, "upper bound") ?? .infinity
      )
    guard !lower.isNaN, !upper.isNaN else { throw NodeFault("a bound of it is not a number") }
    let x = try builder.nodeID(try call.input(0))
    if lower == 0, upper == .infinity || upper == most, call.opset >= 11 {
      return .node(try builder.append(.relu, [x]))
    }
    return .node(try builder.append(.activation(.clip(lower: lower, upper: upper)), [x]))
  }

  private static func softmax(
    _ call: NodeCall, _ builder: inout GraphBuilder
  ) throws -> ImportedValue {
    let x = try builder.nodeID(try call.input(0))
    let shape = builder.shape(x)
    let dimensions = shape.dimensions
    if call.opset < 13 {
      // The tensor is taken as a matrix whose rows are what stands before the axis.
      let axis = try call.int("axis", default: 1)
      guard (-shape.rank...shape.rank).contains(axis) else {
        throw NodeFault("there is no axis \(axis) in \(shape)")
      }
      let split = axis < 0 ? axis + shape.rank : axis
      let matrix = Shape([
        dimensions[..<split].reduce(1, *), dimensions[split...].reduce(1, *),
      ])
      let rows = try builder.reshape(x, to: matrix)
      return .node(try builder.reshape(try builder.append(.softmax, [rows]), to: shape))
    }
    guard shape.rank > 0 else { throw NodeFault("its input is a single number") }
    let along = try axis(try call.int("axis", default: -1), rank: shape.rank)
    if along == 1 { return .node(try builder.append(.softmax, [x])) }
    let before = dimensions[..<along].reduce(1, *)
    let after = dimensions[(along + 1)...].reduce(1, *)
    let middle =
      after == 1
      ? Shape([before, dimensions[along]]) : Shape([before, dimensions[along], after])
    let aligned = try builder.reshape(x, to: middle)
    return .node(try builder.reshape(try builder.append(.softmax, [aligned]), to: shape))
  }
}
