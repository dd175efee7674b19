import GraphIR
import KernelPlanning
import ResNetCompiler

/// What layout selection weighed: every candidate of every node with its predicted cost.
struct LayoutsReport {
  var network: CompiledNetwork

  private var report: LayoutReport { network.layoutReport }
  private static let lineLength = 110

  var text: String {
    let threads = network.plan.threads
    var lines = [
      "layouts of \(network.plan.modelName): predicted µs on "
        + (threads == 1 ? "one thread" : "\(threads) threads")
    ]
    lines.append("  *chosen, °in the runner-up, ! measured rather than predicted")
    for row in report.rows {
      let chosen = row.candidates[row.choice]
      lines.append("\(row.name): \(chosen)")
      lines += wrapped(
        row.candidates.indices.map { index in
          let mark =
            index == row.choice ? "*" : index == row.runnerUp ? "°" : ""
          return mark + "\(row.candidates[index]) \(microseconds(row.seconds[index]))"
            + (row.isMeasured[index] ? "!" : "")
        })
    }
    lines.append("")
    lines.append(
      report.conversions.isEmpty ? "no conversions between layouts" : "conversions between layouts:"
    )
    for conversion in report.conversions {
      lines.append(
        "  \(name(conversion.from)) → \(name(conversion.to)): \(microseconds(conversion.seconds)) µs"
      )
    }
    lines.append("")
    lines += totals
    return lines.map { $0 + "\n" }.joined()
  }

  private var totals: [String] {
    var lines = [
      "choice     \(microseconds(report.seconds)) µs, \(megabytes(report.addedWeightBytes))"
    ]
    if let runnerUp = report.runnerUpSeconds {
      let differing = report.rows.filter { $0.choice != $0.runnerUp }.map { row in
        "\(row.name) as \(row.candidates[row.runnerUp])"
      }
      let surplus = (runnerUp / report.seconds - 1) * 100
      lines.append(
        "runner-up  \(microseconds(runnerUp)) µs (\(surplus < 0 ? "" : "+")\(Show.fixed(surplus, 3)) %), "
          + "\(megabytes(report.runnerUpAddedWeightBytes ?? 0)):")
      lines += wrapped(differing)
    } else {
      lines.append("runner-up  none: there is no other assignment")
    }
    let statistics = report.statistics
    let proof =
      statistics.branches == 0
      ? "by reductions alone"
      : "with \(statistics.branches) branches, \(statistics.cutBranches) of them cut by a bound"
    let exactness =
      "solved \(proof) (R0 \(statistics.r0), RI \(statistics.rI), RII \(statistics.rII))"
    if report.secondsPerByte > 0 {
      lines += [
        "The runner-up is the optimum without a limit, exactly: \(exactness).",
        "It needs more than the \(megabytes(report.addedWeightLimit)) that --max-memory allows. The "
          + "layouts are the optimum at",
        "\(microseconds(report.secondsPerByte * 1e6)) µs for a megabyte, and for these layouts the "
          + "algorithms are the fastest that keep the limit, exactly.",
      ]
    } else if statistics.settled == 0 {
      lines.append("The choice is optimal, exactly: \(exactness).")
    } else {
      lines.append("The choice may not be optimal: \(exactness).")
    }
    if statistics.settled > 0 {
      lines.append(
        "\(statistics.settled) nodes were given what looked best: a graph as entangled as this cannot "
          + "be searched to the end."
      )
    }
    lines.append(basis)
    return lines
  }

  /// What the costs are that the optimum is one of.
  private var basis: String {
    let (measured, all) = report.measuredLayers
    return measured == 0
      ? "Its costs are the cost model's predictions."
      : "Its costs are measured for \(measured) of \(all) layers; other predictions are scaled to them."
  }

  private func name(_ id: NodeID) -> String { network.graph[id].name }

  private func microseconds(_ seconds: Double) -> String { Show.fixed(seconds * 1e6, 1) }

  private func megabytes(_ bytes: Int) -> String {
    "\(Show.fixed(Double(bytes) / 1e6, 2)) MB of added weights"
  }

  private func wrapped(_ items: [String]) -> [String] {
    var lines: [String] = []
    for item in items {
      if let last = lines.last, last.count + item.count + 3 <= Self.lineLength {
        lines[lines.count - 1] = last + " · " + item
      } else {
        lines.append("    " + item)
      }
    }
    return lines
  }
}
