import Diagnostics
import GraphIR

/// Everything in which a file of weights differs from what a network needs.
public struct StateDictMismatch: Error, Equatable, CustomStringConvertible {
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
  /// Tensors the network needs and the file has not, in the network's order.
  public var missing: [ParameterSpec]
  /// Tensors the file has and the network does not use, in the file's order.
  public var surplus: [ParameterSpec]
  /// Tensors with another shape than the network needs, in the network's order.
  public var misshaped: [Misshaped]

  public init(
    path: String, missing: [ParameterSpec] = [], surplus: [ParameterSpec] = [],
    misshaped: [Misshaped] = []
  ) {
    self.path = path
    self.missing = missing
    self.surplus = surplus
    self.misshaped = misshaped
  }

  public var isEmpty: Bool { missing.isEmpty && surplus.isEmpty && misshaped.isEmpty }

  /// How many tensors of each kind the message lists; a file of another model differs in hundreds.
  private static let listed = 20

  public var description: String {
    var lines = ["\(path): the weights do not fit the network"]
    func list<Item>(_ items: [Item], _ line: (Item) -> String) {
      lines += items.prefix(Self.listed).map { "  " + line($0) }
      if items.count > Self.listed { lines.append("  … and \(items.count - Self.listed) more") }
    }
    list(misshaped) {
      "\"\($0.expected.name)\" has shape \($0.found) in the file and \($0.expected.shape) in the network"
    }
    list(missing) { parameter in
      let hint =
        nearestName(to: parameter, among: surplus).map { "; did you mean \"\($0)\"?" } ?? ""
      return "\"\(parameter.name)\" \(parameter.shape) is missing in the file" + hint
    }
    list(surplus) { "\"\($0.name)\" \($0.shape) is in the file and not in the network" }
    return lines.joined(separator: "\n")
  }
}

/// The name most like the parameter's, if one is like it: a name with the same end behind a prefix
/// (`module.conv1.weight`), or few edits away, where an equal shape goes before a closer spelling.
private func nearestName(to parameter: ParameterSpec, among others: [ParameterSpec]) -> String? {
  if let prefixed = others.first(where: { $0.name.hasSuffix("." + parameter.name) }) {
    return prefixed.name
  }
  let limit = max(2, parameter.name.utf8.count / 3)
  let near = others.compactMap { other -> (rank: (Int, Int), name: String)? in
    let distance = editDistance(Array(parameter.name.utf8), Array(other.name.utf8))
    guard distance <= limit else { return nil }
    return ((other.shape == parameter.shape ? 0 : 1, distance), other.name)
  }
  return near.min { $0.rank < $1.rank }?.name
}
