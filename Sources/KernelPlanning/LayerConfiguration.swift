/// One way to compute a layer, complete: layouts, method, tile, blocks and the threads' split.
///
/// Its text is what a tuning log holds: `nhwc winograd4 6x1x64 blocks=8 split=2x1`.
public struct LayerConfiguration: Hashable, Sendable, CustomStringConvertible {
  /// `Candidate.name`. Candidates that this compiler does not know are kept as they are.
  public var candidate: String
  public var schedule: ScheduleChoice

  public init(candidate: String, schedule: ScheduleChoice) {
    self.candidate = candidate
    self.schedule = schedule
  }

  /// Reads what `description` writes; nil for anything else.
  public init?(_ text: String) {
    let words = text.split(separator: " ", omittingEmptySubsequences: false)
    guard words.count >= 2, !words[0].isEmpty, !words[1].isEmpty else { return nil }
    self.init(candidate: words[0...1].joined(separator: " "), schedule: .free)
    for word in words.dropFirst(2) {
      if let tile = TileShape(word) {
        schedule.tile = tile
      } else if word.hasPrefix("blocks="), let blocks = Int(word.dropFirst(7)), blocks > 0 {
        schedule.blocks = blocks
      } else if word.hasPrefix("split="), let split = ThreadSplit(word.dropFirst(6)) {
        schedule.split = split
      } else {
        return nil
      }
    }
    guard description == text else { return nil }
  }

  public var description: String {
    [
      candidate, schedule.tile?.description, schedule.blocks.map { "blocks=\($0)" },
      schedule.split.map { "split=\($0)" },
    ].compactMap(\.self).joined(separator: " ")
  }
}

extension ThreadSplit {
  /// More than the threads of any machine that plans are made for.
  private static let mostParts = 1024

  /// Reads `2x1`.
  init?(_ text: some StringProtocol) {
    let numbers = text.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
    guard numbers.count == 2, let first = numbers[0], let second = numbers[1],
      (1...Self.mostParts).contains(first), (1...Self.mostParts).contains(second)
    else { return nil }
    self.init(first: first, second: second)
  }
}

extension Candidate {
  /// The layouts and the method: `nhwc winograd4`, or `nchw:nhwc direct` where they differ.
  public var name: String {
    (input == output ? input.rawValue : "\(input.rawValue):\(output.rawValue)") + " " + method
  }
}

/// Seconds that layers took on one machine with one number of threads, in whole inferences.
public struct LayerMeasurements: Equatable, Sendable {
  /// The least seconds that one configuration of a layer took.
  public struct Entry: Equatable, Sendable {
    public var configuration: LayerConfiguration
    public var seconds: Double

    public init(configuration: LayerConfiguration, seconds: Double) {
      self.configuration = configuration
      self.seconds = seconds
    }
  }

  /// The entries of each layer, by `Graph.layerKey`.
  public var layers: [String: [Entry]]
  /// Whole plans that proved the fastest with the same number of threads.
  public var plans: [ProvenPlan]

  public init(plans: [ProvenPlan] = [], layers: [String: [Entry]] = [:]) {
    self.plans = plans
    self.layers = layers
  }

  /// The ways that each layer is computed in by the proven plan of a network.
  func proven(_ network: String, _ accuracy: Accuracy) -> [String: Set<String>] {
    let plan = plans.first { $0.network == network && $0.accuracy == accuracy.rawValue }
    return plan?.layers.mapValues { Set($0) } ?? [:]
  }

  /// The fastest way that was measured for a candidate of a layer, among those that `allows` lets
  /// pass; one that is proven before others, and of equally fast ones the first by its text.
  func best(
    _ layer: String, _ candidate: Candidate, proven: Set<String> = [],
    where allows: (ScheduleChoice) -> Bool = { _ in true }
  ) -> Entry? {
    func rank(_ entry: Entry) -> (Int, Double, String) {
      let text = entry.configuration.description
      return (proven.contains(text) ? 0 : 1, entry.seconds, text)
    }
    return layers[layer]?.filter {
      $0.configuration.candidate == candidate.name && allows($0.configuration.schedule)
    }.min { rank($0) < rank($1) }
  }
}
