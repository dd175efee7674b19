/// How fast a network ran.
struct BenchReport {
  var model: String
  var isa: String
  var batch: Int
  var threads: Int
  /// Operations of an inference by the direct algorithms.
  var flops: Double
  /// Some kernels do less arithmetic than that.
  var usesWinograd: Bool
  var times: RunTimes
  var peak: FMAPeak

  private var flopsPerSecond: Double { flops / times.median }
  private var imagesPerSecond: Double { Double(batch) / times.median }
  /// Of what all threads would reach together if each ran at the measured peak of one.
  private var peakFraction: Double {
    flopsPerSecond / (peak.operationsPerSecond * Double(threads))
  }

  var text: String {
    var table = TextTable([.left, .right, .left])
    table.append(["\(model), batch \(batch), \(threads) thread(s), \(isa), \(times.count) runs"])
    var numbers = TextTable([.left, .right, .left])
    numbers.append(["min", Show.milliseconds(times.minimum), "ms"])
    numbers.append(["median", Show.milliseconds(times.median), "ms"])
    numbers.append(["p95", Show.milliseconds(times.quantile(0.95)), "ms"])
    numbers.append(["throughput", Show.fixed(imagesPerSecond, 1), "images/s"])
    numbers.append(["", Show.fixed(flopsPerSecond / 1e9, 1), "GFLOP/s"])
    numbers.append([
      "of peak", Show.percent(peakFraction),
      "% of \(Show.fixed(peak.operationsPerSecond * Double(threads) / 1e9, 1)) GFLOP/s measured",
    ])
    if peakFraction > 1, usesWinograd {
      numbers.append(["", "", "(Winograd's algorithm does less arithmetic than is counted)"])
    }
    return table.text() + numbers.text(indent: "  ")
  }

  var json: JSON {
    .object([
      ("model", .string(model)), ("batch", .integer(batch)), ("threads", .integer(threads)),
      ("min_ms", .double(times.minimum * 1e3)), ("median_ms", .double(times.median * 1e3)),
      ("p95_ms", .double(times.quantile(0.95) * 1e3)),
      ("images_per_second", .double(imagesPerSecond)), ("gflops", .double(flopsPerSecond / 1e9)),
      ("peak_fraction", .double(peakFraction)),
    ])
  }
}
