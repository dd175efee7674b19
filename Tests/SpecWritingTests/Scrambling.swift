import GraphIR

/// What is left of a network's names when it comes from an ONNX file.
enum Names: String, CaseIterable, Sendable {
  /// Weights by number, nodes by the path of their module.
  case nodesOnly
  /// Weights keep their names, nodes are numbered.
  case tensorsOnly
  /// Both are numbered.
  case numbers
  /// Nothing at all.
  case none
}

extension Graph {
  /// The graph with names as an exporter leaves them.
  func scrambled(_ names: Names) -> Graph {
    var result = self
    var numbers: [String: String] = [:]
    for id in nodeIDs {
      let old = self[id].name
      switch names {
      case .nodesOnly: break
      case .tensorsOnly, .numbers: result[id].name = "node_\(self[id].op.mnemonic)_\(id.index)"
      case .none: result[id].name = self[id].op == .input ? old : ""
      }
      guard names != .tensorsOnly else { continue }
      result[id].op = self[id].op.renamingTensors { name in
        if let number = numbers[name] { return number }
        numbers[name] = "onnx::Tensor_\(numbers.count + 193)"
        return numbers[name] ?? ""
      }
    }
    return result
  }

  /// The graph with every batch norm that follows a convolution made part of it, as exporters do
  /// that fold constants: the convolution has a bias then.
  func withoutNorms() throws -> Graph {
    var result = Graph(name: name)
    var number = [NodeID?](repeating: nil, count: nodes.count)
    for id in nodeIDs {
      var node = self[id]
      if case .batchNorm = node.op, case .convolution = self[node.inputs[0]].op {
        number[id.index] = number[node.inputs[0].index]
        continue
      }
      if case .convolution(var conv) = node.op, conv.bias == nil {
        conv.bias = node.name + ".bias"
        node.op = .convolution(conv)
      }
      node.inputs = node.inputs.compactMap { number[$0.index] }
      result.nodes.append(node)
      number[id.index] = NodeID(result.nodes.count - 1)
    }
    result.outputs = outputs.compactMap { number[$0.index] }
    return result
  }
}
