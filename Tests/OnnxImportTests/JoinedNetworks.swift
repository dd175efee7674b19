import GraphIR
import OnnxImport

/// Many networks as one, so that their code is compiled at once: the input of each becomes a constant,
/// and its outputs are outputs of the whole.
struct JoinedNetworks: ParameterSource {
  private(set) var graph = Graph(name: "joined")
  private var parameters: [String: @Sendable () throws -> [Float]] = [:]

  /// A graph has to have an input; this one is read by nobody.
  init() { graph.appendInput(TensorType([1, 1, 1, 1])) }

  /// - Returns: the places of the network's outputs among all.
  mutating func append(
    _ network: ImportedModel, input: Tensor, name: String
  ) throws -> Range<Int> {
    var ids: [NodeID] = []
    for node in network.model.graph.nodes {
      var op = node.op
      if op == .input {
        op = .constant(Constant(name: "input", shape: input.shape))
        parameters["\(name)/input"] = { input.elements }
      } else {
        for parameter in network.model.graph.parameters(of: node) {
          let weights = network.weights
          parameters["\(name)/\(parameter.name)"] = { try weights.values(of: parameter) }
        }
      }
      ids.append(
        try graph.append(
          op.renamingParameters { "\(name)/\($0)" }, node.inputs.map { ids[$0.index] },
          name: "\(name)/\(node.name)"))
    }
    let first = graph.outputs.count
    graph.outputs += network.model.graph.outputs.map { ids[$0.index] }
    return first..<graph.outputs.count
  }

  func values(of parameter: ParameterSpec) throws -> [Float] {
    try parameters[parameter.name]?() ?? []
  }
}

extension Op {
  /// The operation with other names for what it takes from the state dict.
  fileprivate func renamingParameters(_ rename: (String) -> String) -> Op {
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
    case .batchNorm(var batchNorm):
      batchNorm.norm = renamed(batchNorm.norm)
      return .batchNorm(batchNorm)
    case .linear(var linear):
      linear.weight = rename(linear.weight)
      linear.bias = linear.bias.map(rename)
      return .linear(linear)
    default: return self
    }
  }
}
