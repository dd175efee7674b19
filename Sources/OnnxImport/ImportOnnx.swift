import GraphIR
import OnnxFiles

/// A network from an ONNX file with its weights.
public struct ImportedModel: Sendable {
  public var model: Model
  public var weights: ImportedWeights
  /// The results under the names that the file gives them, in order.
  public var outputNames: [String]
}

/// Turns the graph of an ONNX file into a model.
///
/// What depends on no input is computed here: the arithmetic on shapes that exporters leave behind,
/// and constants. Nodes that reach no output are passed over, whatever they are.
///
/// - Parameters:
///   - name: what the model is called; without it, what the file is called.
///   - settings: extents of dimensions that the file leaves open, by their names in the file; `batch`
///     is the first dimension of the input, which is 1 where the file leaves it open.
/// - Throws: `OnnxImportError`, or `OnnxFileError` where a tensor that is needed cannot be read.
public func importOnnx(
  _ model: OnnxModel, name: String? = nil, settings: [String: String] = [:]
) throws -> ImportedModel {
  var importer = OnnxImporter(model, name: name ?? modelName(ofFile: model.path))
  try importer.run(settings: settings)
  return try importer.finish()
}

/// A file's name without its folder and ending, of letters, digits, underscores and hyphens; exporters
/// give all graphs one name.
private func modelName(ofFile path: String) -> String {
  let file = path.split(separator: "/").last ?? ""
  let base = file.lowercased().hasSuffix(".onnx") ? file.dropLast(".onnx".count) : file
  let name = String(
    base.unicodeScalars.prefix(100).map { scalar in
      switch scalar {
      case "a"..."z", "A"..."Z", "0"..."9", "_", "-": Character(scalar)
      default: "_"
      }
    })
  return name.contains { $0.isLetter || $0.isNumber } ? name : "network"
}

/// One import. Values of the ONNX graph are known by their names, in the order of its nodes.
struct OnnxImporter {
  private let model: OnnxModel
  private let live: LiveNodes
  private let names: NodeNames
  private(set) var builder: GraphBuilder
  private(set) var values: [String: ImportedValue] = [:]
  /// Names of values that are not there: because a bias was added to them, or because nobody reads them.
  private var absent: Set<String> = []

  init(_ model: OnnxModel, name: String) {
    self.model = model
    live = LiveNodes(of: model.graph)
    names = NodeNames(of: live.nodes, in: model.graph)
    builder = GraphBuilder(name: name)
  }

  /// Imports every node that reaches an output.
  ///
  /// - Parameter needsInput: whether a graph of constants alone is refused.
  mutating func run(settings: [String: String], needsInput: Bool = true) throws {
    try checkOperations()
    guard model.graph.outputs.count <= Self.maximalOutputs else {
      throw OnnxImportError.tooManyOutputs(
        path: model.path, model.graph.outputs.count, allowed: Self.maximalOutputs)
    }
    for (name, tensor) in model.graph.initializers where live.values.contains(name) {
      guard tensor.shape.isComputable else {
        throw OnnxImportError.unsuitableWeight(
          path: model.path, tensor: name, "has the shape \(tensor.shape), which is too large")
      }
      values[name] = .constant(ConstantTensor(tensor, name: name))
    }
    if needsInput || !model.graph.inputs.isEmpty { try addInput(settings: settings) }
    for node in live.nodes { try importNode(node) }
  }

  /// The model that the outputs make.
  mutating func finish() throws -> ImportedModel {
    guard !model.graph.outputs.isEmpty else {
      throw OnnxImportError.unsuitableInput(path: model.path, "the graph has no output")
    }
    var outputs: [NodeID] = []
    for output in model.graph.outputs {
      func unsuitable(_ reason: String) -> OnnxImportError {
        .unsuitableOutput(path: model.path, output: quoted(output.name), reason)
      }
      guard case .node(let id)? = values[output.name] else {
        throw unsuitable("does not depend on the input")
      }
      outputs.append(id)
    }
    builder.weights.path = model.path
    let (graph, weights, named) = builder.finish(
      outputs: outputs,
      values: values.compactMapValues { if case .node(let id) = $0 { id } else { nil } })
    return ImportedModel(
      model: Model(
        graph: graph, outputNames: model.graph.outputs.map(\.name),
        // Nodes without a name are called as their results are.
        values: graph.valuesByNodeName.filter { !absent.contains($0.key) }
          .merging(named.filter { graph[$0.value].op != .input }) { node, _ in node }),
      weights: weights,
      outputNames: model.graph.outputs.map(\.name))
  }

