/// Writes diagnostics as text: `path:line:column: error: message`, the line, and carets under the
/// exact range.
///
/// ```text
/// net.spec:3:18: error: unknown operation 'cnv'; did you mean 'conv'?
///   x = x |> conv1: cnv(64, 7)
///                   ^~~
///                   conv
/// ```
public struct DiagnosticRenderer: Sendable {
  private let files: [String: SourceFile]
  private let usesColor: Bool
  private let program: String?

  /// The columns of a line that are shown at most, and how many of them before the carets.
  private static let maximumColumns = 160
  private static let columnsBefore = 60
  /// The characters of a message that are shown at most: it may quote a name of any length.
  private static let maximumMessage = 500

  /// - Parameters:
  ///   - files: the files that ranges may name.
  ///   - usesColor: whether to write ANSI colours, as for a terminal.
  ///   - program: what stands before a diagnostic without a place, where others have their file.
  public init(files: [SourceFile], usesColor: Bool = false, program: String? = nil) {
    self.files = Dictionary(files.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
    self.usesColor = usesColor
    self.program = program
  }

  /// The diagnostics, each ending in a newline, in the given order.
  public func render(_ diagnostics: [Diagnostic]) -> String {
    diagnostics.map { render($0) }.joined()
  }

  /// One diagnostic with its notes, ending in a newline.
  public func render(_ diagnostic: Diagnostic) -> String {
    var text = entry(
      diagnostic.severity.rawValue, diagnostic.message, at: diagnostic.range, fix: diagnostic.fix)
    for note in diagnostic.notes {
      text += entry("note", note.message, at: note.range, fix: nil)
    }
    return text
  }

  private func entry(
    _ kind: String, _ message: String, at range: SourceRange?, fix: Diagnostic.Fix?
  ) -> String {
    let head = "\(colored(kind + ":", kind)) \(shortened(message).printable())\n"
    guard let range else { return (program.map { $0 + ": " } ?? "") + head }
    guard let file = files[range.file] else { return "\(range.file): \(head)" }
    let place = file.location(of: range.lower)
    return "\(file.path):\(place.line):\(place.column): \(head)"
      + excerpt(of: range, in: file, kind, fix: fix)
  }

  /// The line of the range's start, carets under the part of the range on that line, and the fix. Of
  /// a very long line only the columns around the carets.
  private func excerpt(
    of range: SourceRange, in file: SourceFile, _ kind: String, fix: Diagnostic.Fix?
  ) -> String {
    let line = file.contentRange(ofLine: file.lineIndex(of: min(range.lower, file.text.utf8.count)))
    let lower = min(max(range.lower, line.lowerBound), line.upperBound)
    let upper = min(max(range.upper, lower), line.upperBound)
    let characters = Array(file.slice(line))
    let column = min(file.slice(line.lowerBound..<lower).count, characters.count)
    let shown = visibleColumns(around: column, of: characters.count)
    var visible = characters[shown]
    if shown.lowerBound > 0 { visible[shown.lowerBound] = "…" }
    if shown.upperBound < characters.count { visible[shown.upperBound - 1] = "…" }

    func padding(upTo end: Int) -> String {
      // Blanks as wide as the text: tabs stay tabs, so that the carets line up at any tab width.
      String(visible[shown.lowerBound..<max(end, shown.lowerBound)].map { $0 == "\t" ? "\t" : " " })
    }
    let width = max(min(file.slice(lower..<upper).count, shown.upperBound - column), 1)
    let carets = "^" + String(repeating: "~", count: width - 1)
    var text =
      "  \(String(visible).printable())\n  \(padding(upTo: column))\(colored(carets, kind))\n"
    if let fix, fix.range.file == range.file, line.lowerBound <= fix.range.lower,
      fix.range.lower <= line.upperBound
    {
      let place = min(file.slice(line.lowerBound..<fix.range.lower).count, characters.count)
      if place >= shown.lowerBound, place <= shown.upperBound {
        text += "  \(padding(upTo: place))\(shortened(fix.replacement).printable())\n"
      }
    }
    return text
  }

  /// The columns to show of a line, all of them if they are not too many.
  private func visibleColumns(around column: Int, of count: Int) -> Range<Int> {
    guard count > Self.maximumColumns else { return 0..<count }
    let start = min(max(column - Self.columnsBefore, 0), count - Self.maximumColumns)
    return start..<start + Self.maximumColumns
  }

  /// The text without its middle if it is too long for a line.
  private func shortened(_ text: String) -> String {
    guard text.count > Self.maximumMessage else { return text }
    let half = Self.maximumMessage / 2
    return text.prefix(half) + "…" + text.suffix(half)
  }

  private func colored(_ text: String, _ kind: String) -> String {
    guard usesColor else { return text }
    let color =
      switch kind {
      case "error": "31"
      case "warning": "35"
      default: "36"
      }
    return "\u{1B}[1;\(color)m\(text)\u{1B}[0m"
  }
}
