import KernelPlanning
import MachineModel

/// A transform in one dimension: a filter, and the taps of the longest at the same points.
struct WinogradLineKey: Hashable, Comparable {
  var filter: MinimalFilter
  var longest: Int
  /// Whether an input's points take over the factors that the kernel's lack (`KernelBasis.scales`).
  var isScaled: Bool

  init(_ axis: WinogradAxis, _ phase: WinogradAxis.Phase, isScaled: Bool = false) {
    filter = phase.filter
    longest = axis.filter.taps
    self.isScaled = isScaled
  }

  /// The factors of the input's points.
  var scales: [Double] {
    (isScaled ? KernelBasis(filter)?.scales : nil) ?? filter.points.map { _ in 1 }
  }

  /// `4_3`, or `4_3of4` for the phases that lack a point of F(4, 4); `4_3_scaled`.
  var name: String {
    "\(filter.outputs)_\(filter.taps)" + (filter.taps == longest ? "" : "of\(longest)")
      + (isScaled ? "_scaled" : "")
  }

  /// The functions that transform a line.
  var inputLine: String { "winograd_input_line_" + name }
  var outputLine: String { "winograd_output_line_" + name }

  /// `F(4, 3) at 0, ±0.75, ±1.5 and infinity`.
  var description: String {
    let names = filter.points.compactMap { point -> String? in
      guard point.isFinite else { return "infinity" }
      let number = CExpression.decimal(point)
      guard point != 0, filter.points.contains(-point) else { return number }
      return point > 0 ? "±\(number)" : nil
    }
    let list = names.dropLast().joined(separator: ", ") + (names.count > 1 ? " and " : "")
    return "F(\(filter.outputs), \(filter.taps)) at \(list)\(names.last ?? "")"
  }

  static func < (a: WinogradLineKey, b: WinogradLineKey) -> Bool {
    (a.filter.outputs, a.longest, a.filter.taps, a.isScaled ? 1 : 0)
      < (b.filter.outputs, b.longest, b.filter.taps, b.isScaled ? 1 : 0)
  }
}

/// The input transform of a phase in two dimensions.
struct WinogradInputKey: Hashable, Comparable {
  var row: WinogradLineKey
  var column: WinogradLineKey

  init(_ winograd: WinogradConvolution, _ phase: WinogradConvolution.Phase) {
    let isScaled = winograd.kernelTransform == .inRegisters
    row = WinogradLineKey(winograd.rows, phase.row, isScaled: isScaled)
    column = WinogradLineKey(winograd.columns, phase.column, isScaled: isScaled)
  }

  var functionName: String { "winograd_input_" + planeName(row, column) }

  static func < (a: WinogradInputKey, b: WinogradInputKey) -> Bool {
    (a.row, a.column) < (b.row, b.column)
  }
}

/// The output transform in two dimensions.
struct WinogradOutputKey: Hashable, Comparable {
  var row: WinogradLineKey
  var column: WinogradLineKey

  init(_ winograd: WinogradConvolution) {
    row = WinogradLineKey(winograd.rows, winograd.rows.phases[0])
    column = WinogradLineKey(winograd.columns, winograd.columns.phases[0])
  }

  var functionName: String { "winograd_output_" + planeName(row, column) }

  static func < (a: WinogradOutputKey, b: WinogradOutputKey) -> Bool {
    (a.row, a.column) < (b.row, b.column)
  }
}

func planeName(_ row: WinogradLineKey, _ column: WinogradLineKey) -> String {
  row == column ? row.name : "\(row.name)_by_\(column.name)"
}

/// What `winograd_transforms.c` needs: the transforms that a network uses.
struct WinogradTransformsView {
  struct Line {
    var name: String
    var filter: String
    /// Factors of the rows, in words.
    var factors: String?
    var statements: [LineView]
  }

  struct Input {
    var name: String
    var rows: Int
    var columns: Int
    var longer: Int
    var rowLine: String
    var columnLine: String
    /// Points of a row, of all phases.
    var pointColumns: Int
  }

  struct Output {
    var name: String
    var m: Int
    var rows: Int
    var columns: Int
    var rowLine: String
    var columnLine: String
  }

  var inputLines: [Line]
  var outputLines: [Line]
  var inputs: [Input]
  var outputs: [Output]

  init(_ kernels: [WinogradConvolution], _ instructionSet: InstructionSet) {
    let inputKeys = Set(
      kernels.flatMap { kernel in
        kernel.phases.map { WinogradInputKey(kernel, $0) }
      }
    ).sorted()
    let outputKeys = Set(kernels.map(WinogradOutputKey.init)).sorted()
    inputLines = Set(inputKeys.flatMap { [$0.row, $0.column] }).sorted().map { key in
      Line(
        name: key.inputLine, filter: key.description,
        factors: key.isScaled
          ? key.scales.map(CExpression.decimal).joined(separator: ", ") : nil,
        statements: WinogradLines.input(key.filter, scales: key.scales, instructionSet))
    }
    outputLines = Set(outputKeys.flatMap { [$0.row, $0.column] }).sorted().map { key in
      Line(
        name: key.outputLine, filter: key.description,
        statements: WinogradLines.output(key.filter, instructionSet))
    }
    // Kernels that transform bands do so a line at a time.
    let planes = Set(
      kernels.filter { !$0.transformsBands }.flatMap { kernel in
        kernel.phases.map { WinogradInputKey(kernel, $0) }
      })
    inputs = planes.sorted().map { key in
      let (rows, columns) = (key.row.filter.points.count, key.column.filter.points.count)
      return Input(
        name: key.functionName, rows: rows, columns: columns, longer: max(rows, columns),
        rowLine: key.row.inputLine, columnLine: key.column.inputLine,
        pointColumns: key.column.filter.outputs + key.column.longest - 1)
    }
    outputs = outputKeys.map { key in
      Output(
        name: key.functionName, m: key.row.filter.outputs, rows: key.row.filter.points.count,
        columns: key.column.filter.points.count, rowLine: key.row.outputLine,
        columnLine: key.column.outputLine)
    }
  }
}
