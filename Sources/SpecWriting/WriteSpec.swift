import Diagnostics
import GraphIR
import SpecLanguage

/// A network in the spec language.
public struct WrittenSpec: Equatable, Sendable {
  /// The text of the spec file, in canonical form.
  public var text: String
  /// For each tensor that the spec asks for, the name of the graph's tensor that it is.
  ///
  /// A tensor that several operations of the graph share appears under several names.
  public var tensorNames: [String: String]
  /// The tensors that the spec asks for, in order of first use.
  public var parameters: [ParameterSpec]
}

/// Writes a network as a spec that a person could have written: blocks that occur several times are
/// defined once, and stages are loops.
///
/// Elaborating the text gives the graph again, up to the names of nodes and tensors and the order of
/// independent nodes. Where the graph's names are those of a hierarchy of modules, as in a PyTorch
/// state dict, the spec has the same; otherwise names are made up in the order of the network. The
/// extent in dimension 0 becomes the parameter `batch`, that of a square image the parameter `size`.
///
/// ```swift
/// let spec = try writeSpec(model, origin: "resnet18.onnx")
/// ```
///
/// - Parameters:
///   - model: a network before any pass: nothing is fused yet.
///   - origin: the file that the network came from, for the comment at the top.
/// - Throws: `SpecWritingError`.
public func writeSpec(_ model: Model, origin: String? = nil) throws -> WrittenSpec {
  let graph = Idioms.contracted(model.graph)
  guard let input = graph.inputs.first, graph.inputs.count == 1 else {
    throw SpecWritingError.unsuitable(
      reason: "it has \(graph.inputs.count) inputs, where a spec has one")
  }
  guard !graph.outputs.isEmpty, !graph.outputs.contains(input) else {
    throw SpecWritingError.unsuitable(reason: "it returns its input or nothing at all")
  }
  let dependsOnInput = graph.dependsOnInput
  let calls = try graph.nodeIDs.map { id in
    try id == input
      ? nil
      : OperationCall(
        id, in: graph, batch: graph[input].type.shape.batch, dependsOnInput: dependsOnInput)
  }
  let trunk = Trunk(graph, input: input, dependsOnInput: dependsOnInput)
  let families = BlockFamilies(
    BlockSearch(graph, calls: calls, trunk: trunk).items, in: graph, calls: calls)
  let network = NamedNetwork(graph, calls: calls, families: families)
  let text = SpecText(model, graph: graph, input: input, calls: calls, network: network)
    .text(origin: origin)
  var tensorNames: [String: String] = [:]
  for (id, path) in network.paths {
    for tensor in calls[id.index]?.tensors ?? [] {
      tensorNames[path + tensor.suffix] = tensor.name
    }
  }
  return try checked(text, as: model.graph, tensorNames: tensorNames)
}

/// Brings the text into canonical form and makes sure that it is the network.
private func checked(
  _ text: String, as graph: Graph, tensorNames: [String: String]
) throws -> WrittenSpec {
  let path = "\(graph.name).spec"
  guard let canonical = formatSpec(SourceFile(path: path, text: text)).text else {
    throw SpecWritingError.notReproduced(reason: "it has a syntax error")
  }
  let compilation = compileSpec(path: path) { _ in canonical }
  guard let again = compilation.model?.graph else {
    // It is larger than the language allows.
    throw SpecWritingError.unsuitable(reason: compilation.diagnostics.first?.message ?? "")
  }
  guard try isSameNetwork(again, as: graph, tensorNames: tensorNames) else {
    throw SpecWritingError.notReproduced(reason: "it elaborates to another graph")
  }
  return WrittenSpec(text: canonical, tensorNames: tensorNames, parameters: again.parameters())
}
