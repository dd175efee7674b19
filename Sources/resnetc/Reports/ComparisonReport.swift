import KernelPlanning
import ResNetCompiler

/// Generated code beside the interpreter, a row a layer.
struct ComparisonReport {
  var network: CompiledNetwork
  var variant: Variant
  var threads: Int
  var errors: LayerErrors
  var times: LayerTimes
  var peak: FMAPeak
  /// Of the outputs.
  var tolerance: Double
  /// How many times the outputs' tolerance layers are allowed.
  var layerFactor: Double
  /// Of layers that Winograd's algorithm computes, each by itself; nil for no limit.
  var winogradTolerance: Double?

  private var layerTolerance: Double { tolerance * layerFactor }
  private var plan: KernelPlan { network.plan }
  private var peakOperations: Double { peak.operationsPerSecond * Double(threads) }
  private var flops: Double { plan.steps.map(\.cost.flops).reduce(0, +) }

  /// Whether every layer and every output is near enough.
  var passes: Bool {
    errors.steps.allSatisfy { $0.map { $0.relative <= layerTolerance } ?? true }
      && errors.outputs.allSatisfy { $0.relative <= tolerance }
      && plan.steps.indices.allSatisfy { !losesTooMuch($0) }
  }

  /// The largest error of a Winograd layer alone; nil if there is none or it has no limit.
  private var worstWinograd: Double? {
    guard winogradTolerance != nil else { return nil }
    return plan.steps.indices.compactMap { winogradError($0) }.max()
  }

  private func winogradError(_ step: Int) -> Double? {
    guard case .winograd = plan.steps[step].kernel else { return nil }
    return errors.alone[step]?.relative
  }

  /// Whether a step's error by itself is past the limit of Winograd layers.
  private func losesTooMuch(_ step: Int) -> Bool {
    guard let winogradTolerance, let error = winogradError(step) else { return false }
    return !(error <= winogradTolerance)
  }

  var text: String {
    var table = TextTable([
      ("layer", .left), ("shape", .left), ("layout", .left), ("algorithm", .left),
      ("tile", .left), ("rel err", .right), ("alone", .right), ("direct", .right), ("ms", .right),
      ("GFLOP/s", .right), ("% peak", .right),
    ])
    for (index, step) in plan.steps.enumerated() {
      let kernel = KernelDescription(step, variant.schedules[index])
      let error = errors.steps[index]
      let seconds = times.steps[index]
      table.append(
        [
          step.name, kernel.shape, kernel.layout, kernel.algorithm, kernel.tile,
          error.map { Show.scientific($0.relative) + ($0.relative > layerTolerance ? "!" : "") }
            ?? "",
          errors.alone[index].map {
            Show.scientific($0.relative) + (losesTooMuch(index) ? "!" : "")
          } ?? "",
          errors.direct[index].map { Show.scientific($0.relative) } ?? "",
        ] + rates(step.cost.flops, seconds))
    }
    table.rule()
    table.append(
      ["sum of steps", "", "", "", "", "", "", ""] + rates(flops, times.steps.reduce(0, +)))
    // The time is that of all outputs together, and stands in the last line.
    for (index, (output, error)) in zip(network.runtime.outputs, errors.outputs).enumerated() {
      let isLast = index == errors.outputs.count - 1
      table.append(
        [
          errors.outputs.count == 1 ? "whole network" : "→ " + output.name,
          Show.shape(output.shape.dimensions), "", "", "", Show.scientific(error.relative), "", "",
        ] + (isLast ? rates(flops, times.whole.minimum) : ["", "", ""]))
    }
    return table.text() + "\n" + choiceTable + "\n" + verdict
  }

