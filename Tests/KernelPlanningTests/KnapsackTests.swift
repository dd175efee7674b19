import Testing

@testable import KernelPlanning

@Suite("The multiple-choice knapsack")
struct KnapsackTests {
  @Test("takes the cheapest items that fit, as trying all of them shows")
  func matchesBruteForce() throws {
    var state: UInt64 = 7
    func random(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    for _ in 0..<200 {
      let classes = (0..<1 + random(5)).map { _ in
        (0..<1 + random(3)).map { _ in
          Knapsack.Item(cost: Double(random(100)), weight: 12 * random(20))
        }
      }
      let knapsack = Knapsack(classes: classes, limit: random(600))
      let best = cheapest(knapsack)
      let solution = knapsack.solve()
      #expect((solution == nil) == (best == nil))
      guard let solution, let best else { continue }
      let items = zip(classes, solution).map { $0[$1] }
      #expect(items.map(\.weight).reduce(0, +) <= knapsack.limit)
      #expect(items.map(\.cost).reduce(0, +) == best)
    }
  }

  @Test("keeps the limit when weights are too many to count one by one")
  func coarse() throws {
    let items = [Knapsack.Item(cost: 1, weight: 999_999_999), Knapsack.Item(cost: 5, weight: 0)]
    let knapsack = Knapsack(classes: [items, items, items], limit: 2_100_000_000)
    let solution = try #require(knapsack.solve())
    #expect(solution.filter { $0 == 0 }.count == 2)
  }

  private func cheapest(_ knapsack: Knapsack) -> Double? {
    var sums = [(cost: 0.0, weight: 0)]
    for items in knapsack.classes {
      sums = sums.flatMap { sum in items.map { (sum.cost + $0.cost, sum.weight + $0.weight) } }
    }
    return sums.filter { $0.weight <= knapsack.limit }.map(\.cost).min()
  }
}
