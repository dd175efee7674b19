/// The rows of a matrix for each group, in strips of four, widened to float64: the left operand of a
/// matrix product that sums in float64.
///
/// An element is the four values that one strip has at one depth; rows past the last are zero.
struct PackedRows: Sendable {
  let rows: Int
  let depth: Int
  let strips: Int
  private let elements: [SIMD4<Double>]

  /// - Parameters:
  ///   - values: `[groups, rows, depth]`.
  ///   - rows: rows of one group.
  init(_ values: [Float], rows: Int, depth: Int, groups: Int) {
    self.rows = rows
    self.depth = depth
    let strips = (rows + 3) / 4
    self.strips = strips
    var elements = [SIMD4<Double>](repeating: .zero, count: groups * strips * depth)
    values.withUnsafeBufferPointer { values in
      elements.withUnsafeMutableBufferPointer { elements in
        for group in 0..<groups {
          for row in 0..<rows {
            let from = (group * rows + row) * depth
            let to = (group * strips + row / 4) * depth
            for k in 0..<depth { elements[to + k][row % 4] = Double(values[from + k]) }
          }
        }
      }
    }
    self.elements = elements
  }

  /// The products of one strip's rows with one panel's four columns: a vector for each row.
  ///
  /// - Parameter columns: `[panel][depth]` vectors of four columns.
  @inline(__always)
  func product(group: Int, strip: Int, columns: [SIMD4<Double>], panel: Int)
    -> InlineRows
  {
    var sums = InlineRows()
    elements.withUnsafeBufferPointer { rows in
      columns.withUnsafeBufferPointer { columns in
        let (a, b) = ((group * strips + strip) * depth, panel * depth)
        var (sum0, sum1) = (SIMD4<Double>.zero, SIMD4<Double>.zero)
        var (sum2, sum3) = (SIMD4<Double>.zero, SIMD4<Double>.zero)
        for k in 0..<depth {
          let (row, column) = (rows[a + k], columns[b + k])
          sum0 += column * row[0]
          sum1 += column * row[1]
          sum2 += column * row[2]
          sum3 += column * row[3]
        }
        sums = InlineRows(row0: sum0, row1: sum1, row2: sum2, row3: sum3)
      }
    }
    return sums
  }

  /// Four rows of four sums.
  struct InlineRows {
    var row0 = SIMD4<Double>.zero
    var row1 = SIMD4<Double>.zero
    var row2 = SIMD4<Double>.zero
    var row3 = SIMD4<Double>.zero

    subscript(row: Int) -> SIMD4<Double> {
      switch row {
      case 0: row0
      case 1: row1
      case 2: row2
      default: row3
      }
    }
  }
}
