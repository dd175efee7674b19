import GraphIR

/// Executes a graph node by node, as it stands: before any pass, after all of them, or in between.
///
/// This is the oracle that generated code is held to, so it is written to be seen to be right:
/// nothing is folded, reordered or split. Each result is stored as float32. Within a node
/// all arithmetic is in float64, in a fixed order, and each element is rounded once; results
/// do not depend on the number of processors.
public struct GraphInterpreter: Sendable {
  public let graph: Graph
  private let parameters: any ParameterSource

  /// - Parameters:
  ///   - graph: any graph whose node types are what `inferType` finds.
  ///   - parameters: where the weights come from; asked for one node's at a time.
  public init(_ graph: Graph, parameters: some ParameterSource) {
    self.graph = graph
    self.parameters = parameters
  }

  /// Runs the network.
  ///
  /// A result is dropped once nobody reads it any more, so the memory in use is that of the widest
  /// place of the network.
  ///
  /// - Parameters:
  ///   - inputs: one tensor for each of `graph.inputs`, in order.
  ///   - observe: called after each node with its result and the seconds it took.
  /// - Returns: one tensor for each of `graph.outputs`, in order.
  /// - Throws: `InterpreterError`, what the parameter source throws, or what `observe` throws.
  public func run(
    _ inputs: [Tensor],
    observe: (_ node: NodeID, _ result: Tensor, _ seconds: Double) throws -> Void = { _, _, _ in }
  ) throws -> [Tensor] {
    try check(inputs)
    var results = [Tensor?](repeating: nil, count: graph.nodes.count)
    for (id, tensor) in zip(graph.inputs, inputs) { results[id.index] = tensor }

    let lastReaders = lastReaders()
    for id in graph.nodeIDs {
      let operands = try graph[id].inputs.map { try value($0, in: results, for: id) }
      let clock = ContinuousClock()
      let start = clock.now
      let result = try results[id.index] ?? execute(graph[id], operands)
      try observe(id, result, seconds(clock.now - start))
      results[id.index] = result
      for operand in graph[id].inputs where lastReaders[operand.index] == id {
        results[operand.index] = nil
      }
    }
    return try graph.outputs.map { try value($0, in: results, for: $0) }
  }

  /// Runs the network and keeps everything.
  ///
  /// - Returns: the result of every node, at the node's index.
  public func allResults(_ inputs: [Tensor]) throws -> [Tensor] {
    var all: [Tensor] = []
    _ = try run(inputs) { _, result, _ in all.append(result) }
    return all
  }

  /// For each node, the last one that reads it; nil for the results of the network.
  private func lastReaders() -> [NodeID?] {
    var last = [NodeID?](repeating: nil, count: graph.nodes.count)
    for id in graph.nodeIDs {
      for operand in graph[id].inputs { last[operand.index] = id }
    }
    for output in graph.outputs { last[output.index] = nil }
    return last
  }

  private func value(_ id: NodeID, in results: [Tensor?], for reader: NodeID) throws -> Tensor {
    guard let result = results[id.index] else {
      throw InterpreterError.inconsistentGraph(
        node: graph[reader].name, reason: "it reads a value that is not computed before it")
    }
    return result
  }

  private func execute(_ node: Node, _ operands: [Tensor]) throws -> Tensor {
    let x = operands.first ?? Tensor([0])
    let shape = node.type.shape
    switch node.op {
    case .input:
      throw InterpreterError.inconsistentGraph(node: node.name, reason: "it has no value")
    case .convolution(let conv):
      return try convolve(
        conv, x, residual: conv.epilogue.addsResidual ? operands[1] : nil,
        factors: conv.epilogue.scales ? operands.last : nil, from: parameters)
    case .batchNorm(let batchNorm):
      return try normalize(x, batchNorm, from: parameters)
    case .constant(let constant):
      return Tensor(shape, try parameters.checkedValues(constant.name, shape))
    case .relu:
      return Tensor(shape, x.elements.map { rectify($0) })
    case .activation(let activation):
      return Tensor(shape, x.elements.map(activation.value))
    case .multiply:
      return multiply(x, operands[1])
    case .scaledAdd(let add):
      return scaledSum(x, factors: operands[1], operands[2], relu: add.relu)
    case .add(let add):
      return sum(x, operands[1], relu: add.relu)
    case .maxPool(let pool):
      return maxPool(x, pool, shape)
    case .averagePool(let pool):
      return averagePool(x, pool, shape)
    case .globalAveragePool:
      return Tensor(shape, spatialMeans(x).map(Float.init))
    case .padChannels(let padding):
      return padChannels(x, padding, shape)
    case .pad(let padding):
      return pad(x, padding, shape)
    case .flatten, .reshape:
      return Tensor(shape, x.elements)
    case .transpose(let transposition):
      return transpose(x, transposition, shape)
    case .expand:
      return expand(x, shape)
    case .concatenate:
      return concatenate(operands, shape)
    case .linear(let layer):
      return try linear(x, layer, from: parameters)
    case .softmax:
      return softmax(x)
    }
  }
}

extension GraphInterpreter {
  /// Checks what the loops rely on: the tensors given have the declared shapes, and every node's
  /// type follows from those of the nodes before it.
  private func check(_ inputs: [Tensor]) throws {
    let declared = graph.inputs
    guard inputs.count == declared.count else {
      throw InterpreterError.inputCount(expected: declared.count, given: inputs.count)
    }
    for (id, tensor) in zip(declared, inputs) where tensor.shape != graph[id].type.shape {
      throw InterpreterError.inputShape(
        name: graph[id].name, expected: graph[id].type.shape, given: tensor.shape)
    }
    func fail(_ node: Node, _ reason: String) -> InterpreterError {
      .inconsistentGraph(node: node.name, reason: reason)
    }
    for id in graph.nodeIDs where graph[id].op != .input {
      let node = graph[id]
      guard node.inputs.allSatisfy({ $0.index >= 0 && $0 < id }) else {
        throw fail(node, "it reads a value that is not computed before it")
      }
      let type: TensorType
      do {
        type = try inferType(of: node.op, inputs: node.inputs.map { graph[$0].type })
      } catch let error as ShapeError {
        throw fail(node, error.message)
      }
      guard type.shape == node.type.shape else {
        throw fail(node, "its shape should be \(type.shape) and is \(node.type.shape)")
      }
    }
    guard graph.outputs.allSatisfy({ graph.nodes.indices.contains($0.index) }) else {
      throw InterpreterError.inconsistentGraph(
        node: graph.name, reason: "an output is not a node of the graph")
    }
  }

  private func seconds(_ duration: Duration) -> Double {
    let (seconds, attoseconds) = duration.components
    return Double(seconds) + Double(attoseconds) / 1e18
  }
}
