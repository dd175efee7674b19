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

/// The names of one block's instances and of what is in them.
struct BlockNames {
  /// The path of each instance; `nil` where names must be made up.
  var prefixes: [String]?
  /// The label of each node of the template that has tensors.
  var labels: [Int: String]

  /// The names that the paths of the nodes have, if they agree in all instances.
  init?(keeping paths: [NodeID: String], of template: BlockTemplate) {
    let nodes = template.nodes.indices.filter { index in
      template.anyMember(index).map { paths[$0] != nil } ?? false
    }
    func segments(_ node: Int, _ instance: Int) -> [Substring]? {
      template.nodes[node].members[instance].flatMap { paths[$0] }?.split(separator: ".")
    }
    // As much of a path lies within the instance as one instance at least needs.
    guard let reference = nodes.first(where: { template.isCommon($0) }) else { return nil }
    let depths = template.regions.indices.map { instance -> Int in
      let all = nodes.compactMap { segments($0, instance)?.dropLast() }
      let common = all.dropFirst().reduce(all.first.map { Array($0) } ?? []) { common, path in
        zip(common, path).prefix { $0 == $1 }.map(\.0)
      }
      return (segments(reference, instance)?.count ?? 0) - common.count
    }
    var depth = depths.max() ?? 1
    func prefixes(_ depth: Int) -> [[Substring]] {
      template.regions.indices.map { (segments(reference, $0) ?? []).dropLast(depth) }
    }
    // In `conv.0.0` and `conv.1` the numbers mean nothing without what they count.
    let startsWithNumber = nodes.contains { node in
      template.regions.indices.contains { instance in
        let prefix = prefixes(depth)[instance].count
        return segments(node, instance)?.dropFirst(prefix).first?.first?.isNumber ?? false
      }
    }
    let parents = Set(prefixes(depth).map(\.last))
    if startsWithNumber, parents.count == 1, prefixes(depth).allSatisfy({ $0.count > 1 }) {
      depth += 1
    }
    let prefixes = prefixes(depth).map { $0.joined(separator: ".") }
    guard !prefixes.contains(""), Paths.areUsable(prefixes) else { return nil }
    var labels: [Int: String] = [:]
    for node in nodes {
      for (instance, prefix) in prefixes.enumerated() {
        guard let id = template.nodes[node].members[instance], let path = paths[id] else {
          continue
        }
        guard path.hasPrefix(prefix + ".") else { return nil }
        let label = String(path.dropFirst(prefix.count + 1))
        guard labels[node] ?? label == label else { return nil }
        labels[node] = label
      }
    }
    guard Set(labels.values).count == labels.count else { return nil }
    self.prefixes = prefixes
    self.labels = labels
  }

  /// Made-up labels: `conv1`, `bn1`, …; `downsample.0`, … on a way that only some instances have;
  /// `se.fc1`, … where the image is one pixel.
  init(inventingFor template: BlockTemplate, in graph: Graph, calls: [OperationCall?]) {
    prefixes = nil
    labels = [:]
    var counts: [String: Int] = [:]
    var exclusive = 0
    for (index, node) in template.nodes.enumerated() {
      guard case .call = node.kind, let id = template.anyMember(index),
        let call = calls[id.index], call.hasLabel
      else { continue }
      if !template.isCommon(index) {
        labels[index] = "downsample.\(exclusive)"
        exclusive += 1
        continue
      }
      let operand = graph[id].inputs.first.map { graph[$0].type.shape }
      let isGate = operand.map { $0.height * $0.width == 1 } ?? false
      let isWide = graph[template.regions[0].entry].type.shape.height > 1
      let name = isGate && isWide && call.callee != "bn" ? "se.fc" : inventedName(call)
      counts[name, default: 0] += 1
      labels[index] = name + "\(counts[name] ?? 1)"
    }
  }
}

/// What an operation is called where nothing tells.
func inventedName(_ call: OperationCall) -> String {
  switch call.callee {
  case "linear": "fc"
  case "parameter": "constant"
  default: call.callee
  }
}
