import Testing

@testable import KernelPlanning

@Suite("Thread shares")
struct ThreadSharesTests {
  private typealias Share = ThreadShares.Share

  private func even(_ count: Int) -> [Double] { Array(repeating: 1, count: count) }

  @Test("one thread takes everything")
  func oneThread() {
    let plan = ThreadShares.split(
      firstCosts: even(7), secondCosts: even(3), threads: 1, weightsDominate: false)
    #expect(
      plan.shares == [Share(firstBegin: 0, firstEnd: 7, secondBegin: 0, secondEnd: 3)])
    #expect(plan.balance == 1)
    #expect(plan.maximalCost == 21)
  }

  @Test("equal cuts: panels are split where weights dominate, rows of tiles elsewhere")
  func preference() {
    let split = {
      ThreadShares.split(
        firstCosts: self.even(8), secondCosts: self.even(8), threads: 4, weightsDominate: $0)
    }
    #expect([split(true).firstParts, split(true).secondParts] == [1, 4])
    #expect([split(false).firstParts, split(false).secondParts] == [4, 1])
    #expect(
      split(true).shares[1] == Share(firstBegin: 0, firstEnd: 8, secondBegin: 2, secondEnd: 4))
    #expect(
      split(false).shares[1] == Share(firstBegin: 2, firstEnd: 4, secondBegin: 0, secondEnd: 8))
  }

  @Test("the preference yields to a cut that is more than three per cent better")
  func preferenceYields() {
    // Six panels among four threads: at best two a thread; eight rows divide evenly.
    let plan = ThreadShares.split(
      firstCosts: even(8), secondCosts: even(6), threads: 4, weightsDominate: true)
    #expect([plan.firstParts, plan.secondParts] == [2, 2])
    #expect(plan.balance == 1)
    // 100 panels among 3 threads: 34 is within three per cent of 99 rows' perfect third.
    let near = ThreadShares.split(
      firstCosts: even(99), secondCosts: even(100), threads: 3, weightsDominate: true)
    #expect([near.firstParts, near.secondParts] == [1, 3])
  }

  @Test("a last, smaller tile is worth less than a whole one")
  func unevenTiles() {
    let plan = ThreadShares.split(
      firstCosts: [6, 6, 6, 1, 6, 6, 6], secondCosts: [1], threads: 2, weightsDominate: false)
    #expect(plan.maximalCost == 19)
    #expect(Set(plan.shares.map(\.firstEnd)).isSubset(of: [3, 4, 7]))
  }

  @Test(
    "runs are evened out below the heaviest: 10 among 4 is 3, 2, 3, 2 or the like, not 3, 3, 3, 1")
  func evened() {
    let plan = ThreadShares.split(
      firstCosts: even(10), secondCosts: [1], threads: 4, weightsDominate: false)
    #expect(plan.shares.map { $0.firstEnd - $0.firstBegin }.sorted() == [2, 2, 3, 3])
    #expect(plan.balance == 10.0 / 12)
  }

  @Test("no share is empty while items remain, however heavy one item is")
  func heavyItem() {
    let plan = ThreadShares.split(
      firstCosts: [10, 1, 1], secondCosts: [1], threads: 3, weightsDominate: false)
    #expect(plan.shares.map(\.firstEnd) == [1, 2, 3])
    #expect(plan.maximalCost == 10)
  }

  @Test("five threads leave one idle where 2 by 2 beats 5 by 1")
  func idleThread() {
    let plan = ThreadShares.split(
      firstCosts: even(6), secondCosts: even(6), threads: 5, weightsDominate: false)
    #expect([plan.firstParts, plan.secondParts] == [2, 2])
    #expect(plan.shares.count == 5)
    #expect(plan.shares[4] == .empty)
    #expect(plan.balance == 36.0 / 5 / 9)
  }

  @Test("more threads than items: one item each, the rest idle")
  func moreThreadsThanItems() {
    let plan = ThreadShares.split(
      firstCosts: even(2), secondCosts: even(2), threads: 7, weightsDominate: true)
    #expect(plan.shares.filter { !$0.isEmpty }.count == 4)
    #expect(plan.maximalCost == 1)
    expectCoverage(plan, rows: 2, columns: 2)
  }

  @Test("an axis without items gives every thread an empty share")
  func noItems() {
    let plan = ThreadShares.split(
      firstCosts: [], secondCosts: even(3), threads: 2, weightsDominate: true)
    #expect(plan.shares == [.empty, .empty])
    #expect(plan.balance == 1)
  }

  @Test("costs that say nothing count as equal, and no thread as one thread")
  func degenerateCosts() {
    let zero = ThreadShares.split(
      firstCosts: [0, 0, .nan, -1], secondCosts: [0], threads: 2, weightsDominate: false)
    #expect(zero.shares.map(\.firstEnd) == [2, 4])
    let none = ThreadShares.split(
      firstCosts: even(4), secondCosts: even(4), threads: 0, weightsDominate: false)
    #expect(none.shares.count == 1)
  }

  @Test("an axis is partitioned optimally: as dynamic programming finds", arguments: 0..<40)
  func optimalPartition(seed: Int) {
    var random = SplitMix(seed: UInt64(seed))
    let costs = (0..<(1 + random.below(30))).map { _ in Double(random.below(900)) / 7 + 0.1 }
    var axis = PartitionedAxis(costs)
    for parts in 1...costs.count {
      let partition = axis.partition(into: parts)
      let bounds = partition.boundaries
      #expect(bounds.count == parts + 1)
      #expect(bounds.first == 0 && bounds.last == costs.count)
      #expect(zip(bounds, bounds.dropFirst()).allSatisfy { $0 < $1 })
      let heaviest = zip(bounds, bounds.dropFirst()).map { costs[$0..<$1].reduce(0, +) }.max() ?? 0
      // Sums in another order differ in the last bits.
      #expect(abs(heaviest - partition.bottleneck) <= 1e-9 * heaviest)
      #expect(abs(heaviest - optimum(costs, parts)) <= 1e-9 * heaviest)
    }
  }

  @Test("every item belongs to exactly one share, for every thread count", arguments: 0..<20)
  func coverage(seed: Int) {
    var random = SplitMix(seed: 500 + UInt64(seed))
    let rows = (0..<(1 + random.below(20))).map { _ in Double(1 + random.below(9)) }
    let columns = (0..<(1 + random.below(12))).map { _ in Double(1 + random.below(9)) }
    let table = ThreadShares.table(
      firstCosts: rows, secondCosts: columns, maxThreads: 17, weightsDominate: seed % 2 == 0)
    #expect(table.count == 17)
    for (index, plan) in table.enumerated() {
      #expect(plan.shares.count == index + 1)
      expectCoverage(plan, rows: rows.count, columns: columns.count)
      let costs = plan.shares.map {
        rows[$0.firstBegin..<$0.firstEnd].reduce(0, +)
          * columns[$0.secondBegin..<$0.secondEnd].reduce(0, +)
      }
      #expect(costs.max() == plan.maximalCost)
      let mean = costs.reduce(0, +) / Double(costs.count)
      #expect(abs(plan.balance - mean / plan.maximalCost) < 1e-12)
      #expect(
        plan
          == ThreadShares.split(
            firstCosts: rows, secondCosts: columns, threads: index + 1,
            weightsDominate: seed % 2 == 0))
      if index > 0 {
        #expect(plan.maximalCost <= table[index - 1].maximalCost * (1 + ThreadShares.tolerance))
      }
    }
  }

  private func expectCoverage(_ plan: ThreadShares, rows: Int, columns: Int) {
    var owners = [Int](repeating: 0, count: rows * columns)
    for share in plan.shares {
      for row in share.firstBegin..<share.firstEnd {
        for column in share.secondBegin..<share.secondEnd { owners[row * columns + column] += 1 }
      }
    }
    #expect(owners.allSatisfy { $0 == 1 })
  }

  /// The smallest heaviest run over all partitions.
  private func optimum(_ costs: [Double], _ parts: Int) -> Double {
    var best = costs.indices.map { costs[0...$0].reduce(0, +) }
    for _ in 1..<max(parts, 1) {
      best = costs.indices.map { last in
        var least = best[last]
        var run = 0.0
        for begin in stride(from: last, to: 0, by: -1) {
          run += costs[begin]
          least = min(least, max(best[begin - 1], run))
        }
        return least
      }
    }
    return best[costs.count - 1]
  }
}
