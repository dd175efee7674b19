/// Why an operator cannot be applied to its operands.
struct ArithmeticError: Error {
  var message: String
}

/// Applies a binary operator other than `and` and `or`, which choose what is evaluated.
///
/// Integers stay integers but for `/`, which is the quotient of real numbers; `//` rounds down and
/// `%` has the sign of the divisor, so that `a == a // b * b + a % b`.
func apply(_ symbol: String, _ left: Value, _ right: Value) throws(ArithmeticError) -> Value {
  switch symbol {
  case "==": return .boolean(try areEqual(left, right))
  case "!=": return .boolean(!(try areEqual(left, right)))
  case "..<":
    guard case .integer(let lower) = left, case .integer(let upper) = right else {
      throw mismatch(symbol, left, right)
    }
    return .range(lower..<max(lower, upper))
  default: break
  }
  if case .integer(let a) = left, case .integer(let b) = right, symbol != "/" {
    return try integers(symbol, a, b)
  }
  guard let a = left.number, let b = right.number else { throw mismatch(symbol, left, right) }
  return try reals(symbol, a, b)
}

private func integers(_ symbol: String, _ a: Int, _ b: Int) throws(ArithmeticError) -> Value {
  if symbol == "//" || symbol == "%" {
    guard b != 0 else { throw ArithmeticError(message: "division by zero") }
    let (quotient, overflow) = a.dividedReportingOverflow(by: b)
    if overflow {
      if symbol == "%" { return .integer(0) }
      throw tooLarge(symbol, a, b)
    }
    let remainder = a - quotient * b
    let roundsDown = remainder != 0 && (remainder < 0) != (b < 0)
    return symbol == "//"
      ? .integer(roundsDown ? quotient - 1 : quotient)
      : .integer(roundsDown ? remainder + b : remainder)
  }
  let result: (partialValue: Int, overflow: Bool)
  switch symbol {
  case "+": result = a.addingReportingOverflow(b)
  case "-": result = a.subtractingReportingOverflow(b)
  case "*": result = a.multipliedReportingOverflow(by: b)
  case "<": return .boolean(a < b)
  case "<=": return .boolean(a <= b)
  case ">": return .boolean(a > b)
  default: return .boolean(a >= b)
  }
  if result.overflow { throw tooLarge(symbol, a, b) }
  return .integer(result.partialValue)
}

private func reals(_ symbol: String, _ a: Double, _ b: Double) throws(ArithmeticError) -> Value {
  let result: Double
  switch symbol {
  case "+": result = a + b
  case "-": result = a - b
  case "*": result = a * b
  case "<": return .boolean(a < b)
  case "<=": return .boolean(a <= b)
  case ">": return .boolean(a > b)
  case ">=": return .boolean(a >= b)
  default:
    guard b != 0 else { throw ArithmeticError(message: "division by zero") }
    switch symbol {
    case "/": result = a / b
    case "//": result = (a / b).rounded(.down)
    default: result = a - (a / b).rounded(.down) * b
    }
  }
  guard result.isFinite else {
    throw ArithmeticError(message: "the result of \(a) \(symbol) \(b) is too large")
  }
  return .real(result)
}

private func areEqual(_ left: Value, _ right: Value) throws(ArithmeticError) -> Bool {
  if case .integer(let a) = left, case .integer(let b) = right { return a == b }
  if let a = left.number, let b = right.number { return a == b }
  switch (left, right) {
  case (.boolean, .boolean), (.string, .string), (.range, .range): return left == right
  case (.list(let a), .list(let b)):
    guard a.elements.count == b.elements.count else { return false }
    for (x, y) in zip(a.elements, b.elements) {
      guard try areEqual(x, y) else { return false }
    }
    return true
  case (.tensor, .tensor):
    throw ArithmeticError(message: "tensors have no values yet; compare their shapes: 'x.shape'")
  default: throw mismatch("==", left, right)
  }
}

private func mismatch(_ symbol: String, _ left: Value, _ right: Value) -> ArithmeticError {
  ArithmeticError(
    message: "'\(symbol)' cannot be applied to \(left.described) and \(right.described)")
}

private func tooLarge(_ symbol: String, _ a: Int, _ b: Int) -> ArithmeticError {
  ArithmeticError(message: "the result of \(a) \(symbol) \(b) does not fit in 64 bits")
}
