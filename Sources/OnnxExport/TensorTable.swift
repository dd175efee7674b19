import GraphIR

/// The tensors of a graph's nodes under names that are theirs alone.
///
/// A tensor has the name that it has in the state dict; a second of that name has a number: one of
/// another shape, or one with other norms in it.
struct TensorTable {
  /// In order of first use.
  private(set) var tensors: [ExportedTensor] = []
  /// The names of what each node takes.
  private var operands: [[String]]
  private var stored: [ParameterSpec: String] = [:]
  /// By the name of the weight that others are multiplied into.
  private var folded: [String: [(convolution: FoldedConvolution, names: [String])]] = [:]

  init(of graph: Graph, names: inout UniqueNames) {
    operands = []
    for node in graph.nodes {
      if case .convolution(let conv) = node.op, let x = node.inputs.first,
        let convolution = FoldedConvolution(conv, inputChannels: graph[x].type.shape.channels)
      {
        operands.append(add(convolution, &names))
      } else {
        operands.append(graph.parameters(of: node).map { add($0, &names) })
      }
    }
  }

  /// The names of the tensors that a node takes: of a convolution its weights and perhaps its bias,
  /// of a norm γ, β, μ and σ².
  func operands(of id: NodeID) -> [String] { operands[id.index] }

  private mutating func add(_ parameter: ParameterSpec, _ names: inout UniqueNames) -> String {
    if let name = stored[parameter] { return name }
    let name = names.claim(orValue: parameter.name)
    stored[parameter] = name
    tensors.append(
      ExportedTensor(name: name, shape: parameter.shape, contents: .stored(parameter)))
    return name
  }

  private mutating func add(
    _ convolution: FoldedConvolution, _ names: inout UniqueNames
  ) -> [String] {
    let weight = convolution.convolution.weight
    if let known = folded[weight]?.first(where: { $0.convolution == convolution }) {
      return known.names
    }
    let own = [weight, convolution.biasName].map { names.claim(orValue: $0) }
    folded[weight, default: []].append((convolution, own))
    tensors.append(
      ExportedTensor(
        name: own[0], shape: convolution.weightShape, contents: .weight(convolution)))
    tensors.append(
      ExportedTensor(name: own[1], shape: convolution.biasShape, contents: .bias(convolution)))
    return own
  }
}
