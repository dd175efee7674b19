/// A JSON value whose objects keep the order in which they were written, so that equal results give
/// equal text.
indirect enum JSON {
  case string(String)
  case integer(Int)
  /// Shortest text that reads back as the same float32; null if it is not finite.
  case float(Float)
  /// Shortest text that reads back as the same float64; null if it is not finite.
  case double(Double)
  case bool(Bool)
  case null
  case array([JSON])
  case object([(String, JSON)])

  static func floats(_ values: some Sequence<Float>) -> JSON { .array(values.map(JSON.float)) }
  static func strings(_ values: some Sequence<String>) -> JSON { .array(values.map(JSON.string)) }

  /// The value as text: objects with a line for each key, arrays on one line unless they hold objects
  /// or arrays.
  var text: String { text(indent: "") }

  private func text(indent: String) -> String {
    switch self {
    case .string(let value): return Self.quoted(value)
    case .integer(let value): return "\(value)"
    case .float(let value): return value.isFinite ? "\(value)" : "null"
    case .double(let value): return value.isFinite ? "\(value)" : "null"
    case .bool(let value): return "\(value)"
    case .null: return "null"
    case .array(let values):
      guard values.contains(where: \.isContainer) else {
        return "[" + values.map { $0.text(indent: indent) }.joined(separator: ", ") + "]"
      }
      return block(values.map { $0.text(indent: indent + "  ") }, "[", "]", indent)
    case .object(let pairs):
      guard !pairs.isEmpty else { return "{}" }
      return block(
        pairs.map { Self.quoted($0) + ": " + $1.text(indent: indent + "  ") }, "{", "}", indent)
    }
  }

  private func block(_ items: [String], _ open: String, _ close: String, _ indent: String) -> String
  {
    open + "\n" + items.map { indent + "  " + $0 }.joined(separator: ",\n") + "\n" + indent + close
  }

  private var isContainer: Bool {
    switch self {
    case .array, .object: true
    default: false
    }
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case "\r": result += "\\r"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
