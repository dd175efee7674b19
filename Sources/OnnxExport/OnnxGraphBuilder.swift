import GraphIR
import OnnxSchema

/// A graph in the words of ONNX, its weights left out: only their names and shapes are here.
///
/// What a node needs several operations of ONNX for has one of the node's name, such as the convolution
/// of a layer; the others have the operation's behind it, such as `layer1.0.conv1.relu`. A value has the
/// name of the operation that computes it. The last of a node that is an output has the output's name. A
/// weight has the name of its tensor in the state dict.
struct OnnxGraphBuilder {
  let graph: Graph
  private(set) var nodes: [Onnx_NodeProto] = []
  /// Numbers that operations take as inputs.
  private(set) var constants: [Onnx_TensorProto] = []
  private(set) var tensors: TensorTable
  private(set) var outputs: [Onnx_ValueInfoProto] = []
  /// The version of ONNX's operations that all nodes are to be found in.
  private(set) var opset = 17

  private var names = UniqueNames()
  /// What the result of each node is called.
  private var values: [String] = []
  /// The node that operations are added for.
  private var current = NodeID(0)
  /// Which of the current node's operations has its name; nil for the last.
  private var main: Int?

  /// - Parameter outputNames: what the graph's outputs are called, in their order.
  /// - Throws: `OnnxExportError.noOperation`.
  init(_ graph: Graph, outputNames: [String]) throws(OnnxExportError) {
    self.graph = graph
    // The tensors' names come first, then the outputs', then the nodes' own.
    tensors = TensorTable(of: graph, names: &names)
    var isOutput: Set<NodeID> = []
    var ownNames: [NodeID: String] = [:]
    for (id, name) in zip(graph.outputs, outputNames)
    where !graph[id].inputs.isEmpty && isOutput.insert(id).inserted {
      ownNames[id] = names.claim(orValue: name)
    }
    for id in graph.nodeIDs {
      if case .constant = graph[id].op {
        values += tensors.operands(of: id)
      } else {
        values.append(ownNames[id] ?? names.claim(orValue: graph[id].name))
      }
    }
    for id in graph.nodeIDs {
      let node = graph[id]
      guard node.type.element == .float32 else {
        throw .noOperation(
          node: node.name, reason: "its elements are \(node.type.element.rawValue), not float32")
      }
      if node.inputs.isEmpty { continue }
      (current, main) = (id, nil)
      let first = nodes.count
      try appendOperations(
        for: node, node.inputs.map { OnnxValue(values[$0.index], graph[$0].type.shape) })
      nameOperations(from: first, isOutput: isOutput.contains(id))
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
        info.name = names.claim(orValue: name)
        rename(nodes.count - 1, info.name)
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

  /// The names of the tensors that the current node takes.
  var operands: [String] { tensors.operands(of: current) }

  /// Has the last operation that was added have the node's name, whatever follows it.
  mutating func nameAfterNode() { main = nodes.count - 1 }

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

  /// Gives one of the current node's operations the name that was kept for it.
  private mutating func nameOperations(from first: Int, isOutput: Bool) {
    let last = nodes.count - 1
    let own = values[current.index]
    let main = isOutput ? last : main ?? last
    guard main < last else { return rename(last, own) }
    let before = nodes[main].output[0]
    rename(main, own)
    for index in (main + 1)...last {
      nodes[index].input = nodes[index].input.map { $0 == before ? own : $0 }
    }
    values[current.index] = nodes[last].output[0]
  }

  private mutating func rename(_ index: Int, _ name: String) {
    nodes[index].name = name
    nodes[index].output = [name]
  }
}

extension UniqueNames {
  /// A name that stands for a value, as an empty one does not in ONNX.
  mutating func claim(orValue wanted: String) -> String {
    claim(wanted.isEmpty ? "value" : wanted)
  }
}
