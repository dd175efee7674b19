/// A row of items cut into runs so that the heaviest run is as light as possible.
struct ContiguousPartition: Equatable, Sendable {
  /// Run `p` holds the items `boundaries[p]..<boundaries[p + 1]`.
  let boundaries: [Int]
  /// The cost of the heaviest run.
  let bottleneck: Double
}

/// A row of items with costs, and its optimal partitions into runs of neighbours, each computed when
/// first asked for.
struct PartitionedAxis {
  /// The number of items.
  let count: Int
  /// `prefix[i]` is the cost of the items before `i`; `cost` is never less for a longer run.
  private let prefix: [Double]
  private var known: [Int: ContiguousPartition] = [:]

  /// Costs that are negative or not finite count as zero; if all are zero, each counts as one.
  init(_ costs: [Double]) {
    var items = costs.map { $0 > 0 && $0.isFinite ? $0 : 0 }
    if items.allSatisfy({ $0 == 0 }) { items = items.map { _ in 1 } }
    count = items.count
    var prefix = [0.0]
    for item in items { prefix.append(prefix[prefix.count - 1] + item) }
    self.prefix = prefix
  }

  /// The cost of all items.
  var total: Double { prefix[count] }

  private func cost(_ begin: Int, _ end: Int) -> Double { prefix[end] - prefix[begin] }

  /// The optimal partition into `parts` runs, at least one and at most `count`; no run is empty.
  mutating func partition(into parts: Int) -> ContiguousPartition {
    if let partition = known[parts] { return partition }
    let bottleneck = smallestBottleneck(parts)
    let partition = ContiguousPartition(
      boundaries: evenBoundaries(parts, bottleneck), bottleneck: bottleneck)
    known[parts] = partition
    return partition
  }

  /// Bisection over the bottleneck that ends at an exact value (Pinar & Aykanat, "Fast optimal load
  /// balancing algorithms for 1D partitioning", 2004): after each probe both bounds move on to
  /// costs that some run really has.
  private func smallestBottleneck(_ parts: Int) -> Double {
    var lower = total / Double(parts)
    var upper = total
    var probed = lower
    while lower < upper {
      var begin = 0
      var heaviest = 0.0
      var nextLarger = Double.infinity
      for _ in 0..<parts where begin < count {
        let end = furthestEnd(from: begin, within: probed)
        heaviest = max(heaviest, cost(begin, end))
        if end < count { nextLarger = min(nextLarger, cost(begin, end + 1)) }
        begin = end
      }
      if begin == count { upper = heaviest } else { lower = nextLarger }
      let middle = lower + (upper - lower) / 2
      probed = middle < upper ? middle : lower
    }
    return upper
  }

  /// Boundaries of runs no heavier than the bottleneck and otherwise as even as they can be: filling
  /// each run to the brim would leave little, or nothing, for the last ones.
  private func evenBoundaries(_ parts: Int, _ bottleneck: Double) -> [Int] {
    var earliest = [Int](repeating: count, count: parts + 1)
    for part in stride(from: parts - 1, through: 0, by: -1) {
      earliest[part] = furthestBegin(to: earliest[part + 1], within: bottleneck)
    }
    var boundaries = [0]
    for part in 1..<max(parts, 1) {
      let begin = boundaries[part - 1]
      let target = prefix[begin] + cost(begin, count) / Double(parts - part + 1)
      let latest = furthestEnd(from: begin, within: bottleneck)
      let least = max(earliest[part], begin + 1)
      let most = min(latest, count - (parts - part))
      boundaries.append(min(max(nearestBoundary(to: target), least), most))
    }
    boundaries.append(count)
    return boundaries
  }

  private func furthestEnd(from begin: Int, within limit: Double) -> Int {
    lastIndex(from: begin, to: count) { cost(begin, $0) <= limit } ?? begin
  }

  private func furthestBegin(to end: Int, within limit: Double) -> Int {
    let reached = lastIndex(from: 0, to: end) { cost(end - $0, end) <= limit } ?? 0
    return end - reached
  }

  private func nearestBoundary(to target: Double) -> Int {
    let below = lastIndex(from: 0, to: count) { prefix[$0] <= target } ?? 0
    guard below < count else { return below }
    return prefix[below + 1] - target < target - prefix[below] ? below + 1 : below
  }

  /// The last index for which a condition holds that, once false, stays false.
  private func lastIndex(from begin: Int, to end: Int, where holds: (Int) -> Bool) -> Int? {
    guard holds(begin) else { return nil }
    var (low, high) = (begin, end)
    while low < high {
      let middle = (low + high + 1) / 2
      if holds(middle) { low = middle } else { high = middle - 1 }
    }
    return low
  }
}
