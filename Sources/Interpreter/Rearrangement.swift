import GraphIR

/// The elements of x at the positions that each element of the result comes from.
///
/// - Parameter source: for the dimensions of the result, what a step along each is in x, in elements.
private func gather(_ x: Tensor, _ shape: Shape, strides source: [Int]) -> Tensor {
  var elements: [Float] = []
  elements.reserveCapacity(shape.elementCount)
  var position = [Int](repeating: 0, count: shape.rank)
  var offset = 0
  for _ in 0..<shape.elementCount {
    elements.append(x.elements[offset])
    // The next position in row-major order.
    for dimension in shape.dimensions.indices.reversed() {
      position[dimension] += 1
      offset += source[dimension]
      if position[dimension] < shape.dimensions[dimension] { break }
      offset -= position[dimension] * source[dimension]
      position[dimension] = 0
    }
  }
  return Tensor(shape, elements)
}

extension Shape {
  /// What a step along each dimension is in elements, in row-major order.
  fileprivate var strides: [Int] {
    var strides = [Int](repeating: 1, count: rank)
    for dimension in dimensions.indices.dropLast().reversed() {
      strides[dimension] = strides[dimension + 1] * dimensions[dimension + 1]
    }
    return strides
  }
}

/// Dimension `i` of the result is dimension `permutation[i]` of x.
func transpose(_ x: Tensor, _ transposition: Transposition, _ shape: Shape) -> Tensor {
  gather(x, shape, strides: transposition.permutation.map { x.shape.strides[$0] })
}

/// x repeated along dimensions of extent 1, and along those it lacks in front.
func expand(_ x: Tensor, _ shape: Shape) -> Tensor {
  let missing = shape.rank - x.shape.rank
  let own = zip(x.shape.dimensions, x.shape.strides).map { $0 == 1 ? 0 : $1 }
  return gather(x, shape, strides: [Int](repeating: 0, count: missing) + own)
}

/// Tensors one behind the other along dimension 1.
func concatenate(_ parts: [Tensor], _ shape: Shape) -> Tensor {
  var elements: [Float] = []
  elements.reserveCapacity(shape.elementCount)
  for image in 0..<shape.batch {
    for part in parts { elements += part.row(image) }
  }
  return Tensor(shape, elements)
}
