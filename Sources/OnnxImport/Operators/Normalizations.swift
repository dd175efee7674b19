import GraphIR

extension OnnxOperator {
  static let normalizations = [
    OnnxOperator(
      "BatchNormalization", inputs: 5,
      "at inference, on any number of dimensions; scale, bias, mean and variance constant",
      attributes: ["epsilon", "momentum", "spatial", "training_mode"], batchNorm)
  ]

  private static func batchNorm(
    _ call: NodeCall, _ builder: inout GraphBuilder
  ) throws -> ImportedValue {
    guard try !call.flag("training_mode") else {
      throw NodeFault("it is in training mode; export the model for inference")
    }
    guard try call.int("spatial", default: 1) == 1 else {
      throw NodeFault("its attribute spatial is 0; only norms of whole channels are understood")
    }
    try call.requireOneOutput("the statistics of training")
    let x = try builder.nodeID(try call.input(0))
    let shape = builder.shape(x)
    guard shape.rank >= 2 else { throw NodeFault("its input \(shape) has no channels") }
    let epsilon = try call.float("epsilon", default: 1e-5)
    guard epsilon.isFinite, epsilon >= 0 else { throw NodeFault("its epsilon is \(epsilon)") }
    func vector(_ index: Int, _ role: String) throws -> String {
      let tensor = try call.constant(index, role)
      guard tensor.shape == [shape.channels] else {
        throw NodeFault(
          "its \(role) is \(tensor.shape), and the input has \(shape.channels) channels")
      }
      return builder.weight(try tensor.asWeight())
    }
    var norm = Normalization(prefix: call.name, epsilon: decimal(epsilon))
    norm.weight = try vector(1, "scale")
    norm.bias = try vector(2, "bias")
    norm.runningMean = try vector(3, "mean")
    norm.runningVariance = try vector(4, "variance")
    return .node(try builder.append(.batchNorm(BatchNorm(norm)), [x]))
  }

  /// The number that was meant: 1e-5 for the float32 next to it.
  private static func decimal(_ value: Float) -> Double {
    Double(value.description) ?? Double(value)
  }
}
