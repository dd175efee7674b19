/// Why a graph cannot be written as a spec.
public enum SpecWritingError: Error, Equatable, CustomStringConvertible {
  /// A node does what no call of the language says.
  case inexpressible(node: String, reason: String)
  /// The graph as a whole has something that no spec can have.
  case unsuitable(reason: String)
  /// What was written would be another network: a fault of this program.
  case notReproduced(reason: String)

  public var description: String {
    switch self {
    case .inexpressible(let node, let reason):
      "'\(node)' cannot be written in the spec language: \(reason)"
    case .unsuitable(let reason):
      "the network cannot be written in the spec language: \(reason)"
    case .notReproduced(let reason):
      "the spec that was written for the network is not the same network: \(reason)"
    }
  }
}
