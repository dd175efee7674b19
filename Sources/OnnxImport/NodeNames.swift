import Foundation
import OnnxFiles

/// What the nodes of an ONNX graph are called: the paths of the modules that they were exported from,
/// such as `layer1.0.conv1`, where the file tells them.
struct NodeNames {
  private var names: [Int: String] = [:]

  init(of nodes: [OnnxNode], in graph: OnnxGraph) {
    let paths = nodes.map { ModulePath(of: $0, in: graph) }
    let modules = Set(paths.compactMap(\.module))
    var containers: Set<String> = []
    for module in modules {
      var end = module.endIndex
      while let dot = module[..<end].lastIndex(of: ".") {
        containers.insert(String(module[..<dot]))
        end = dot
      }
    }
    var owners: [String: Int] = [:]
    for path in paths where path.isMain {
      if let module = path.module { owners[module, default: 0] += 1 }
    }
    var users: [String: Int] = [:]
    for path in paths { if let module = path.module { users[module, default: 0] += 1 } }
    for (node, path) in zip(nodes, paths) {
      guard let module = path.module else {
        names[node.index] = path.fallback
        continue
      }
      let operation = node.opType.lowercased()
      if module.isEmpty {
        names[node.index] = operation
      } else if !containers.contains(module),
        users[module] == 1 || path.isMain && owners[module] == 1
      {
        names[node.index] = module
      } else {
        names[node.index] = module + "." + operation
      }
    }
  }

  func name(of node: OnnxNode) -> String { names[node.index] ?? node.opType.lowercased() }

  /// A name of letters, digits, underscores, hyphens and dots like one of the file; nil if nothing is left.
  static func cleaned(_ name: String) -> String? {
    let limit = 200
    var result = ""
    for scalar in name.unicodeScalars.prefix(limit) {
      switch scalar {
      case "a"..."z", "A"..."Z", "0"..."9", "_", "-": result.unicodeScalars.append(scalar)
      case "/", ".", ":": if !result.isEmpty, result.last != "." { result += "." }
      default: if result.last != "_" { result += "_" }
      }
    }
    while result.last == "." || result.last == "_" { result.removeLast() }
    return result.isEmpty ? nil : result
  }
}

/// Where in a model a node comes from.
private struct ModulePath {
  /// Empty for the model itself; nil if the file does not tell.
  var module: String?
  /// A name for the node if it does not.
  var fallback: String
  /// Whether the node is what its module is there for, and not an activation or rearrangement in it.
  var isMain: Bool

  init(of node: OnnxNode, in graph: OnnxGraph) {
    isMain = [
      "Conv", "BatchNormalization", "Gemm", "MatMul", "MaxPool", "AveragePool",
      "GlobalAveragePool", "GlobalMaxPool", "ReduceMean",
    ].contains(node.opType)
    module =
      Self.ofWeights(node, graph) ?? Self.scopes(node) ?? Self.torchScript(node)
    fallback =
      NodeNames.cleaned(node.name) ?? node.outputs.first.flatMap(NodeNames.cleaned)
      ?? "\(node.opType.lowercased())\(node.index)"
  }

  /// What the names of a node's weights begin with: `layer1.0.conv1` of `layer1.0.conv1.weight`.
  private static func ofWeights(_ node: OnnxNode, _ graph: OnnxGraph) -> String? {
    guard ["Conv", "BatchNormalization", "Gemm"].contains(node.opType), node.inputs.count > 1,
      graph.initializers[node.inputs[1]] != nil
    else { return nil }
    let ending = ".weight"
    guard node.inputs[1].hasSuffix(ending) else { return nil }
    return NodeNames.cleaned(String(node.inputs[1].dropLast(ending.count)))
  }

  /// PyTorch's dynamo exporter: `['', 'layer1', 'layer1.0', 'layer1.0.conv1', 'conv2d_1']`, from the
  /// model inwards, with the operation last.
  private static func scopes(_ node: OnnxNode) -> String? {
    guard let text = node.metadata["pkg.torch.onnx.name_scopes"] else { return nil }
    let parts = text.split(separator: "'", omittingEmptySubsequences: false).enumerated()
      .filter { $0.offset % 2 == 1 }.map { String($0.element) }
    guard parts.count >= 2 else { return nil }
    let module = parts[parts.count - 2]
    return module.isEmpty ? "" : NodeNames.cleaned(module)
  }

  /// PyTorch's TorchScript exporter: `/layer1/layer1.0/conv1/Conv`, where the children of a list of
  /// modules repeat its name.
  private static func torchScript(_ node: OnnxNode) -> String? {
    guard node.name.hasPrefix("/") else { return nil }
    let components = node.name.split(separator: "/").dropLast()
    var path: [Substring] = []
    for component in components {
      if let last = path.last, component.hasPrefix(last + ".") { path.removeLast() }
      path.append(component)
    }
    return path.isEmpty ? "" : NodeNames.cleaned(path.joined(separator: "."))
  }
}
