/// The multiple-choice knapsack problem: of each class exactly one item, the sum of weights within
/// a limit, the sum of costs least (Kellerer, Pferschy and Pisinger 2004, "Knapsack Problems",
/// chapter 11), by dynamic programming over the weight.
struct Knapsack {
  struct Item {
    var cost: Double
    var weight: Int
  }

  /// The most steps that the weight is counted in. Weights are rounded up to a step, so a solution
  /// always keeps the limit; where their greatest common divisor is no smaller, none is rounded.
  static let mostSteps = 100_000

  var classes: [[Item]]
  var limit: Int

  /// The index of the item taken from each class; nil if even the lightest items are too heavy.
  func solve() -> [Int]? {
    guard limit >= 0 else { return nil }
    let weights = classes.joined().map(\.weight)
    let divisor = weights.reduce(0, Self.greatestCommonDivisor)
    let step = max(divisor, limit / Self.mostSteps, 1)
    let capacity = limit / step
    // least[w]: the least cost of the classes so far with w steps or fewer.
    var least = [Double](repeating: 0, count: capacity + 1)
    var taken: [[UInt16]] = []
    for items in classes {
      var next = [Double](repeating: .infinity, count: capacity + 1)
      var choice = [UInt16](repeating: 0, count: capacity + 1)
      for (index, item) in items.enumerated() {
        let weight = (item.weight + step - 1) / step
        guard weight <= capacity else { continue }
        for w in weight...capacity where least[w - weight] + item.cost < next[w] {
          next[w] = least[w - weight] + item.cost
          choice[w] = UInt16(index)
        }
      }
      least = next
      taken.append(choice)
    }
    guard least[capacity].isFinite else { return nil }
    var remaining = capacity
    var solution = [Int](repeating: 0, count: classes.count)
    for index in classes.indices.reversed() {
      solution[index] = Int(taken[index][remaining])
      remaining -= (classes[index][solution[index]].weight + step - 1) / step
    }
    return solution
  }

  private static func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int {
    var (a, b) = (a, b)
    while b != 0 { (a, b) = (b, a % b) }
    return a
  }
}
