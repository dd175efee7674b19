import GraphIR

/// What an expression of a spec stands for while the spec is elaborated.
enum Value: Equatable, Sendable {
  case integer(Int)
  case real(Double)
  case boolean(Bool)
  case string(String)
  case list(ValueList)
  /// Integers from the lower bound up to, without, the upper one.
  case range(Range<Int>)
  case tensor(NodeID)
  /// What an expression with a reported error yields; whatever uses it says no more.
  case invalid

  /// How a message calls values of this kind.
  var described: String {
    switch self {
    case .integer: "an integer"
    case .real: "a real number"
    case .boolean: "true or false"
    case .string: "a string"
    case .list: "a list"
    case .range: "a range"
    case .tensor: "a tensor"
    case .invalid: "an error"
    }
  }

  /// The value of a number.
  var number: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .real(let value): value
    default: nil
    }
  }

  var isInvalid: Bool { self == .invalid }
}

/// The elements of a list or a tuple. Size and height are bounded, so that no spec can make a value
/// that takes forever to compare or overflows the stack to release.
struct ValueList: Equatable, Sendable {
  static let maximumSize = 10_000
  static let maximumHeight = 16

  let elements: [Value]
  /// The number of values in it, all levels together.
  let size: Int
  let height: Int

  /// Returns `nil` if the list would be too large.
  init?(_ elements: [Value]) {
    var size = 1
    var height = 1
    for element in elements {
      guard case .list(let inner) = element else {
        size += 1
        continue
      }
      size += inner.size
      height = max(height, inner.height + 1)
      guard size <= Self.maximumSize else { return nil }
    }
    guard size <= Self.maximumSize, height <= Self.maximumHeight else { return nil }
    self.elements = elements
    self.size = size
    self.height = height
  }
}
