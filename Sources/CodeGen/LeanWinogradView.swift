import KernelPlanning
import MachineModel

/// A register tile of a Winograd convolution whose kernels are transformed in registers; a template
/// yields one function for each that a network needs.
struct LeanTile: Hashable, Comparable {
  var row: WinogradLineKey
  var column: WinogradLineKey
  /// Winograd tiles side by side.
  var width: Int

  init(_ winograd: WinogradConvolution, width: Int) {
    row = WinogradLineKey(winograd.rows, winograd.rows.phases[0])
    column = WinogradLineKey(winograd.columns, winograd.columns.phases[0])
    self.width = width
  }

  var functionName: String { "winograd_lean_tile_\(planeName(row, column))_x\(width)" }

  /// All that a convolution needs.
  static func all(_ winograd: WinogradConvolution, _ schedule: WinogradSchedule) -> [LeanTile] {
    schedule.cases.map { LeanTile(winograd, width: $0.size.width) }
  }

  static func < (a: LeanTile, b: LeanTile) -> Bool {
    (a.row, a.column, a.width) < (b.row, b.column, b.width)
  }
}

/// What `winograd_lean_tiles.c` needs.
struct LeanTilesView {
  /// A vector of the basis.
  struct Vector {
    var name: String
    var pointer: String
  }

  /// How a row of points, of one column, is combined from the basis.
  struct Row {
    var index: Int
    var value: String
  }

  struct Basis {
    var name: String
    var vectors: [Vector]
    var rows: [Row]
  }

  /// A row of points: where its input, its products and the lines that it fetches begin.
  struct Down {
    var index: Int
    var input: String
    var output: String
    var next: String
  }

  /// A point of a row: how it is combined, and where its input is.
  struct Across {
    var index: Int
    var value: String
    var offset: String
  }

  struct Tile {
    var name: String
    var basis: String
    var filter: String
    var width: Int
    /// Points of a row, and columns of the basis.
    var points: Int
    var columns: Int
    /// Floats of a channel's kernels.
    var kernelFloats: Int
    /// Lines that a row of points fetches for every two channels: all rows together fetch as many as
    /// two channels have.
    var fetches: [String]
    var fetchedBytes: Int
    var down: [Down]
    var across: [Across]
  }

  var bases: [Basis] = []
  var tiles: [Tile] = []

  init(_ all: Set<LeanTile>, _ set: InstructionSet) {
    for tile in all.sorted() {
      guard let rows = KernelBasis(tile.row.filter), let columns = KernelBasis(tile.column.filter)
      else { continue }
      let basisRow = columns.matrix.count * panelWidth
      let basis = "winograd_lean_basis_\(planeName(tile.row, tile.column))"
      if !bases.contains(where: { $0.name == basis }) {
        bases.append(
          Basis(
            name: basis,
            vectors: rows.matrix.indices.map {
              Vector(name: "u\($0)", pointer: CExpression.pointer("kernels", "\($0 * basisRow)"))
            },
            rows: rows.combinations.enumerated().map {
              Row(index: $0, value: Self.value($1, set) { "u\($0)" })
            }))
      }
      let kernelFloats = rows.matrix.count * basisRow
      let (down, across) = (rows.combinations, columns.combinations)
      let lines = 2 * kernelFloats * 4 / Self.lineBytes
      let fetches = (lines + down.count - 1) / down.count
      tiles.append(
        Tile(
          name: tile.functionName, basis: basis, filter: tile.column.description,
          width: tile.width, points: across.count, columns: columns.matrix.count,
          kernelFloats: kernelFloats,
          fetches: (0..<fetches).map { CExpression.pointer("next", "\($0 * Self.lineBytes)") },
          fetchedBytes: fetches * Self.lineBytes,
          down: down.indices.map {
            Down(
              index: $0, input: Self.place("in", $0 * across.count, "plane"),
              output: Self.place("out", $0 * across.count, "out_plane"),
              next: Self.place("next", $0, "fetched"))
          },
          across: across.enumerated().map {
            Across(
              index: $0, value: Self.value($1, set) { "line[\($0)]" },
              offset: CExpression.sum(Self.multiple($0, "plane"), "t * tile"))
          }))
    }
  }

  private static let lineBytes = 64

  /// `base + 2 * stride`.
  private static func place(_ base: String, _ index: Int, _ stride: String) -> String {
    CExpression.sum(base, multiple(index, stride))
  }

  private static func multiple(_ count: Int, _ value: String) -> String? {
    count == 0 ? nil : count == 1 ? value : "\(count) * \(value)"
  }

  private static func value(
    _ combination: KernelBasis.Combination, _ set: InstructionSet, operand: (Int) -> String
  ) -> String {
    let (first, second) = (operand(combination.first), operand(combination.second))
    let factor = CExpression.float(Float(combination.factor.magnitude))
    return switch combination.factor {
    case 1: "\(set.add)(\(first), \(second))"
    case -1: "\(set.sub)(\(first), \(second))"
    case let other:
      "\(other > 0 ? set.fma : set.fnmadd)(\(set.broadcast)(\(factor)), \(second), \(first))"
    }
  }
}

/// What `winograd_lean.c` needs beside what `winograd.c` does.
struct LeanWinogradView {
  /// Input channels, and those whose kernels are multiplied before the next.
  var channels: Int
  var chunk: Int
  var kernelFloats: Int
  var cases: [WinogradView.Case]

  init(_ winograd: WinogradConvolution, schedule: WinogradSchedule) {
    channels = winograd.reductionLength
    chunk = schedule.blocks.kernelChannels
    kernelFloats = winograd.kernelFloats
    cases = schedule.cases.map {
      WinogradView.Case(
        condition: $0.condition, tile: LeanTile(winograd, width: $0.size.width).functionName,
        pixels: $0.size.width)
    }
  }
}
