import GraphIR
import OnnxSchema

/// A graph in the words of ONNX, its weights left out: only their names and shapes are here.
///
/// A value has the name of the node that computes it, or of the output that it is, and a weight that
/// of its tensor in the state dict. What a node needs several operations of ONNX for has names with the operation's behind the
/// node's, such as `fc.flatten`; the last has the node's own.
struct OnnxGraphBuilder {
  let graph: Graph
  private(set) var nodes: [Onnx_NodeProto] = []
  /// Numbers that operations take as inputs.
  private(set) var constants: [Onnx_TensorProto] = []
  /// The tensors of the state dict, and what they are called.
  private(set) var parameters: [(name: String, parameter: ParameterSpec)] = []
  private(set) var outputs: [Onnx_ValueInfoProto] = []
  /// The version of ONNX's operations that all nodes are to be found in.
  private(set) var opset = 17

  private var names = UniqueNames()
  private var parameterNames: [ParameterSpec: String] = [:]
  /// What the result of each node is called.
  private var values: [String] = []
  /// The node that operations are added for.
  private var current = NodeID(0)

  /// - Parameter outputNames: what the graph's outputs are called, in their order.
  /// - Throws: `OnnxExportError.noOperation`.
  init(_ graph: Graph, outputNames: [String]) throws(OnnxExportError) {
    self.graph = graph
    // The tensors' names come first, then the outputs', then the nodes' own.
    for parameter in graph.nodes.flatMap(graph.parameters(of:))
    where parameterNames[parameter] == nil {
      let name = names.claim(parameter.name)
      parameterNames[parameter] = name
      parameters.append((name, parameter))
    }
    var ownNames: [NodeID: String] = [:]
    for (id, name) in zip(graph.outputs, outputNames)
    where !graph[id].inputs.isEmpty && ownNames[id] == nil {
      ownNames[id] = names.claim(name)
    }
    for id in graph.nodeIDs {
      if case .constant(let constant) = graph[id].op {
        values.append(name(of: ParameterSpec(name: constant.name, shape: constant.shape)))
      } else {
        values.append(ownNames[id] ?? names.claim(graph[id].name))
      }
    }
    for id in graph.nodeIDs {
      let node = graph[id]
      guard node.type.element == .float32 else {
        throw .noOperation(
          node: node.name, reason: "its elements are \(node.type.element.rawValue), not float32")
      }
      if node.inputs.isEmpty { continue }
      current = id
      try appendOperations(
        for: node, node.inputs.map { OnnxValue(values[$0.index], graph[$0].type.shape) })
      nameLast(values[id.index])
    }
    appendOutputs(called: outputNames)
  }

  var inputs: [Onnx_ValueInfoProto] { graph.inputs.map(valueInfo) }

  /// The shapes of the nodes' results that are no outputs.
  var innerValues: [Onnx_ValueInfoProto] {
    let outputs = Set(graph.outputs)
    return graph.nodeIDs.filter { !graph[$0].inputs.isEmpty && !outputs.contains($0) }
      .map(valueInfo)
  }

  private func valueInfo(_ id: NodeID) -> Onnx_ValueInfoProto {
    Onnx_ValueInfoProto(name: values[id.index], shape: graph[id].type.shape)
  }

  /// Names the results. One that ONNX does not take for a result, since it is an input, a weight or
  /// one already, is copied.
  private mutating func appendOutputs(called outputNames: [String]) {
    var seen: Set<NodeID> = []
    for (id, name) in zip(graph.outputs, outputNames) {
      var info = valueInfo(id)
      if !seen.insert(id).inserted || graph[id].inputs.isEmpty {
        current = id
        append("Identity", [info.name])
        info.name = names.claim(name)
        nameLast(info.name)
      }
      outputs.append(info)
    }
  }
}

/// The name of a value in the ONNX graph, and its shape.
struct OnnxValue {
  var name: String
  var shape: Shape

  init(_ name: String, _ shape: Shape) {
    self.name = name
    self.shape = shape
  }
}

/// What a node becomes is added with these.
extension OnnxGraphBuilder {
  /// Adds an operation.
  ///
  /// - Returns: the name of its result.
  @discardableResult
  mutating func append(
    _ operation: String, _ inputs: [String], _ attributes: [Onnx_AttributeProto] = []
  ) -> String {
    let output = names.claim("\(values[current.index]).\(operation.lowercased())")
    nodes.append(
      .with {
        $0.opType = operation
        $0.name = output
        $0.input = inputs
        $0.output = [output]
        $0.attribute = attributes
      })
    return output
  }

  /// What a tensor of the state dict is called: a second of its name, but of another shape, has a
  /// number.
  func name(of parameter: ParameterSpec) -> String {
    parameterNames[parameter] ?? parameter.name
  }

  /// The names of the tensors that a node takes, in the order of `Graph.parameters(of:)`.
  func parameterNames(of node: Node) -> [String] {
    graph.parameters(of: node).map(name(of:))
  }

  /// The name of a list of whole numbers that is there for the current node.
  mutating func constant(_ purpose: String, _ integers: [Int]) -> String {
    let name = names.claim("\(values[current.index]).\(purpose)")
    constants.append(Onnx_TensorProto(name: name, integers: integers))
    return name
  }

  /// The name of a number that is there for the current node.
  mutating func constant(_ purpose: String, _ scalar: Float) -> String {
    let name = names.claim("\(values[current.index]).\(purpose)")
    constants.append(Onnx_TensorProto(name: name, scalar: scalar))
    return name
  }

  /// Asks for a later version of the operations.
  mutating func need(opset: Int) { self.opset = max(self.opset, opset) }

  /// Gives the last operation's result, which nobody has read yet, another name.
  private mutating func nameLast(_ name: String) {
    guard let last = nodes.indices.last else { return }
    nodes[last].name = name
    nodes[last].output = [name]
  }
}
