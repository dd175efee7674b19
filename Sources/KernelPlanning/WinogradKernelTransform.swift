/// The transform of a convolution's kernels, `G g Gᵀ` for each phase, in double precision.
struct WinogradKernelTransform {
  private let winograd: WinogradConvolution
  /// G of each filter, row-major.
  private let matrices: [MinimalFilter: [Double]]

  init(_ winograd: WinogradConvolution) {
    self.winograd = winograd
    let filters = (winograd.rows.phases + winograd.columns.phases).map(\.filter)
    matrices = Dictionary(
      filters.map { ($0, $0.kernelMatrix.flatMap { $0 }) }, uniquingKeysWith: { first, _ in first })
  }

  /// Hands each point of a phase of the kernel at `offset` to `store`, with the point's number.
  ///
  /// - Parameter columnShift: which pixel is meant of those gathered.
  func transform(
    _ weights: UnsafeBufferPointer<Double>, at offset: Int, phase: WinogradConvolution.Phase,
    columnShift: Int, store: (Int, Double) -> Void
  ) {
    let (rowFilter, columnFilter) = (phase.row.filter, phase.column.filter)
    guard let rowMatrix = matrices[rowFilter], let columnMatrix = matrices[columnFilter] else {
      return
    }
    withUnsafeTemporaryAllocation(of: Double.self, capacity: columnFilter.taps) { line in
      for i in rowFilter.points.indices {
        for tap in line.indices {
          let x = phase.column.first + columnShift + tap * winograd.columns.stride
          line[tap] = 0
          // Of gathered pixels the kernel may lack the last.
          guard x < winograd.columns.kernel else { continue }
          for row in 0..<rowFilter.taps {
            let y = phase.row.first + row * winograd.rows.stride
            line[tap] +=
              rowMatrix[i * rowFilter.taps + row]
              * weights[offset + y * winograd.columns.kernel + x]
          }
        }
        for j in columnFilter.points.indices {
          var sum = 0.0
          for tap in line.indices {
            sum += columnMatrix[j * columnFilter.taps + tap] * line[tap]
          }
          store(i * winograd.columns.points + j, sum)
        }
      }
    }
  }
}
