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

  /// Multiplies one strip's rows with the columns of some panels.
  ///
  /// - Parameters:
  ///   - columns: `[panel][depth]` vectors of four columns.
  ///   - sums: receives `[row of the strip][panel]` vectors of four columns.
  func multiply(
    group: Int, strip: Int, by columns: [SIMD4<Double>], panels: Int,
    into sums: UnsafeMutableBufferPointer<SIMD4<Double>>
  ) {
    elements.withUnsafeBufferPointer { elements in
      columns.withUnsafeBufferPointer { columns in
        let rows = UnsafeBufferPointer(
          rebasing: elements[((group * strips + strip) * depth)...].prefix(depth))
        for panel in 0..<panels {
          let panelColumns = UnsafeBufferPointer(
            rebasing: columns[(panel * depth)...].prefix(depth))
          // Four sums of four lanes: as many as the registers hold.
          var (sum0, sum1) = (SIMD4<Double>.zero, SIMD4<Double>.zero)
          var (sum2, sum3) = (SIMD4<Double>.zero, SIMD4<Double>.zero)
          for k in 0..<depth {
            let (row, column) = (rows[k], panelColumns[k])
            sum0 += column * row[0]
            sum1 += column * row[1]
            sum2 += column * row[2]
            sum3 += column * row[3]
          }
          sums[panel] = sum0
          sums[panels + panel] = sum1
          sums[2 * panels + panel] = sum2
          sums[3 * panels + panel] = sum3
        }
      }
    }
  }
}
