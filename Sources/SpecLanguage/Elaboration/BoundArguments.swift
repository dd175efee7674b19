import Diagnostics
import GraphIR

/// The values of a call's parameters by name, and readers that check them.
///
/// A reader yields the default for an argument that was not given, and throws for a value that does
/// not fit; `Elaborator` reports what is thrown.
struct BoundArguments {
  /// An argument that does not fit; `nil` if its error was reported where it arose.
  struct Failure: Error {
    var message: String?
    var range: SourceRange
  }

  let call: Call
  /// The place of the call with its label.
  let range: SourceRange
  var values: [String: (value: Value, range: SourceRange)] = [:]

  func has(_ name: String) -> Bool { values[name] != nil }

  func range(of name: String) -> SourceRange { values[name]?.range ?? range }

  func tensor(_ name: String) throws(Failure) -> NodeID {
    let (value, range) = try given(name)
    guard case .tensor(let id) = value else { throw wrong(name, "a tensor", value, range) }
    return id
  }

  func flag(_ name: String, default standard: Bool) throws(Failure) -> Bool {
    guard has(name) else { return standard }
    let (value, range) = try given(name)
    guard case .boolean(let flag) = value else { throw wrong(name, "true or false", value, range) }
    return flag
  }

  func count(
    _ name: String, from minimum: Int, default standard: Int? = nil
  ) throws(Failure) -> Int {
    if let standard, !has(name) { return standard }
    let (value, range) = try given(name)
    return try count(name, value, from: minimum, range)
  }

  func real(_ name: String, default standard: Double) throws(Failure) -> Double {
    guard has(name) else { return standard }
    let (value, range) = try given(name)
    guard let number = value.number else { throw wrong(name, "a number", value, range) }
    return number
  }

  /// A number that float32 can hold, as what it rounds to.
  func float32(_ name: String, default standard: Float) throws(Failure) -> Float {
    guard has(name) else { return standard }
    let value = Float(try real(name, default: 0))
    guard value.isFinite else {
      throw Failure(message: "'\(name)' does not fit in 32 bits", range: range(of: name))
    }
    return value
  }

  /// Tensors in a list, one at least.
  func tensors(_ name: String) throws(Failure) -> [NodeID] {
    let (value, range) = try given(name)
    guard case .list(let list) = value, !list.elements.isEmpty else {
      throw wrong(name, "a list of tensors", value, range)
    }
    var ids: [NodeID] = []
    for element in list.elements {
      guard case .tensor(let id) = element else {
        throw wrong(name, "a list of tensors", element, range, isElement: true)
      }
      ids.append(id)
    }
    return ids
  }

  /// A list of counts, such as the dimensions of a shape.
  func counts(_ name: String, from minimum: Int) throws(Failure) -> [Int] {
    let (value, range) = try given(name)
    guard case .list(let list) = value else { throw wrong(name, "a list", value, range) }
    var counts: [Int] = []
    for element in list.elements {
      counts.append(try count(name, element, from: minimum, range))
    }
    return counts
  }

  /// A name as a label could be.
  func name(_ name: String) throws(Failure) -> String {
    let (value, range) = try given(name)
    guard case .string(let text) = value else { throw wrong(name, "a name", value, range) }
    guard isPath(text) else {
      throw Failure(
        message: "'\(name)' takes letters, digits and '_', in segments between dots", range: range)
    }
    return text
  }

  /// A list of numbers.
  func reals(_ name: String) throws(Failure) -> [Double]? {
    guard has(name) else { return nil }
    let (value, range) = try given(name)
    guard case .list(let list) = value else {
      throw wrong(name, "a list of numbers", value, range)
    }
    var numbers: [Double] = []
    for element in list.elements {
      guard let number = element.number else {
        throw wrong(name, "a list of numbers", element, range, isElement: true)
      }
      numbers.append(number)
    }
    return numbers
  }

  /// One side for both directions, or `(height, width)`.
  func extent(
    _ name: String, from minimum: Int, default standard: Extent? = nil
  ) throws(Failure) -> Extent {
    if let standard, !has(name) { return standard }
    let (value, range) = try given(name)
    guard case .list(let list) = value else {
      return Extent(try count(name, value, from: minimum, range))
    }
    guard list.elements.count == 2 else {
      throw Failure(
        message:
          "'\(name)' takes one integer or (height, width), not \(list.elements.count) values",
        range: range)
    }
    return Extent(
      height: try count(name, list.elements[0], from: minimum, range),
      width: try count(name, list.elements[1], from: minimum, range))
  }

  /// One count for all sides, `(height, width)`, `(top, left, bottom, right)`, or, where a window
  /// slides, "same_upper" or "same_lower".
  ///
  /// - Parameter same: computes the padding with which a window has ⌈size / stride⌉ places; it is
  ///   given whether the odd row and column go to the bottom and right.
  func padding(
    _ name: String, same: ((_ oddAtEnd: Bool) -> Padding)?
  ) throws(Failure) -> Padding {
    guard has(name) else { return .zero }
    let (value, range) = try given(name)
    switch value {
    case .string("same_upper"):
      if let same { return same(true) }
    case .string("same_lower"):
      if let same { return same(false) }
    case .list(let list) where list.elements.count == 2:
      let height = try count(name, list.elements[0], from: 0, range)
      let width = try count(name, list.elements[1], from: 0, range)
      return Padding(top: height, left: width, bottom: height, right: width)
    case .list(let list) where list.elements.count == 4:
      return Padding(
        top: try count(name, list.elements[0], from: 0, range),
        left: try count(name, list.elements[1], from: 0, range),
        bottom: try count(name, list.elements[2], from: 0, range),
        right: try count(name, list.elements[3], from: 0, range))
    case .integer:
      return Padding(try count(name, value, from: 0, range))
    default:
      break
    }
    let words = same == nil ? "" : ", \"same_upper\" or \"same_lower\""
    throw Failure(
      message: "'\(name)' takes one integer, (height, width), (top, left, bottom, right)" + words,
      range: range)
  }

  // MARK: Checks

  func given(_ name: String) throws(Failure) -> (Value, SourceRange) {
    guard let (value, range) = values[name], !value.isInvalid else {
      throw Failure(message: nil, range: range)
    }
    return (value, range)
  }

  private func count(
    _ name: String, _ value: Value, from minimum: Int, _ range: SourceRange
  ) throws(Failure) -> Int {
    guard case .integer(let number) = value else {
      throw wrong(name, "an integer", value, range)
    }
    guard (minimum...Limits.dimension).contains(number) else {
      throw Failure(
        message: "'\(name)' must be between \(minimum) and \(Limits.dimension), not \(number)",
        range: range)
    }
    return number
  }

  func wrong(
    _ name: String, _ wanted: String, _ value: Value, _ range: SourceRange, isElement: Bool = false
  ) -> Failure {
    guard !value.isInvalid else { return Failure(message: nil, range: range) }
    let hint =
      if case .real = value, wanted == "an integer" { "; '//' divides integers" } else { "" }
    return Failure(
      message: "'\(name)' takes \(wanted), not "
        + (isElement ? "one with \(value.described)" : value.described) + hint, range: range)
  }
}
