/// How fast several plans of a network ran in turns.
struct PlanContestReport {
  var model: String
  var isa: String
  var batch: Int
  var threads: Int
  /// At least one; the first is what the others are compared with.
  var plans: [(name: String, times: RunTimes)]

  /// Of minima, since what disturbs a measurement can only slow it down.
  private func ratio(_ times: RunTimes) -> Double { times.minimum / plans[0].times.minimum }

  var text: String {
    var title = TextTable([.left])
    title.append([
      "\(model), batch \(batch), \(threads) thread(s), \(isa), \(plans[0].times.count) runs of "
        + "each plan, in turns"
    ])
    var table = TextTable([
      ("plan", .left), ("min ms", .right), ("median ms", .right),
      ("min ÷ \(plans[0].name)", .right),
    ])
    for (name, times) in plans {
      table.append([
        name, Show.milliseconds(times.minimum), Show.milliseconds(times.median),
        Show.fixed(ratio(times), 3),
      ])
    }
    return title.text() + table.text()
  }

  var json: JSON {
    .object([
      ("model", .string(model)), ("isa", .string(isa)), ("batch", .integer(batch)),
      ("threads", .integer(threads)), ("runs", .integer(plans[0].times.count)),
      (
        "plans",
        .array(
          plans.map { name, times in
            .object([
              ("plan", .string(name)), ("min_ms", .double(times.minimum * 1e3)),
              ("median_ms", .double(times.median * 1e3)), ("ratio", .double(ratio(times))),
            ])
          })
      ),
    ])
  }
}