  /// Each is a parameter of the functions that are generated.
  private static let maximalOutputs = 256

  /// Refuses what nobody knows, all of it at once, so that a user sees how far a model is.
  private func checkOperations() throws {
    var unknown: [UnknownOperation] = []
    var places: [String: Int] = [:]
    for node in live.nodes
    where !node.domain.isEmpty || OnnxOperator.named(node.opType) == nil {
      if let place = places[node.operation] {
        unknown[place].count += 1
      } else {
        places[node.operation] = unknown.count
        unknown.append(
          UnknownOperation(operation: node.operation, count: 1, example: node.label))
      }
    }
    guard unknown.isEmpty else {
      throw OnnxImportError.unknownOperations(path: model.path, opset: model.opset, unknown)
    }
  }

  private mutating func addInput(settings: [String: String]) throws {
    let inputs = model.graph.inputs.filter { live.values.contains($0.name) }
    let candidates = inputs.isEmpty ? model.graph.inputs : inputs
    guard candidates.count == 1 else {
      let list = candidates.map { quoted($0.name) }.joined(separator: ", ")
      throw OnnxImportError.unsuitableInput(
        path: model.path,
        candidates.isEmpty
          ? "the graph has no input"
          : "the graph has \(candidates.count) inputs, \(list); models with one are understood")
    }
    let input = InputShape(candidates[0], path: model.path)
    let shape = try input.resolved(settings)
    if let declared = input.declaredBatch, declared != shape.batch {
      builder.replacedBatch = (declared, shape.batch)
    }
    do {
      let id = try builder.addInput(shape, name: NodeNames.cleaned(candidates[0].name) ?? "input")
      values[candidates[0].name] = .node(id)
    } catch let fault as NodeFault {
      throw OnnxImportError.unsuitableInput(
        path: model.path, "the input \(quoted(candidates[0].name)): \(fault.reason)")
    }
  }

  private mutating func importNode(_ node: OnnxNode) throws {
    guard let known = OnnxOperator.named(node.opType) else { return }
    guard node.inputs.count <= known.inputs else {
      throw OnnxImportError.refusedNode(
        path: model.path, node: node.label, opset: model.opset,
        "it has \(node.inputs.count) inputs, and at most \(known.inputs) are understood")
    }
    let call = NodeCall(
      node: node, opset: model.opset,
      inputs: node.inputs.map { $0.isEmpty ? nil : values[$0] },
      usedOutputs: node.outputs.map { live.readers[$0, default: 0] > 0 },
      name: names.name(of: node))
    builder.name = call.name
    do {
      for attribute in node.attributes where !known.attributes.contains(attribute.name) {
        throw NodeFault(
          "the attribute \(quoted(attribute.name)) is not understood; "
            + (known.attributes.isEmpty
              ? "it takes none" : "it takes \(known.attributes.joined(separator: ", "))"))
      }
      let operands = zip(node.inputs, call.inputs).compactMap {
        name, value -> (String, NodeID, Op)? in
        guard case .node(let id)? = value else { return nil }
        return (name, id, builder.graph[id].op)
      }
      let results = try known.handler(call, &builder)
      // An operand that became the result, with a bias, is no longer there under its own name.
      for (name, id, op) in operands where builder.graph[id].op != op {
        values[name] = nil
        absent.insert(name)
      }
      for (output, result) in zip(node.outputs, results) where !output.isEmpty {
        guard let result else {
          absent.insert(output)
          continue
        }
        values[output] = result
        if case .node(let id) = result {
          builder.readers[id, default: 0] += live.readers[output, default: 0]
        }
      }
    } catch let fault as NodeFault {
      throw OnnxImportError.refusedNode(
        path: model.path, node: node.label, opset: model.opset, fault.reason)
    }
  }
}

/// The nodes of a graph that reach an output, and who reads what.
struct LiveNodes {
  /// In order.
  private(set) var nodes: [OnnxNode] = []
  /// The names of the values that those nodes and the outputs read.
  private(set) var values: Set<String> = []
  /// How many times those nodes read a value; outputs count.
  private(set) var readers: [String: Int] = [:]

  init(of graph: OnnxGraph) {
    for output in graph.outputs { readers[output.name, default: 0] += 1 }
    // Nodes stand behind those that they read.
    for node in graph.nodes.reversed() where node.outputs.contains(where: { readers[$0] != nil }) {
      nodes.append(node)
      for input in node.inputs where !input.isEmpty { readers[input, default: 0] += 1 }
    }
    nodes.reverse()
    values = Set(readers.keys)
  }
}
