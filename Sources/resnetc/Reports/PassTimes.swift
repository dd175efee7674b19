import GraphPasses

/// What the passes did and how long they took.
enum PassTimes {
  static func text(_ reports: [PassReport]) -> String {
    var table = TextTable([("pass", .left), ("rewrites", .right), ("ms", .right)])
    for report in reports {
      table.append([
        report.name, "\(report.rewrites)", Show.milliseconds(report.seconds),
      ])
    }
    table.rule()
    table.append([
      "all", "\(reports.map(\.rewrites).reduce(0, +))",
      Show.milliseconds(reports.map(\.seconds).reduce(0, +)),
    ])
    return table.text()
  }
}
