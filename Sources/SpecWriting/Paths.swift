import GraphIR

/// The path of each node with tensors, such as `layer1.0.conv1`, where the graph has good ones.
///
/// Tensors are asked first: `layer1.0.conv1.weight` is the weight of a module, as in a PyTorch state
/// dict. Nodes come next, which exporters name by their modules.
struct Paths {
  /// `nil` if some node has no path, or two have the same.
  static func kept(in graph: Graph, calls: [OperationCall?]) -> [NodeID: String]? {
    let labelled = graph.nodeIDs.filter { calls[$0.index]?.hasLabel ?? false }
    let byTensor = labelled.map { calls[$0.index].flatMap(path) }
    // Exporters let modules share tensors that happen to be equal, and then one name stands for all.
    let uses = Dictionary(byTensor.compactMap { $0 }.map { ($0, 1) }, uniquingKeysWith: +)
    var paths: [NodeID: String] = [:]
    for (id, tensor) in zip(labelled, byTensor) {
      let isOwn = tensor.map { uses[$0] == 1 } ?? false
      guard let path = isOwn ? tensor : asPath(graph[id].name) ?? tensor else { return nil }
      paths[id] = path
    }
    return areUsable(Array(paths.values)) ? paths : nil
  }

  private static func path(of call: OperationCall) -> String? {
    for tensor in call.tensors where tensor.name.hasSuffix(tensor.suffix) {
      if let path = asPath(String(tensor.name.dropLast(tensor.suffix.count))) { return path }
    }
    return nil
  }

  /// The name as a path, with `_` for the hyphens that modules may have in their names.
  private static func asPath(_ name: String) -> String? {
    let path = name.replacing("-", with: "_")
    return isPath(path) ? path : nil
  }

  /// Letters, digits and `_` in segments between dots, and not too long for a label.
  static func isPath(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= 200
      && text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { segment in
        !segment.isEmpty
          && segment.unicodeScalars.allSatisfy {
            ("a"..."z").contains($0) || ("A"..."Z").contains($0) || ("0"..."9").contains($0)
              || $0 == "_"
          }
      }
  }

  /// Whether no path stands twice or is what the language itself would call an operation without
  /// tensors, such as `add_1`.
  static func areUsable(_ paths: [String]) -> Bool {
    Set(paths).count == paths.count && !paths.contains(where: isAutomatic)
  }

  private static let automaticNames: Set<String> = [
    "relu", "leakyrelu", "clip", "sigmoid", "hardsigmoid", "add", "mul", "maxpool", "avgpool",
    "globalavgpool", "padchannels", "pad", "reshape", "transpose", "expand", "concat", "flatten",
    "softmax", "input",
  ]

  private static func isAutomatic(_ path: String) -> Bool {
    guard let last = path.split(separator: ".").last else { return true }
    let parts = last.split(separator: "_", omittingEmptySubsequences: false)
    let hasNumber = parts.count == 2 && parts[1].allSatisfy(\.isNumber)
    return automaticNames.contains(String(last))
      || hasNumber && automaticNames.contains(String(parts[0]))
  }
}

/// A label as it is written: a number in front would be read as a real one with what follows it.
func writtenLabel(_ path: String) -> String {
  guard let first = path.split(separator: ".").first, let digit = first.utf8.first,
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit)
  else { return path }
  let rest = path.dropFirst(first.count)
  let isNumber = first.allSatisfy(\.isNumber) && (first == "0" || digit != UInt8(ascii: "0"))
  return (isNumber ? "{\(first)}" : "{\"\(first)\"}") + rest
}
