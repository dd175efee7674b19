import KernelPlanning
import MachineModel

/// The C of Winograd's transforms in one dimension: straight-line statements over vectors, in which
/// a pair of points ±p shares what its two rows have in common.
struct WinogradLines {
  var filter: MinimalFilter
  var instructionSet: InstructionSet
  private(set) var statements: [LineView] = []

  /// Bᵀd: from `d[…]` to `out[…]`, one element a point.
  ///
  /// With `Q` the product of `x − q` over the finite points but ±p, the rows of p and −p are
  /// `x·Q ± p·Q`.
  ///
  /// - Parameter scales: factors of the rows; opposite points have equal ones.
  static func input(
    _ filter: MinimalFilter, scales: [Double], _ instructionSet: InstructionSet
  ) -> [LineView] {
    var lines = WinogradLines(filter: filter, instructionSet: instructionSet)
    for (index, point) in filter.points.enumerated() {
      if let opposite = filter.pair(of: point) {
        guard point > 0 else { continue }
        let low = filter.nodePolynomial(without: point, -point).map { $0 * scales[index] }
        lines.statements.append(LineView(line: "/* ±\(CExpression.decimal(point)) */"))
        let number = index + 1
        let q = lines.combination(low, shift: 0, into: "q\(number)", isNew: true)
        let xq = lines.combination(low, shift: 1, into: "xq\(number)", isNew: true)
        lines.assign("out[\(index)]", lines.sum(xq, point, q))
        lines.assign("out[\(opposite)]", lines.sum(xq, -point, q))
      } else {
        let row = point.isFinite ? filter.nodePolynomial(without: point) : filter.nodePolynomial()
        let result = lines.combination(
          row.map { $0 * scales[index] }, shift: 0, into: "out[\(index)]", isNew: false)
        if result != "out[\(index)]" { lines.assign("out[\(index)]", result) }
      }
    }
    return lines.withConstants()
  }

  /// Aᵀm: from `m[…]`, one element a point, to `out[…]`.
  ///
  /// Even powers of ±p take the sum of the pair, odd powers the difference.
  static func output(_ filter: MinimalFilter, _ instructionSet: InstructionSet) -> [LineView] {
    var lines = WinogradLines(filter: filter, instructionSet: instructionSet)
    for (index, point) in filter.points.enumerated() where point > 0 {
      guard let opposite = filter.pair(of: point) else { continue }
      let pair = "m[\(index)], m[\(opposite)]"
      lines.declare("sum\(index + 1)", "\(instructionSet.add)(\(pair))")
      lines.declare("difference\(index + 1)", "\(instructionSet.sub)(\(pair))")
    }
    for row in 0..<filter.outputs {
      var terms: [(factor: Double, value: String)] = []
      for (index, point) in filter.points.enumerated() {
        if !point.isFinite {
          if row == filter.outputs - 1 { terms.append((1, "m[\(index)]")) }
        } else if filter.pair(of: point) == nil {
          let power = MinimalFilter.power(point, row)
          if power != 0 { terms.append((power, "m[\(index)]")) }
        } else if point > 0 {
          let value = row % 2 == 0 ? "sum\(index + 1)" : "difference\(index + 1)"
          terms.append((MinimalFilter.power(point, row), value))
        }
      }
      lines.accumulate(terms, into: "out[\(row)]", isNew: false)
    }
    return lines.withConstants()
  }

  private init(filter: MinimalFilter, instructionSet: InstructionSet) {
    self.filter = filter
    self.instructionSet = instructionSet
  }

  // MARK: Statements

  /// Magnitudes other than 1 that were multiplied by, in order of use.
  private var constants: [Double] = []

  /// The statements behind the constants that they use.
  private func withConstants() -> [LineView] {
    let type = instructionSet.vectorType
    return constants.map { value in
      let literal = CExpression.float(Float(value))
      return LineView(
        line: "const \(type) \(Self.name(value)) = \(instructionSet.broadcast)(\(literal));")
    } + statements
  }

  private static func name(_ constant: Double) -> String {
    "c" + CExpression.decimal(constant).replacing(".", with: "_")
  }

  private mutating func assign(_ target: String, _ value: String) {
    statements.append(LineView(line: "\(target) = \(value);"))
  }

  private mutating func declare(_ name: String, _ value: String) {
    assign("const \(instructionSet.vectorType) \(name)", value)
  }

  /// `accumulator + factor · value`.
  private mutating func sum(_ accumulator: String, _ factor: Double, _ value: String) -> String {
    let magnitude = factor.magnitude
    guard magnitude != 1 else {
      let operation = factor > 0 ? instructionSet.add : instructionSet.sub
      return "\(operation)(\(accumulator), \(value))"
    }
    if !constants.contains(magnitude) { constants.append(magnitude) }
    let operation = factor > 0 ? instructionSet.fma : instructionSet.fnmadd
    return "\(operation)(\(Self.name(magnitude)), \(value), \(accumulator))"
  }

  /// `factor · value`.
  private mutating func product(_ factor: Double, _ value: String) -> String {
    guard factor > 0 else { return sum("\(instructionSet.zero)()", factor, value) }
    if !constants.contains(factor) { constants.append(factor) }
    return "\(instructionSet.mul)(\(Self.name(factor)), \(value))"
  }

  /// The sum of `coefficients[k] · d[k + shift]`: the name of what holds it, an element of `d` where
  /// it is that alone.
  private mutating func combination(
    _ coefficients: [Double], shift: Int, into name: String, isNew: Bool
  ) -> String {
    let terms = coefficients.enumerated().filter { $0.element != 0 }
      .map { (factor: $0.element, value: "d[\($0.offset + shift)]") }
    if terms.count == 1, terms[0].factor == 1 { return terms[0].value }
    accumulate(terms, into: name, isNew: isNew)
    return name
  }

  /// Adds up terms: first those that need no multiplication, then the others from the last to the
  /// first.
  private mutating func accumulate(
    _ terms: [(factor: Double, value: String)], into name: String, isNew: Bool
  ) {
    let isUnit = { (index: Int) in terms[index].factor.magnitude == 1 }
    let units = terms.indices.filter(isUnit)
    var order = units + terms.indices.reversed().filter { !isUnit($0) }
    // The first is one that has the factor 1, or else a product, of a positive factor if there is one.
    let first =
      order.firstIndex { terms[$0].factor == 1 } ?? order.firstIndex { terms[$0].factor > 0 } ?? 0
    let (factor, start) = terms[order.remove(at: first)]
    var value = start
    if factor != 1 { value = product(factor, start) }
    var declaration = isNew ? "\(instructionSet.vectorType) " : ""
    for index in order {
      let longer = sum(value, terms[index].factor, terms[index].value)
      // Two columns of indentation before, an equals sign and a semicolon behind.
      if "  const \(declaration)\(name) = \(longer);".count <= 100 {
        value = longer
      } else {
        assign(declaration + name, value)
        declaration = ""
        value = sum(name, terms[index].factor, terms[index].value)
      }
    }
    assign((declaration.isEmpty ? "" : "const ") + declaration + name, value)
  }
}

extension MinimalFilter {
  /// The index of −p among the points, if both are finite and differ.
  fileprivate func pair(of point: Double) -> Int? {
    point == 0 || !point.isFinite ? nil : points.firstIndex(of: -point)
  }
}
