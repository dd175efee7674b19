import ModuleBuilding

/// The times of a network's steps, and of the network.
struct LayerTimes {
  /// The least seconds of each step, taken in complete inferences, so that a step's weights are as far
  /// from the processor as they are in use.
  private(set) var steps: [Double]
  /// Of inferences in one go.
  let whole: RunTimes

  init(_ context: NativeContext, input: [Float], runs: Int) throws {
    let count = context.module.network.plan.steps.count
    steps = [Double](repeating: .infinity, count: count)
    for _ in 0..<3 { try context.run(input, steps: 0..<count) }
    for _ in 0..<runs {
      for index in 0..<count {
        let seconds = try elapsed { try context.run(input, steps: index..<index + 1) }
        steps[index] = min(steps[index], seconds)
      }
    }
    whole = RunTimes(
      try (0..<runs).map { _ in try elapsed { try context.run(input, steps: 0..<count) } })
  }
}
