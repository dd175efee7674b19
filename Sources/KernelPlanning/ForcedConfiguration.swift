import GraphIR
import MachineModel

/// A decision that is taken from the compiler: how the layers of certain names are computed.
public struct ForcedConfiguration: Hashable, Sendable, CustomStringConvertible {
  /// A layer's name, in which `*` stands for any characters and `?` for one.
  public var pattern: String
  /// A `Candidate.method`.
  public var method: String
  public var schedule: ScheduleChoice
  /// The `Candidate.name`, if the layouts are settled too.
  public var candidate: String?

  public init(
    pattern: String, method: String, schedule: ScheduleChoice = .free, candidate: String? = nil
  ) {
    self.pattern = pattern
    self.method = method
    self.schedule = schedule
    self.candidate = candidate
  }

  /// Reads `layer=algorithm`, `layer=algorithm:tile` or `layer=algorithm:tile:blocks`, where the
  /// tile may be empty; nil for anything else.
  public init?(_ text: String) {
    guard let equals = text.firstIndex(of: "=") else { return nil }
    let parts = text[text.index(after: equals)...]
      .split(separator: ":", omittingEmptySubsequences: false)
    guard equals > text.startIndex, (1...3).contains(parts.count), !parts[0].isEmpty else {
      return nil
    }
    self.init(pattern: String(text[..<equals]), method: String(parts[0]))
    if parts.count == 2 || parts.count == 3 && !parts[1].isEmpty {
      guard let tile = TileShape(parts[1]) else { return nil }
      schedule.tile = tile
    }
    if parts.count == 3 {
      guard let blocks = Int(parts[2]), blocks > 0 else { return nil }
      schedule.blocks = blocks
    }
  }

  public var description: String { "\(pattern)=\(configuration)" }

  /// What stands behind the equals sign.
  var configuration: String {
    let tile = schedule.tile?.description ?? ""
    if let blocks = schedule.blocks { return "\(method):\(tile):\(blocks)" }
    return tile.isEmpty ? method : "\(method):\(tile)"
  }

  /// Whether the pattern stands for a name.
  func matches(_ name: String) -> Bool {
    Self.matches(Array(pattern)[...], Array(name)[...])
  }

  private static func matches(_ pattern: ArraySlice<Character>, _ name: ArraySlice<Character>)
    -> Bool
  {
    // On a mismatch the last star takes one character more.
    var (p, n) = (pattern.startIndex, name.startIndex)
    var star: (pattern: Int, name: Int)?
    while n < name.endIndex {
      if p < pattern.endIndex, pattern[p] == "*" {
        star = (p, n)
        p += 1
      } else if p < pattern.endIndex, pattern[p] == "?" || pattern[p] == name[n] {
        (p, n) = (p + 1, n + 1)
      } else if let last = star {
        star = (last.pattern, last.name + 1)
        (p, n) = (last.pattern + 1, last.name + 1)
      } else {
        return false
      }
    }
    return pattern[p...].allSatisfy { $0 == "*" }
  }
}

extension Graph {
  /// The forced configuration of each node; the last that matches counts.
  ///
  /// - Throws: `PlanningError.noSuchLayer` for a pattern that stands for no layer with a choice.
  func forcedConfigurations(_ forced: [ForcedConfiguration]) throws -> [ForcedConfiguration?] {
    var result = [ForcedConfiguration?](repeating: nil, count: nodes.count)
    for configuration in forced {
      let matching = nodeIDs.filter {
        self[$0].op.hasAlgorithms && configuration.matches(self[$0].name)
      }
      guard !matching.isEmpty else {
        throw PlanningError.noSuchLayer(
          pattern: configuration.pattern,
          layers: nodeIDs.filter { self[$0].op.hasAlgorithms }.map { self[$0].name })
      }
      for id in matching { result[id.index] = configuration }
    }
    return result
  }
}

extension Op {
  /// Whether the operation is computed by matrix kernels, which have algorithms and tiles.
  var hasAlgorithms: Bool {
    switch self {
    case .convolution, .linear: true
    default: false
    }
  }
}
