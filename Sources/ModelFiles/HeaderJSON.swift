/// JSON as a safetensors header and the index of several files use it, parsed strictly (RFC 8259) and
/// with its keys in file order.
///
/// The text is untrusted: nesting is bounded, and a key that stands twice in an object is an
/// error, where general-purpose decoders keep one of the two silently.
enum HeaderJSON: Equatable {
  case null
  case bool(Bool)
  /// A number without fraction or exponent that fits in `Int`.
  case integer(Int)
  /// Any other number, as written.
  case number(String)
  case string(String)
  case array([HeaderJSON])
  case object([(key: String, value: HeaderJSON)])

  static func == (a: HeaderJSON, b: HeaderJSON) -> Bool {
    switch (a, b) {
    case (.null, .null): true
    case (.bool(let a), .bool(let b)): a == b
    case (.integer(let a), .integer(let b)): a == b
    case (.number(let a), .number(let b)), (.string(let a), .string(let b)): a == b
    case (.array(let a), .array(let b)): a == b
    case (.object(let a), .object(let b)): a.elementsEqual(b) { $0 == $1 }
    default: false
    }
  }

  /// Why the text is not JSON, and at which byte.
  struct SyntaxError: Error, Equatable, CustomStringConvertible {
    var message: String
    var offset: Int

    var description: String { "\(message) at byte \(offset) of the header" }
  }

  init(parsing bytes: UnsafeRawBufferPointer) throws {
    var parser = Parser(bytes: bytes)
    self = try parser.value(depth: 0)
    parser.skipSpace()
    guard parser.position == bytes.count else {
      throw parser.error("there is something after the JSON value")
    }
  }
}

private struct Parser {
  let bytes: UnsafeRawBufferPointer
  var position = 0
  private var valueCount = 0

  init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// Deeper than any real header (which nests three levels), far from exhausting the stack.
  static let maximalDepth = 16
  /// Values of all kinds. Each tensor has six, and no checkpoint has ten thousand of those; a value takes
  /// twenty times the memory that it takes in the file.
  static let maximalValueCount = 1_000_000

  func error(_ message: String) -> HeaderJSON.SyntaxError {
    HeaderJSON.SyntaxError(message: message, offset: position)
  }

  var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D {
      position += 1
    }
  }

  mutating func skip(_ character: Character) -> Bool {
    guard next == character.asciiValue else { return false }
    position += 1
    return true
  }

  mutating func value(depth: Int) throws -> HeaderJSON {
    guard depth < Self.maximalDepth else { throw error("the JSON nests too deeply") }
    valueCount += 1
    guard valueCount <= Self.maximalValueCount else {
      throw error("there are more than \(Self.maximalValueCount) values")
    }
    skipSpace()
    switch next {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case UInt8(ascii: "-"): return try number()
    case .some(UInt8(ascii: "0")...UInt8(ascii: "9")): return try number()
    case nil: throw error("the JSON ends too early")
    default: throw error("a JSON value is expected")
    }
  }

  mutating func word(_ text: String, _ value: HeaderJSON) throws -> HeaderJSON {
    guard bytes[position...].starts(with: text.utf8) else {
      throw error("a JSON value is expected")
    }
    position += text.utf8.count
    return value
  }

  mutating func object(depth: Int) throws -> HeaderJSON {
    position += 1
    var members: [(key: String, value: HeaderJSON)] = []
    var keys: Set<String> = []
    skipSpace()
    if skip("}") { return .object([]) }
    repeat {
      skipSpace()
      let start = position
      guard next == UInt8(ascii: "\"") else { throw error("a key in quotes is expected") }
      let key = try string()
      guard keys.insert(key).inserted else {
        position = start
        throw error("the name \"\(key)\" stands twice")
      }
      skipSpace()
      guard skip(":") else { throw error("':' is expected") }
      members.append((key, try value(depth: depth + 1)))
      skipSpace()
    } while skip(",")
    guard skip("}") else { throw error("',' or '}' is expected") }
    return .object(members)
  }

  mutating func array(depth: Int) throws -> HeaderJSON {
    position += 1
    var elements: [HeaderJSON] = []
    skipSpace()
    if skip("]") { return .array([]) }
    repeat {
      elements.append(try value(depth: depth + 1))
      skipSpace()
    } while skip(",")
    guard skip("]") else { throw error("',' or ']' is expected") }
    return .array(elements)
  }

  mutating func digits() throws {
    let start = position
    while let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
    guard position > start else { throw error("a digit is expected") }
  }

  mutating func number() throws -> HeaderJSON {
    let start = position
    _ = skip("-")
    let firstDigit = position
    try digits()
    guard bytes[firstDigit] != UInt8(ascii: "0") || position == firstDigit + 1 else {
      position = firstDigit
      throw error("a number must not start with a zero")
    }
    if skip(".") { try digits() }
    if skip("e") || skip("E") {
      if !skip("+") { _ = skip("-") }
      try digits()
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    return Int(text).map(HeaderJSON.integer) ?? .number(text)
  }

  mutating func string() throws -> String {
    let start = position
    position += 1
    var text: [UInt8] = []
    while let byte = next, byte != UInt8(ascii: "\"") {
      guard byte >= 0x20 else { throw error("a string holds a control character") }
      position += 1
      if byte == UInt8(ascii: "\\") {
        text.append(contentsOf: String(try escape()).utf8)
      } else {
        text.append(byte)
      }
    }
    guard skip("\"") else { throw error("a string does not end") }
    guard let result = String(validating: text, as: UTF8.self) else {
      position = start
      throw error("a string is not UTF-8")
    }
    return result
  }

  mutating func escape() throws -> Unicode.Scalar {
    guard let byte = next else { throw error("a string does not end") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{c}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"):
      let unit = try hexUnit()
      if let scalar = Unicode.Scalar(unit) { return scalar }
      // The two halves of a surrogate pair are escaped one after the other.
      guard unit < 0xDC00, skip("\\"), skip("u") else { throw error("half a surrogate pair") }
      let low = try hexUnit()
      guard (0xDC00...0xDFFF).contains(low),
        let scalar = Unicode.Scalar(0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00))
      else { throw error("half a surrogate pair") }
      return scalar
    default:
      position -= 1
      throw error("an unknown escape in a string")
    }
  }

  mutating func hexUnit() throws -> UInt32 {
    let end = position + 4
    guard end <= bytes.count,
      bytes[position..<end].allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
      let unit = UInt32(String(decoding: bytes[position..<end], as: UTF8.self), radix: 16)
    else { throw error("four hexadecimal digits are expected") }
    position = end
    return unit
  }
}
