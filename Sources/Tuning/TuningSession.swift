import KernelPlanning

/// Decides what to measure next, from what the model predicts and what was measured so far.
///
/// A variant of the network computes every layer in one way, so that one measurement of it tells of
/// one candidate of every layer. Each layer's next candidate is the one that promises most: its
/// prediction, corrected by how far the model was off for the same method of the same layer. A layer
/// is done when nothing left promises to come near its best.
public struct TuningSession: Sendable {
  public let layers: [TunableLayer]
  public let threads: Int
  /// What was tried, also where the plan came out differently, by layer.
  private var tried: [String: Set<LayerConfiguration>] = [:]

  /// How much slower than the best a candidate may promise to be and still be measured: as much as
  /// corrected predictions are off.
  static let reach = 1.1
  /// What a method that was not measured yet is expected to do better than its prediction, so that
  /// each that has a chance gets it.
  static let optimism = 0.75

  public init(layers: [TunableLayer], threads: Int) {
    self.layers = layers
    self.threads = threads
  }

  /// The next variant, or nil if no layer has a candidate left.
  ///
  /// - Parameter record: what was measured so far.
  public mutating func nextVariant(_ record: TuneLog.Record) -> [ForcedConfiguration]? {
    var forced: [ForcedConfiguration] = []
    var isNew = false
    for layer in layers {
      let next = next(for: layer, record)
      if let next {
        tried[layer.key, default: []].insert(next.configuration)
        isNew = true
      }
      guard let option = next ?? best(of: layer, record) else { continue }
      forced += layer.nodes.map {
        ForcedConfiguration(
          pattern: $0, method: option.method, schedule: option.configuration.schedule,
          candidate: option.configuration.candidate)
      }
    }
    return isNew ? forced : nil
  }

  /// How many candidates are still worth a measurement, summed over the layers.
  public func remaining(_ record: TuneLog.Record) -> Int {
    layers.reduce(0) { $0 + promising($1, record).count }
  }

  private func next(for layer: TunableLayer, _ record: TuneLog.Record) -> TunableLayer.Option? {
    promising(layer, record).min { $0.promise < $1.promise }?.option
  }

  /// The candidates of a layer that were not tried and may be the fastest.
  private func promising(_ layer: TunableLayer, _ record: TuneLog.Record)
    -> [(option: TunableLayer.Option, promise: Double)]
  {
    let measured = layer.options.map {
      record.seconds(layer.key, $0.configuration, threads: threads)
    }
    let best = measured.compactMap(\.self).min() ?? .infinity
    var ratios: [String: [Double]] = [:]
    for (option, seconds) in zip(layer.options, measured) {
      if let seconds { ratios[option.method, default: []].append(seconds / option.predicted) }
    }
    // With nothing measured at all, only the order of predictions matters.
    let all = ratios.values.joined()
    let usual = all.isEmpty ? 1 : all.reduce(0, +) / Double(all.count)
    let tried = tried[layer.key] ?? []
    return zip(layer.options, measured).compactMap { option, seconds in
      guard seconds == nil, !tried.contains(option.configuration) else { return nil }
      let own = ratios[option.method].map { $0.reduce(0, +) / Double($0.count) }
      let promise = option.predicted * (own ?? usual * Self.optimism)
      return promise < best * Self.reach ? (option, promise) : nil
    }
  }

  private func best(of layer: TunableLayer, _ record: TuneLog.Record) -> TunableLayer.Option? {
    layer.options.map { option in
      (
        option,
        record.seconds(layer.key, option.configuration, threads: threads) ?? .infinity
      )
    }.min { $0.1 < $1.1 }?.0
  }
}
