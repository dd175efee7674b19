import KernelPlanning
import MachineModel

/// A transform in one dimension: a filter, and the taps of the longest at the same points.
struct WinogradLineKey: Hashable, Comparable {
  var filter: MinimalFilter
  var longest: Int

  init(_ axis: WinogradAxis, _ phase: WinogradAxis.Phase) {
    filter = phase.filter
    longest = axis.filter.taps
  }

  /// `4_3`, or `4_3of4` for the phases that lack a point of F(4, 4).
  var name: String {
    "\(filter.outputs)_\(filter.taps)" + (filter.taps == longest ? "" : "of\(longest)")
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
    (a.filter.outputs, a.longest, a.filter.taps) < (b.filter.outputs, b.longest, b.filter.taps)
  }
}

/// The input transform of a phase in two dimensions.
struct WinogradInputKey: Hashable, Comparable {
  var row: WinogradLineKey
  var column: WinogradLineKey

  init(_ winograd: WinogradConvolution, _ phase: WinogradConvolution.Phase) {
    row = WinogradLineKey(winograd.rows, phase.row)
    column = WinogradLineKey(winograd.columns, phase.column)
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

private func planeName(_ row: WinogradLineKey, _ column: WinogradLineKey) -> String {
  row == column ? row.name : "\(row.name)_by_\(column.name)"
}

/// What `winograd_transforms.c` needs: the transforms that a network uses.
struct WinogradTransformsView {
  struct Line {
    var name: String
    var filter: String
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
        statements: WinogradLines.input(key.filter, instructionSet))
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
