import Foundation
import KernelPlanning
import Tuning

/// What tuning found, for a person.
struct TuneReport {
  var tuning: NetworkTuning
  var result: NetworkTuning.Comparison?
  var path: String

  var text: String {
    var table = TextTable([
      ("layer", .left), ("model's choice", .left), ("µs", .right), ("fastest", .left),
      ("µs", .right), ("tried", .right),
    ])
    let measurements = tuning.record.measurements(threads: tuning.threads)
    for layer in tuning.session.layers {
      let known = Set(layer.options.map(\.configuration))
      let entries = (measurements.layers[layer.key] ?? []).filter {
        known.contains($0.configuration)
      }
      guard let first = layer.options.first,
        let best = entries.min(by: { $0.seconds < $1.seconds })
      else { continue }
      let predicted = tuning.record.seconds(
        layer.key, first.configuration, threads: tuning.threads)
      table.append([
        layer.nodes[0] + (layer.nodes.count > 1 ? " and \(layer.nodes.count - 1) more" : ""),
        first.configuration.description, predicted.map(microseconds) ?? "",
        best.configuration.description, microseconds(best.seconds), "\(entries.count)",
      ])
    }
    return table.text() + "\n" + summary
  }

  private var summary: String {
    var table = TextTable([.left, .left])
    table.append([
      "measured",
      "\(tuning.variants) variants of the network, \(tuning.threads) thread(s), "
        + "\(Show.fixed(tuning.elapsed, 0)) s",
    ])
    if !tuning.forced.isEmpty {
      table.append([
        "forced",
        tuning.forced.map(\.description).joined(separator: ", ") + ", not tuned",
      ])
    }
    let remaining = tuning.session.remaining(tuning.record)
    table.append([
      "left",
      remaining == 0 ? "nothing that promises more" : "\(remaining) candidates; run it again",
    ])
    if let result {
      table.append([
        "network",
        "\(Show.milliseconds(result.modelAlone.minimum)) ms by the model alone, "
          + "\(Show.milliseconds(result.tuned.minimum)) ms tuned",
      ])
    }
    table.append(["log", path])
    return table.text()
  }

  private func microseconds(_ seconds: Double) -> String { Show.fixed(seconds * 1e6, 1) }
}

/// What is shown while tuning: a bar on a terminal, a line a round elsewhere.
struct TuneProgress {
  var network: String
  var budget: Double
  private let line = Progress()
  private static let width = 24

  init(network: String, budget: Double) {
    self.network = network
    self.budget = budget
  }

  func show(_ text: String) { line.show(text) }
  func clear() { line.clear() }

  func report(_ round: NetworkTuning.Round) {
    let state =
      "\(round.variants) variants, layers \(Show.milliseconds(round.best)) ms, "
      + "\(round.remaining) candidates left, \(Show.fixed(round.elapsed, budget < 10 ? 1 : 0)) of \(TimeBudget(seconds: budget))"
    guard Terminal.isInteractive else {
      Terminal.writeError("tuning \(network): \(state)\n")
      return
    }
    let filled = Int(min(round.elapsed / budget, 1) * Double(Self.width))
    let bar =
      String(repeating: "█", count: filled) + String(repeating: "░", count: Self.width - filled)
    line.show("tuning \(network) \(bar) \(state)")
  }
}
