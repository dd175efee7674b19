import GraphIR

extension Op {
  /// The operation with other names for what it takes from the state dict; not for what has been
  /// fused into it.
  package func renamingTensors(_ rename: (String) -> String) -> Op {
    func renamed(_ norm: Normalization) -> Normalization {
      var norm = norm
      norm.weight = rename(norm.weight)
      norm.bias = rename(norm.bias)
      norm.runningMean = rename(norm.runningMean)
      norm.runningVariance = rename(norm.runningVariance)
      return norm
    }
    switch self {
    case .constant(var constant):
      constant.name = rename(constant.name)
      return .constant(constant)
    case .convolution(var conv):
      conv.weight = rename(conv.weight)
      conv.bias = conv.bias.map(rename)
      return .convolution(conv)
    case .batchNorm(var norm):
      norm.norm = renamed(norm.norm)
      return .batchNorm(norm)
    case .linear(var linear):
      linear.weight = rename(linear.weight)
      linear.bias = linear.bias.map(rename)
      return .linear(linear)
    default: return self
    }
  }
}
