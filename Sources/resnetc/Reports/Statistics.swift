/// The times of many runs of the same thing.
struct RunTimes {
  private let sorted: [Double]

  /// - Parameter seconds: of each run; at least one.
  init(_ seconds: [Double]) {
    sorted = seconds.sorted()
  }

  var count: Int { sorted.count }
  var minimum: Double { sorted.first ?? .nan }

  /// The time that the given part of the runs does not exceed.
  func quantile(_ part: Double) -> Double {
    guard !sorted.isEmpty else { return .nan }
    let rank = Int((part * Double(sorted.count)).rounded(.up)) - 1
    return sorted[min(max(rank, 0), sorted.count - 1)]
  }

  var median: Double {
    guard !sorted.isEmpty else { return .nan }
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }
}
