/// A rule that every graph keeps, before and after every pass.
public struct VerificationRule: Sendable {
  /// What a broken rule says of the graph.
  public struct Violation: Equatable, Sendable {
    /// The node at fault, if there is one.
    public var node: NodeID?
    /// One sentence.
    public var message: String
  }

  public let name: String
  /// Finds the first violation. A rule may assume those that stand before it in the table.
  let check: @Sendable (Graph) -> Violation?

  init(_ name: String, check: @escaping @Sendable (Graph) -> Violation?) {
    self.name = name
    self.check = check
  }

  /// A rule on each node alone; the check returns what is wrong with it.
  init(_ name: String, eachNode check: @escaping @Sendable (Node, Graph) -> String?) {
    self.init(name) { graph in
      for id in graph.nodeIDs {
        if let message = check(graph[id], graph) { return Violation(node: id, message: message) }
      }
      return nil
    }
  }
}

/// The rule a graph breaks, and where.
public struct VerificationError: Error, Equatable, CustomStringConvertible {
  /// The name of a rule in `Graph.verificationRules`.
  public var rule: String
  public var node: NodeID?
  /// The name of the node, if there is one.
  public var nodeName: String?
  /// One sentence.
  public var message: String

  public var description: String {
    let place = node.map { " at \($0) \(GraphText.quoted(nodeName ?? ""))" } ?? ""
    return "the graph breaks the rule '\(rule)'\(place): \(message)"
  }
}

extension Graph {
  /// Checks every rule of the table, in its order.
  ///
  /// - Throws: `VerificationError` for the first rule that does not hold.
  public func verify() throws {
    for rule in Self.verificationRules {
      guard let violation = rule.check(self) else { continue }
      throw VerificationError(
        rule: rule.name, node: violation.node, nodeName: violation.node.map { self[$0].name },
        message: violation.message)
    }
  }

  /// All rules. The order counts: a rule may assume those before it.
  public static let verificationRules: [VerificationRule] = [
    VerificationRule("topological-order") { graph in
      for id in graph.nodeIDs {
        for input in graph[id].inputs where !(0..<id.index).contains(input.index) {
          return .init(node: id, message: "it reads \(input), which is not an earlier node")
        }
      }
      return nil
    },
    VerificationRule("outputs-exist") { graph in
      if graph.outputs.isEmpty { return .init(node: nil, message: "it has no output") }
      let missing = graph.outputs.first { !graph.nodes.indices.contains($0.index) }
      return missing.map { .init(node: nil, message: "the output \($0) is not a node") }
    },
    VerificationRule("arity") { node, _ in
      let (takes, has) = (node.op.arity, node.inputs.count)
      return takes.contains(has)
        ? nil : "\(node.op.mnemonic) takes \(takes.described) inputs and has \(has)"
    },
    VerificationRule("addressable-shape") { node, _ in
      node.type.shape.isAddressable
        ? nil
        : "a dimension of \(node.type.shape) is below 1, or the elements number 2^40 or more"
    },
    VerificationRule("channel-dimension") { node, graph in
      switch node.op {
      case .batchNorm, .softmax:
        let shape = graph[node.inputs[0]].type.shape
        return shape.rank >= 2
          ? nil : "\(node.op.mnemonic) takes a dimension 1, which \(shape) has not"
      default: return nil
      }
    },
    VerificationRule("same-element-type") { node, graph in
      let elements = node.inputs.map { graph[$0].type.element }
      return elements.allSatisfy { $0 == elements.first }
        ? nil : "its inputs have different element types"
    },
    VerificationRule("residual-shape") { node, graph in
      guard case .convolution(var conv) = node.op, conv.epilogue.addsResidual else { return nil }
      conv.epilogue = Epilogue()
      let residual = graph[node.inputs[1]].type.shape
      let sum = try? inferType(of: .convolution(conv), inputs: [graph[node.inputs[0]].type]).shape
      guard let sum, sum != residual else { return nil }
      return "the residual \(residual) has not the shape of the convolution's result \(sum)"
    },
    VerificationRule("inferred-type") { node, graph in
      if node.op == .input { return nil }
      do {
        let type = try inferType(of: node.op, inputs: node.inputs.map { graph[$0].type })
        return type == node.type ? nil : "its type is \(node.type); its inputs give \(type)"
      } catch {
        return "\(error)"
      }
    },
    VerificationRule("input-norm-unpadded") { node, _ in
      guard case .convolution(let conv) = node.op, conv.inputNorm != nil else { return nil }
      return conv.padding.isZero
        ? nil : "a convolution that pads cannot have a batch norm folded in from before it"
    },
    VerificationRule("projection-before-matrix") { node, _ in
      guard case .convolution(let conv) = node.op, let projection = conv.projection else {
        return nil
      }
      if projection.channels < 1 { return "its projection has no channels" }
      return conv.kernel == Extent(1) && conv.padding.isZero && conv.groups == 1
        && conv.inputNorm == nil
        ? nil : "only a 1×1 convolution without padding, groups or a norm can have a projection"
    },
    VerificationRule("factors-unpooled") { node, _ in
      guard case .convolution(let conv) = node.op, conv.epilogue.scales else { return nil }
      return conv.epilogue.maxPool == nil
        ? nil : "a convolution with factors cannot have a pool fused behind it"
    },
    VerificationRule("finite-constants") { node, _ in
      switch node.op {
      case .convolution(let conv):
        let norms =
          conv.outputNorms + (conv.inputNorm.map { [$0] } ?? []) + (conv.projection?.norms ?? [])
        return norms.compactMap(epsilonFault).first
      case .batchNorm(let batchNorm): return epsilonFault(batchNorm.norm)
      case .pad(let pad): return pad.value.isNaN ? "it pads with a value that is no number" : nil
      case .activation(let activation):
        return activation.constants.contains(where: \.isNaN)
          ? "a constant of it is no number" : nil
      default: return nil
      }
    },
    VerificationRule("unique-names") { graph in
      var seen: Set<String> = []
      for id in graph.nodeIDs {
        let name = graph[id].name
        if name.isEmpty { return .init(node: id, message: "it has no name") }
        if !seen.insert(name).inserted {
          return .init(node: id, message: "an earlier node has the same name")
        }
      }
      return nil
    },
    VerificationRule("one-shape-a-parameter") { graph in
      var shapes: [String: Shape] = [:]
      for id in graph.nodeIDs {
        for parameter in graph.parameters(of: graph[id]) {
          let known = shapes.updateValue(parameter.shape, forKey: parameter.name)
          if let known, known != parameter.shape {
            return .init(
              node: id,
              message: "it takes the parameter \(parameter.name) as \(parameter.shape), which "
                + "an earlier use takes as \(known)")
          }
        }
      }
      return nil
    },
  ]

  private static func epsilonFault(_ norm: Normalization) -> String? {
    norm.epsilon.isFinite && norm.epsilon >= 0
      ? nil : "the batch norm \(norm.weight) has the epsilon \(norm.epsilon)"
  }
}
