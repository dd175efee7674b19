/// How a network's layers are computed in the plan that was the fastest of several timed as wholes.
///
/// A layer takes another time among other neighbours, and of many ways that are equally fast chance has
/// one measured as the fastest. So in the network that a plan was proved for, what single layers promise
/// beyond it does not count.
public struct ProvenPlan: Equatable, Sendable, Codable {
  /// `Graph.name`.
  public var network: String
  /// `Accuracy.rawValue`.
  public var accuracy: String
  public var threads: Int
  /// Texts of configurations by `Graph.layerKey`, ascending. More than one where layers of one shape
  /// are computed differently.
  public var layers: [String: [String]]

  public init(network: String, accuracy: Accuracy, threads: Int, layers: [String: [String]]) {
    self.network = network
    self.accuracy = accuracy.rawValue
    self.threads = threads
    self.layers = layers
  }

  /// The plan that some steps are.
  public init(network: String, accuracy: Accuracy, threads: Int, steps: [MeasurableStep]) {
    let ways = Dictionary(
      steps.map { ($0.layer, Set([$0.configuration.description])) },
      uniquingKeysWith: { $0.union($1) })
    self.init(
      network: network, accuracy: accuracy, threads: threads, layers: ways.mapValues { $0.sorted() }
    )
  }

  /// Whether another plan is for the same network, accuracy and number of threads.
  public func isAlike(_ other: Self) -> Bool {
    network == other.network && accuracy == other.accuracy && threads == other.threads
  }
}
