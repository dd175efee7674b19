/// A place in a file as people count: both numbers start at 1, and a column is a character, not a
/// byte.
public struct SourceLocation: Hashable, Sendable {
  public var line: Int
  public var column: Int

  public init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }
}

/// The text of a file with the path by which the user knows it.
public struct SourceFile: Equatable, Sendable {
  public let path: String
  public let text: String
  /// The UTF-8 offset at which each line starts.
  private let lineStarts: [Int]

  /// - Parameters:
  ///   - path: what messages call the file.
  ///   - text: its contents. A byte order mark before them is left out.
  public init(path: String, text: String) {
    self.path = path
    let hasMark = text.unicodeScalars.first == "\u{FEFF}"
    let text = hasMark ? String(text.unicodeScalars.dropFirst()) : text
    self.text = text
    var starts = [0]
    for (offset, byte) in text.utf8.enumerated() where byte == UInt8(ascii: "\n") {
      starts.append(offset + 1)
    }
    lineStarts = starts
  }

  /// The line and column of a UTF-8 offset; an offset past the end means the end.
  public func location(of offset: Int) -> SourceLocation {
    let offset = min(max(offset, 0), text.utf8.count)
    let line = lineIndex(of: offset)
    let before = slice(lineStarts[line]..<offset)
    return SourceLocation(line: line + 1, column: before.count + 1)
  }

  /// The text of a line, counted from 1, without its end-of-line characters.
  public func line(_ number: Int) -> String {
    let range = contentRange(ofLine: number - 1)
    return slice(range)
  }

  /// The text of a range of UTF-8 offsets, clamped to the file.
  public func text(in range: SourceRange) -> String {
    let lower = min(max(range.lower, 0), text.utf8.count)
    return slice(lower..<min(max(range.upper, lower), text.utf8.count))
  }

  /// The number of lines; a final newline does not start another one unless the file is empty.
  public var lineCount: Int {
    lineStarts.count > 1 && lineStarts.last == text.utf8.count
      ? lineStarts.count - 1 : lineStarts.count
  }

  /// The UTF-8 offsets of a line, counted from 0, without its end-of-line characters.
  func contentRange(ofLine index: Int) -> Range<Int> {
    guard lineStarts.indices.contains(index) else { return text.utf8.count..<text.utf8.count }
    let start = lineStarts[index]
    var end = index + 1 < lineStarts.count ? lineStarts[index + 1] - 1 : text.utf8.count
    if end > start, utf8(at: end - 1) == UInt8(ascii: "\r") { end -= 1 }
    return start..<end
  }

  /// The index, from 0, of the line that holds the offset.
  func lineIndex(of offset: Int) -> Int {
    var (low, high) = (0, lineStarts.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if lineStarts[middle] <= offset { low = middle } else { high = middle }
    }
    return low
  }

  /// The text of a range of UTF-8 offsets. A range that cuts a character yields U+FFFD for the part.
  func slice(_ range: Range<Int>) -> String {
    let start = text.utf8.index(text.utf8.startIndex, offsetBy: range.lowerBound)
    let end = text.utf8.index(start, offsetBy: range.count)
    return String(decoding: text.utf8[start..<end], as: UTF8.self)
  }

  private func utf8(at offset: Int) -> UInt8 {
    text.utf8[text.utf8.index(text.utf8.startIndex, offsetBy: offset)]
  }
}
