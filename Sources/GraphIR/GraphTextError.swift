/// Why a text is not the textual form of a graph, and where.
public struct GraphTextError: Error, Equatable, CustomStringConvertible {
  /// Counted from 1.
  public var line: Int
  /// Counted from 1, in characters.
  public var column: Int
  /// One sentence: what was expected and what was found.
  public var message: String

  public init(line: Int, column: Int, message: String) {
    self.line = line
    self.column = column
    self.message = message
  }

  public var description: String { "\(line):\(column): error: \(message)" }

  /// An error at an offset into the UTF-8 of the text.
  init(_ message: String, at offset: Int, in bytes: [UInt8]) {
    let before = bytes.prefix(offset)
    let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    self.init(
      line: 1 + before.count(where: { $0 == UInt8(ascii: "\n") }),
      column: 1 + String(decoding: bytes[lineStart..<before.count], as: UTF8.self).count,
      message: message)
  }
}
