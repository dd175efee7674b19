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
  /// below are those that do not fit without it either; in `surplus` they have it.
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
    missing.isEmpty && surplus.isEmpty && misshaped.isEmpty
  }

  /// How many tensors of each kind the message lists; a file of another model differs in hundreds.
  private static let listed = 10

  public var description: String {
    var lines = ["\(path): the weights do not fit the network"]
    if let prefix {
      lines.append(
        "  the \"\(prefix)\" that the names in the file begin with is passed over; what else differs:"
      )
    }
    func list<Item>(_ items: [Item], _ line: (Item) -> String) {
      lines += items.prefix(Self.listed).map { "  " + line($0) }
      if items.count > Self.listed { lines.append("  … and \(items.count - Self.listed) more") }
    }
    list(misshaped) {
      "\"\($0.expected.name)\" has shape \($0.found) in the file and \($0.expected.shape) in the network"
    }
    let listedMissing = Array(missing.prefix(Self.listed))
    let nearest = NearestTensors(surplus, behind: prefix ?? "").names(of: listedMissing)
    list(Array(missing.enumerated())) { index, parameter in
      let hint = index < nearest.count ? nearest[index] : nil
      return "\(inBlock(parameter)) is missing in the file"
        + (hint.map { "; did you mean \(inBlock($0))?" } ?? "")
    }
    list(surplus) { "\"\($0.name)\" \($0.shape) is in the file and not in the network" }
    if let (wanted, found) = zip(listedMissing, nearest).lazy.compactMap({ wanted, found in
      found.map { (wanted, $0) }
    }).first {
      let rule = renameRule(from: found, to: (prefix ?? "") + wanted.name)
      lines.append("  --rename 'pattern=replacement' changes names of the file: --rename '\(rule)'")
    }
    if missing.isEmpty, misshaped.isEmpty, let first = surplus.first {
      let pattern = first.name.replacing(".", with: "\\.")
      lines.append(
        "  --rename 'pattern=' leaves out what the network has no use for: "
          + "--rename '^\(pattern)$='")
    }
    return lines.joined(separator: "\n")
  }
}

/// A tensor with its shape and the block that it belongs to.
private func inBlock(_ parameter: ParameterSpec) -> String {
  "\"\(parameter.name)\" \(parameter.shape)"
    + (block(ofTensor: parameter.name).map { " of block \($0)" } ?? "")
}

/// A tensor and the block that it belongs to.
private func inBlock(_ name: String) -> String {
  "\"\(name)\"" + (block(ofTensor: name).map { " of block \($0)" } ?? "")
}
