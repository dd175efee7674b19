import GraphIR

/// Where one window of a pool lies on the image: the real rows and columns it sees.
private struct Window {
  var rows: StrideTo<Int>
  var columns: StrideTo<Int>
  /// How many pixels these are.
  var realCount: Int
  /// Positions that count in the divisor if padding does: those inside the padded image.
  var paddedCount: Int

  init(_ pool: Pooling, row: Int, column: Int, image: Shape) {
    let top = row * pool.stride.height - pool.padding.top
    let left = column * pool.stride.width - pool.padding.left
    /// Those of `length` positions, `step` apart from `start` on, that lie in `0..<size`.
    func positions(_ start: Int, _ length: Int, _ step: Int, _ size: Int) -> (StrideTo<Int>, Int) {
      let skipped = start < 0 ? (-start + step - 1) / step : 0
      let first = start + skipped * step
      let end = min(start + length * step, size)
      let count = first < end ? (end - first + step - 1) / step : 0
      return (stride(from: first, to: end, by: step), count)
    }
    let (kernel, step) = (pool.kernel, pool.dilation)
    let (rows, rowCount) = positions(top, kernel.height, step.height, image.height)
    let (columns, columnCount) = positions(left, kernel.width, step.width, image.width)
    self.rows = rows
    self.columns = columns
    realCount = rowCount * columnCount
    // The first window begins where the padding does, and none before it.
    let paddedRows = positions(
      top + pool.padding.top, kernel.height, step.height,
      pool.padding.top + image.height + pool.padding.bottom
    ).1
    let paddedColumns = positions(
      left + pool.padding.left, kernel.width, step.width,
      pool.padding.left + image.width + pool.padding.right
    ).1
    paddedCount = paddedRows * paddedColumns
  }
}

/// Maximum over each window; padding never wins, and what is not a number always does.
func maxPool(_ x: Tensor, _ pool: Pooling, _ shape: Shape) -> Tensor {
  reduceWindows(x, pool, shape) { plane, window in
    var best = -Float.infinity
    for row in window.rows {
      for column in window.columns {
        let value = plane[row * x.shape.width + column]
        if value > best || value.isNaN { best = value }
      }
    }
    return best
  }
}

/// Mean over each window, summed in float64.
func averagePool(_ x: Tensor, _ pool: AveragePooling, _ shape: Shape) -> Tensor {
  reduceWindows(x, pool.window, shape) { plane, window in
    var sum = 0.0
    for row in window.rows {
      for column in window.columns { sum += Double(plane[row * x.shape.width + column]) }
    }
    let count =
      pool.countIncludesPadding ? window.paddedCount : window.realCount
    return Float(sum / Double(count))
  }
}

@inline(__always)
private func reduceWindows(
  _ x: Tensor, _ pool: Pooling, _ shape: Shape,
  _ reduce: (UnsafeBufferPointer<Float>, Window) -> Float
) -> Tensor {
  var y: [Float] = []
  y.reserveCapacity(shape.elementCount)
  let planeSize = x.shape.height * x.shape.width
  x.elements.withUnsafeBufferPointer { elements in
    for plane in 0..<(shape.batch * shape.channels) {
      let values = UnsafeBufferPointer(
        rebasing: elements[(plane * planeSize)..<((plane + 1) * planeSize)])
      for row in 0..<shape.height {
        for column in 0..<shape.width {
          y.append(reduce(values, Window(pool, row: row, column: column, image: x.shape)))
        }
      }
    }
  }
  return Tensor(shape, y)
}

/// The mean of each plane of an image, `[batch · channels]`, in float64.
func spatialMeans(_ x: Tensor) -> [Double] {
  let planeSize = x.shape.height * x.shape.width
  return x.elements.withUnsafeBufferPointer { elements in
    (0..<(x.shape.batch * x.shape.channels)).map { plane in
      var sum = 0.0
      for index in (plane * planeSize)..<((plane + 1) * planeSize) {
        sum += Double(elements[index])
      }
      return sum / Double(planeSize)
    }
  }
}
