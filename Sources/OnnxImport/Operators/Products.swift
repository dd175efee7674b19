import GraphIR

extension OnnxOperator {
  static let products = [
    OnnxOperator(
      "Gemm", inputs: 3, "the second matrix constant; the first transposed or not; any third",
      attributes: ["alpha", "beta", "transA", "transB"], gemm),
    OnnxOperator(
      "MatMul", inputs: 2,
      "the second operand a constant matrix, or as many constant matrices as the first has",
      matMul),
  ]

  /// `alpha · A · B + beta · C`.
  private static func gemm(
    _ call: NodeCall, _ builder: inout GraphBuilder
  ) throws -> ImportedValue {
    var a = try builder.nodeID(try call.input(0))
    let b = try call.constant(1, "second matrix")
    guard builder.shape(a).rank == 2, b.shape.rank == 2 else {
      throw NodeFault("it takes two matrices, not \(builder.shape(a)) and \(b.shape)")
    }
    if try call.flag("transA") { a = try builder.transpose(a, by: [1, 0]) }
    let alpha = try call.float("alpha", default: 1)
    let beta = try call.float("beta", default: 1)
    let weight = try (try call.flag("transB") ? b : b.transposed([1, 0])).scaled(by: alpha)
    guard builder.shape(a).channels == weight.shape.channels else {
      throw NodeFault("it cannot multiply \(builder.shape(a)) by \(b.shape)")
    }
    let features = weight.shape.batch
    var linear = Linear(
      outputFeatures: features, weight: builder.weight(try weight.asWeight()), bias: nil)
    let result = Shape([builder.shape(a).batch, features])
    guard let c = call.optionalInput(2), beta != 0 else {
      return .node(try builder.append(.linear(linear), [a]))
    }
    guard let vector = try c.rowVector(features) else {
      let product = try builder.append(.linear(linear), [a], role: "product")
      return .node(try addend(c, times: beta, to: product, result, &builder))
    }
    linear.bias = builder.weight(try vector.scaled(by: beta).asWeight())
    return .node(try builder.append(.linear(linear), [a]))
  }

  /// Adds what is no bias.
  private static func addend(
    _ c: ImportedValue, times beta: Float, to product: NodeID, _ result: Shape,
    _ builder: inout GraphBuilder
  ) throws -> NodeID {
    guard broadcast(builder.shape(c), result) == result else {
      throw NodeFault("its third operand \(builder.shape(c)) does not fit the product \(result)")
    }
    switch c {
    case .constant(let tensor):
      let value = try builder.nodeID(.constant(try tensor.scaled(by: beta)))
      return try builder.append(
        .add(Add()), [product, try builder.expand(value, to: result)])
    case .node(let id):
      var value = try builder.expand(id, to: result)
      if beta != 1 {
        let factors = [Float](repeating: beta, count: result.channels)
        value = try builder.affine(value, scale: factors, shift: factors.map { _ in 0 })
      }
      return try builder.append(.add(Add()), [product, value])
    }
  }

  private static func matMul(
    _ call: NodeCall, _ builder: inout GraphBuilder
  ) throws -> ImportedValue {
    let x = try builder.nodeID(try call.input(0))
    let b = try call.constant(1, "second operand")
    let shape = builder.shape(x)
    guard shape.rank > 0, b.shape.rank > 0, let inner = shape.dimensions.last else {
      throw NodeFault("it cannot multiply single numbers")
    }
    func mismatch() -> NodeFault { NodeFault("it cannot multiply \(shape) by \(b.shape)") }
    // As NumPy: a vector on the right is a column that is dropped from the result, one on the left
    // a row.
    let isVector = b.shape.rank == 1
    let matrix = isVector ? Shape([b.shape.batch, 1]) : b.shape
    let rows = matrix.dimensions[matrix.rank - 2]
    let columns = matrix.dimensions[matrix.rank - 1]
    guard rows == inner else { throw mismatch() }
    let leading = Array(matrix.dimensions.dropLast(2))
    var result = shape.dimensions.dropLast() + (isVector ? [] : [columns])
    guard leading.allSatisfy({ $0 == 1 }) else {
      guard shape.rank >= 3, Array(shape.dimensions.dropLast(2)) == leading else {
        throw NodeFault(
          "it multiplies \(shape) by \(b.shape); matrices on the right have to be one or as many as "
            + "on the left")
      }
      return .node(try batchedProduct(x, try b.asWeight(), &builder))
    }
    if leading.count > shape.rank - 2 {
      let missing = leading.count - max(0, shape.rank - 2)
      result = [Int](repeating: 1, count: missing) + result
    }
    let weight = try b.reshaped([rows, columns]).transposed([1, 0])
    let linear = Linear(
      outputFeatures: columns, weight: builder.weight(try weight.asWeight()), bias: nil)
    let count = shape.dimensions.dropLast().reduce(1, *)
    let product = try builder.append(
      .linear(linear), [try builder.reshape(x, to: [count, inner])])
    return .node(try builder.reshape(product, to: Shape(Array(result))))
  }

  /// One product for each of several matrices: a convolution of 1 × 1 with as many groups, whose
  /// pixels are the rows.
  private static func batchedProduct(
    _ x: NodeID, _ b: ConstantTensor, _ builder: inout GraphBuilder
  ) throws -> NodeID {
    let dimensions = builder.shape(x).dimensions
    let rank = dimensions.count
    let count = dimensions.dropLast(2).reduce(1, *)
    let (rows, inner) = (dimensions[rank - 2], dimensions[rank - 1])
    let columns = b.shape.dimensions[rank - 1]
    let left = try builder.transpose(
      try builder.reshape(x, to: [count, rows, inner]), by: [0, 2, 1])
    let image = try builder.reshape(left, to: [1, count * inner, rows, 1])
    let weights = try b.reshaped([count, inner, columns]).transposed([0, 2, 1])
      .reshaped([count * columns, inner, 1, 1])
    let conv = Convolution(
      outputChannels: count * columns, kernel: Extent(1), groups: count,
      weight: builder.weight(weights))
    let product = try builder.append(.convolution(conv), [image])
    let parts = try builder.transpose(
      try builder.reshape(product, to: [count, columns, rows]), by: [0, 2, 1])
    return try builder.reshape(parts, to: Shape(dimensions.dropLast() + [columns]))
  }
}

extension ImportedValue {
  /// The constant as one value for each column of a matrix, if it is the same in all rows.
  fileprivate func rowVector(_ count: Int) throws -> ConstantTensor? {
    guard case .constant(let tensor) = self, tensor.shape.rank <= 2,
      tensor.shape.rank < 2 || tensor.shape.batch == 1,
      tensor.count == 1 || tensor.shape.dimensions.last == count
    else { return nil }
    return try tensor.reshaped([tensor.count]).expanded(to: [count])
  }
}