  private var verdict: String {
    let instructions = variant.instructionSet.name
    let worst = errors.steps.compactMap { $0?.relative }.max() ?? 0
    let output = errors.outputs.map(\.relative).max() ?? 0
    let winograd = winogradTolerance.flatMap { limit in
      worstWinograd.map {
        "Winograd alone \(Show.scientific($0)) of \(Show.scientific(limit)), "
      }
    }
    return """
      \(plan.modelName): \(threads) thread(s), \(instructions); \
      the least time of \(times.whole.count) runs; \
      the interpreter takes \(Show.milliseconds(interpretedSeconds)) ms; \
      peak \(Show.fixed(peakOperations / 1e9, 1)) GFLOP/s measured
      \(passes ? "within" : "PAST") tolerance: \
      layers \(Show.scientific(worst)) of \(Show.scientific(layerTolerance)), \
      \(winograd ?? "")outputs \(Show.scientific(output)) of \(Show.scientific(tolerance))

      """
  }

  private var interpretedSeconds: Double {
    errors.interpretedSeconds.compactMap(\.self).reduce(0, +)
  }

  private var choices: [ChoiceSum] { ChoiceSum.all(of: plan, errors, times) }

  /// What each choice took and cost.
  private var choiceTable: String {
    var table = TextTable([
      ("choice", .left), ("layers", .right), ("ms", .right), ("worst alone", .right),
      ("their worst direct", .right),
    ])
    for sum in choices {
      table.append([
        sum.choice, "\(sum.layers)", Show.milliseconds(sum.seconds), Show.scientific(sum.worst),
        sum.worstDirect.map(Show.scientific) ?? "",
      ])
    }
    return table.text()
  }

  /// Milliseconds, GFLOP/s and per cent of the peak; the latter two only for what computes.
  private func rates(_ flops: Double, _ seconds: Double) -> [String] {
    guard flops > 0 else { return [Show.milliseconds(seconds), "", ""] }
    return [
      Show.milliseconds(seconds), Show.fixed(flops / seconds / 1e9, 1),
      Show.percent(flops / seconds / peakOperations),
    ]
  }

  var json: JSON {
    let layers = plan.steps.enumerated().map { index, step -> JSON in
      let kernel = KernelDescription(step, variant.schedules[index])
      let error = errors.steps[index]
      let seconds = times.steps[index]
      return .object([
        ("name", .string(step.name)), ("shape", .string(kernel.shape)),
        ("layout", .string(kernel.layout)), ("algorithm", .string(kernel.algorithm)),
        ("tile", .string(kernel.tile)),
        ("max_absolute_error", error.map { .double($0.absolute) } ?? .null),
        ("max_relative_error", error.map { .double($0.relative) } ?? .null),
        ("weights", .string(step.kernel.weightFormat.rawValue)),
        ("own_relative_error", errors.alone[index].map { .double($0.relative) } ?? .null),
        ("direct_relative_error", errors.direct[index].map { .double($0.relative) } ?? .null),
        (
          "interpreted_ms", errors.interpretedSeconds[index].map { .double($0 * 1e3) } ?? .null
        ),
        ("generated_ms", .double(seconds * 1e3)),
        ("gflops", .double(step.cost.flops / seconds / 1e9)),
        ("peak_fraction", .double(step.cost.flops / seconds / peakOperations)),
      ])
    }
    let outputs = zip(network.runtime.outputs, errors.outputs).map { output, error -> JSON in
      .object([
        ("name", .string(output.name)), ("max_absolute_error", .double(error.absolute)),
        ("max_relative_error", .double(error.relative)),
      ])
    }
    return .object([
      ("model", .string(plan.modelName)), ("threads", .integer(threads)),
      ("isa", .string(variant.instructionSet.name)), ("tolerance", .double(tolerance)),
      ("layer_tolerance", .double(layerTolerance)),
      ("winograd_tolerance", winogradTolerance.map { .double($0) } ?? .null),
      ("passes", .bool(passes)),
      ("layers", .array(layers)), ("outputs", .array(outputs)),
      ("choices", .array(choices.map(\.json))),
      ("generated_ms", .double(times.whole.minimum * 1e3)),
      (
        "interpreted_ms",
        .double(interpretedSeconds * 1e3)
      ),
      ("gflops", .double(flops / times.whole.minimum / 1e9)),
      ("peak_gflops", .double(peakOperations / 1e9)),
    ])
  }
}
