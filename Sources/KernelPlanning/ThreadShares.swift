/// How the work of one layer, a grid of tiles by panels, is split among threads.
///
/// The first axis holds rows of tiles (output pixels), the second panels (output channels); an item
/// of the grid costs the product of its two axes' costs. The grid is cut into `firstParts` by
/// `secondParts` rectangles, one a thread; neighbouring threads share a part of the first axis. The
/// cut with the lowest cost of its heaviest rectangle wins, each axis being partitioned optimally
/// by `PartitionedAxis`. The product of the two counts may be less than the number of threads,
/// which then leaves some idle: five threads on a grid of 6 by 6 do better as 2 by 2 than as 5 by 1.
public struct ThreadShares: Equatable, Sendable {
  /// A rectangle of the grid; the ends are exclusive.
  public struct Share: Hashable, Sendable {
    /// The first item on the first axis.
    public let firstBegin: Int
    /// One behind the last item on the first axis.
    public let firstEnd: Int
    /// The first item on the second axis.
    public let secondBegin: Int
    /// One behind the last item on the second axis.
    public let secondEnd: Int

    /// The share of a thread that has nothing to do.
    public static let empty = Share(firstBegin: 0, firstEnd: 0, secondBegin: 0, secondEnd: 0)

    /// Whether the rectangle has no item.
    public var isEmpty: Bool { firstBegin >= firstEnd || secondBegin >= secondEnd }
  }

  /// The share of each thread.
  public let shares: [Share]
  /// Into how many parts the first axis is cut.
  public let firstParts: Int
  /// Into how many parts the second axis is cut.
  public let secondParts: Int
  /// The cost of the heaviest share, in the product of the axes' units.
  public let maximalCost: Double
  /// The mean cost over all threads, idle ones too, divided by the maximal: 1 is perfect, and
  /// `balance * threads` is the speed-up to expect.
  public let balance: Double

  /// Splits a grid among `threads` threads.
  ///
  /// - Parameters:
  ///   - firstCosts: the cost of each item on the first axis; one that is negative or not finite
  ///     counts as zero, and if all are zero they count as equal.
  ///   - secondCosts: likewise for the second axis.
  ///   - threads: how many threads there are; less than one counts as one.
  ///   - weightsDominate: whether, among cuts within `tolerance` of the best, to cut the second
  ///     axis most, so that each thread streams only its own weights. Otherwise the first axis.
  public static func split(
    firstCosts: [Double], secondCosts: [Double], threads: Int, weightsDominate: Bool
  ) -> ThreadShares {
    var first = PartitionedAxis(firstCosts)
    var second = PartitionedAxis(secondCosts)
    return split(&first, &second, threads: max(1, threads), weightsDominate: weightsDominate)
  }

  /// The splits for one thread, two, and so on up to `maxThreads`; entry `t - 1` is for `t`.
  public static func table(
    firstCosts: [Double], secondCosts: [Double], maxThreads: Int, weightsDominate: Bool
  ) -> [ThreadShares] {
    table(
      firstCosts: firstCosts, secondCosts: secondCosts, threads: 1...max(1, maxThreads),
      weightsDominate: weightsDominate)
  }

  /// The splits for each of some numbers of threads.
  ///
  /// - Parameter chosen: the cut for as many threads as it has parts, if the axes are that long.
  static func table(
    firstCosts: [Double], secondCosts: [Double], threads: ClosedRange<Int>, weightsDominate: Bool,
    chosen: ThreadSplit? = nil
  ) -> [ThreadShares] {
    var first = PartitionedAxis(firstCosts)
    var second = PartitionedAxis(secondCosts)
    return threads.map {
      split(
        &first, &second, threads: $0, weightsDominate: weightsDominate,
        chosen: chosen?.threads == $0 ? chosen : nil)
    }
  }

  /// The same where each item of the first axis stands for `run` of its items, the last for what is
  /// left of `count`.
  func scalingFirst(by run: Int, to count: Int) -> ThreadShares {
    let scaled = shares.map { share in
      Share(
        firstBegin: min(share.firstBegin * run, count), firstEnd: min(share.firstEnd * run, count),
        secondBegin: share.secondBegin, secondEnd: share.secondEnd)
    }
    return ThreadShares(
      shares: scaled, firstParts: firstParts, secondParts: secondParts, maximalCost: maximalCost,
      balance: balance)
  }

  /// How much slower than the best cut the preferred one may be: three per cent.
  public static let tolerance = 0.03

  private static func split(
    _ first: inout PartitionedAxis, _ second: inout PartitionedAxis, threads: Int,
    weightsDominate: Bool, chosen: ThreadSplit? = nil
  ) -> ThreadShares {
    guard first.count > 0, second.count > 0 else {
      return ThreadShares(
        shares: Array(repeating: .empty, count: threads), firstParts: 0, secondParts: 0,
        maximalCost: 0, balance: 1)
    }
    var cuts: [(a: Int, b: Int, cost: Double)] = []
    for a in 1...min(threads, first.count) {
      let b = min(threads / a, second.count)
      let heaviest = (first.partition(into: a).bottleneck, second.partition(into: b).bottleneck)
      cuts.append((a, b, heaviest.0 * heaviest.1))
    }
    if let chosen = cuts.first(where: { ThreadSplit(first: $0.a, second: $0.b) == chosen }) {
      cuts = [chosen]
    }
    let limit = (cuts.map(\.cost).min() ?? 0) * (1 + tolerance)
    var best = (a: 0, b: 0, cost: Double.infinity)
    for cut in cuts where cut.cost <= limit {
      let (preferred, known) = weightsDominate ? (cut.b, best.b) : (cut.a, best.a)
      if preferred > known || (preferred == known && cut.cost < best.cost) { best = cut }
    }

    let rows = first.partition(into: best.a).boundaries
    let columns = second.partition(into: best.b).boundaries
    var shares: [Share] = []
    for a in 0..<best.a {
      for b in 0..<best.b {
        shares.append(
          Share(
            firstBegin: rows[a], firstEnd: rows[a + 1], secondBegin: columns[b],
            secondEnd: columns[b + 1]))
      }
    }
    shares += Array(repeating: .empty, count: threads - shares.count)
    let mean = first.total * second.total / Double(threads)
    return ThreadShares(
      shares: shares, firstParts: best.a, secondParts: best.b, maximalCost: best.cost,
      balance: min(1, mean / best.cost))
  }
}
