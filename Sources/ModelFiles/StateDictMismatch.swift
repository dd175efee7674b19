import Diagnostics
import GraphIR

/// Everything in which a file of weights differs from what a network needs.
public struct StateDictMismatch: Error, Equatable, CustomStringConvertible {
  /// A tensor whose shape in the file is not the network's.
  public struct Misshaped: Equatable, Sendable {
    /// The tensor that the network needs.
    public var expected: ParameterSpec
    /// The shape that the file gives it.
    public var found: Shape

    public init(expected: ParameterSpec, found: Shape) {
      self.expected = expected
      self.found = found
    }
  }

  public var path: String
  /// What the names in the file begin with and the network's do not, such as `module.`. The tensors
  /// below are those that do not fit without it either.
  public var prefix: String?
  /// Tensors the network needs and the file has not, in the network's order.
  public var missing: [ParameterSpec]
  /// Tensors the file has and the network does not use, in the file's order.
  public var surplus: [ParameterSpec]
  /// Tensors with another shape than the network needs, in the network's order.
  public var misshaped: [Misshaped]

  public init(
    path: String, prefix: String? = nil, missing: [ParameterSpec] = [],
    surplus: [ParameterSpec] = [], misshaped: [Misshaped] = []
  ) {
    self.path = path
    self.prefix = prefix
    self.missing = missing
    self.surplus = surplus
    self.misshaped = misshaped
  }

  public var isEmpty: Bool {
    prefix == nil && missing.isEmpty && surplus.isEmpty && misshaped.isEmpty
  }

  /// How many tensors of each kind the message lists; a file of another model differs in hundreds.
  private static let listed = 10

  public var description: String {
    var lines = ["\(path): the weights do not fit the network"]
    if let prefix {
      lines.append(
        "  the names in the file begin with \"\(prefix)\", and the network's do not; save the file "
          + "without this prefix, in Python with "
          + "{name.removeprefix(\"\(prefix)\"): tensor for name, tensor in state_dict.items()}")
    }
    func list<Item>(_ items: [Item], _ line: (Item) -> String) {
      lines += items.prefix(Self.listed).map { "  " + line($0) }
      if items.count > Self.listed { lines.append("  … and \(items.count - Self.listed) more") }
    }
    list(misshaped) {
      "\"\($0.expected.name)\" has shape \($0.found) in the file and \($0.expected.shape) in the network"
    }
    list(missing) { parameter in
      let hint =
        nearestName(to: parameter, among: surplus, behind: prefix ?? "").map {
          "; did you mean \"\($0)\"?"
        } ?? ""
      return "\"\(parameter.name)\" \(parameter.shape) is missing in the file" + hint
    }
    list(surplus) { "\"\($0.name)\" \($0.shape) is in the file and not in the network" }
    return lines.joined(separator: "\n")
  }
}

/// The name most like the parameter's, if one of the same shape is like it: a name with the same end
/// behind a prefix (`module.conv1.weight`), or few edits away. A bias is not taken for a weight.
private func nearestName(
  to parameter: ParameterSpec, among others: [ParameterSpec], behind prefix: String
) -> String? {
  let candidates = others.filter {
    $0.shape == parameter.shape && areOfOneKind($0.name, parameter.name)
  }
  if let prefixed = candidates.first(where: { $0.name.hasSuffix("." + parameter.name) }) {
    return prefixed.name
  }
  let limit = max(2, parameter.name.utf8.count / 3)
  let near = candidates.map { other -> (distance: Int, name: String) in
    let name = other.name.hasPrefix(prefix) ? other.name.dropFirst(prefix.count) : other.name[...]
    return (distance: editDistance(Array(parameter.name.utf8), Array(name.utf8)), name: other.name)
  }
  return near.filter { $0.distance <= limit }.min { $0.distance < $1.distance }?.name
}

/// Whether two names may be of one kind: neither ends in another of PyTorch's words than the other, nor
/// belongs to another sort of layer. A word that is none of these may be misspelt.
private func areOfOneKind(_ a: String, _ b: String) -> Bool {
  func differ(_ a: Substring?, _ b: Substring?, among words: [Substring]) -> Bool {
    guard let a, let b, words.contains(a), words.contains(b) else { return false }
    return a != b
  }
  let (first, second) = (a.split(separator: "."), b.split(separator: "."))
  func layer(_ parts: [Substring]) -> Substring? {
    parts.dropLast().last?.prefix { $0.isLetter }
  }
  return !differ(
    first.last, second.last, among: ["weight", "bias", "running_mean", "running_var"])
    && !differ(layer(first), layer(second), among: ["conv", "bn", "norm", "fc", "linear"])
}
