import GraphIR

/// Where one window of a pool lies on the image: the real rows and columns it sees.
private struct Window {
  var rows: Range<Int>
  var columns: Range<Int>
  /// Positions that count in the divisor if padding does: those inside the padded image.
  var paddedCount: Int

  init(_ pool: Pooling, row: Int, column: Int, image: Shape) {
    let top = row * pool.stride.height - pool.padding.top
    let left = column * pool.stride.width - pool.padding.left
    func range(_ start: Int, _ length: Int, _ size: Int) -> Range<Int> {
      let lower = min(max(start, 0), size)
      return lower..<max(min(start + length, size), lower)
    }
    rows = range(top, pool.kernel.height, image.height)
    columns = range(left, pool.kernel.width, image.width)
    let bottom = min(top + pool.kernel.height, image.height + pool.padding.bottom)
    let right = min(left + pool.kernel.width, image.width + pool.padding.right)
    paddedCount = (bottom - top) * (right - left)
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
      pool.countIncludesPadding ? window.paddedCount : window.rows.count * window.columns.count
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
