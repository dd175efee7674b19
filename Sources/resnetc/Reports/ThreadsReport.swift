import KernelPlanning

/// How the steps are divided among the threads that the plan is for.
struct ThreadsReport {
  var plan: KernelPlan
  var variant: Variant

  private var threads: Int { plan.threads }

  var text: String {
    var table = TextTable([
      ("#", .right), ("step", .left), ("parts", .right), ("balance", .right),
      ("predicted µs", .right), ("shares: tiles × panels", .left),
    ])
    var all = 0.0
    var balanced = 0.0
    for (index, step) in plan.steps.enumerated() {
      let schedule = variant.schedules[index]
      let shares = schedule.shares[threads - 1]
      let balance = schedule.balance[threads - 1]
      let seconds = step.cost.expectedSeconds
      all += seconds
      balanced += seconds * balance
      table.append([
        "\(index)", step.name, "\(shares.filter { !$0.isEmpty }.count)", Show.fixed(balance, 3),
        Show.fixed(seconds * 1e6, 1), sizes(shares),
      ])
    }
    table.rule()
    table.append(["", "all", "", Show.fixed(balanced / all, 3), Show.fixed(all * 1e6, 1)])
    return """
      threads of \(plan.modelName) on \(variant.instructionSet): \(threads) thread(s)
      balance: mean over greatest predicted cost of a share; with all steps \
      \(Show.fixed(balanced / all * Double(threads), 2)) threads are busy

      """ + table.text()
  }

  /// The sizes of the shares, equal neighbours counted: `3 of 14×4, 13×4`.
  private func sizes(_ shares: [ThreadShares.Share]) -> String {
    var runs: [(size: String, count: Int)] = []
    for share in shares where !share.isEmpty {
      let size = "\(share.firstEnd - share.firstBegin)×\(share.secondEnd - share.secondBegin)"
      if let last = runs.last, last.size == size {
        runs[runs.count - 1].count += 1
      } else {
        runs.append((size, 1))
      }
    }
    let shown = runs.prefix(6).map { $0.count == 1 ? $0.size : "\($0.count) of \($0.size)" }
    return shown.joined(separator: ", ") + (runs.count > 6 ? ", …" : "")
  }
}
