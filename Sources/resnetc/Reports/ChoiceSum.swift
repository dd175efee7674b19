import KernelPlanning

/// What the layers computed in one way took and cost.
struct ChoiceSum {
  /// `winograd F(4×4), float16 weights`.
  var choice: String
  var layers = 0
  var seconds = 0.0
  /// The largest error of a layer by itself.
  var worst = 0.0
  /// The largest that the direct algorithm on float32 weights makes in one of these layers; nil if
  /// that is the choice.
  var worstDirect: Double?

  /// One for each choice, in the order of their first layers.
  static func all(of plan: KernelPlan, _ errors: LayerErrors, _ times: LayerTimes) -> [ChoiceSum] {
    var sums: [ChoiceSum] = []
    for (index, step) in plan.steps.enumerated() {
      guard let choice = step.kernel.choice else { continue }
      let place = sums.firstIndex { $0.choice == choice } ?? sums.count
      if place == sums.count { sums.append(ChoiceSum(choice: choice)) }
      sums[place].layers += 1
      sums[place].seconds += times.steps[index]
      if let alone = errors.alone[index] {
        sums[place].worst = max(sums[place].worst, alone.relative)
      }
      if let direct = errors.direct[index] {
        sums[place].worstDirect = max(sums[place].worstDirect ?? 0, direct.relative)
      }
    }
    return sums
  }

  var json: JSON {
    .object([
      ("choice", .string(choice)), ("layers", .integer(layers)),
      ("generated_ms", .double(seconds * 1e3)), ("worst_own_relative_error", .double(worst)),
      ("worst_direct_relative_error", worstDirect.map { .double($0) } ?? .null),
    ])
  }
}
