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

  /// - Parameters:
  ///   - files: the files that ranges may name.
  ///   - usesColor: whether to write ANSI colours, as for a terminal.
  public init(files: [SourceFile], usesColor: Bool = false) {
    self.files = Dictionary(files.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
    self.usesColor = usesColor
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
    let head = "\(colored(kind + ":", kind)) \(printable(message))\n"
    guard let range else { return head }
    guard let file = files[range.file] else { return "\(range.file): \(head)" }
    let place = file.location(of: range.lower)
    return "\(file.path):\(place.line):\(place.column): \(head)"
      + excerpt(of: range, in: file, kind, fix: fix)
  }

  /// The line of the range's start, carets under the part of the range on that line, and the fix.
  private func excerpt(
    of range: SourceRange, in file: SourceFile, _ kind: String, fix: Diagnostic.Fix?
  ) -> String {
    let line = file.contentRange(ofLine: file.lineIndex(of: min(range.lower, file.text.utf8.count)))
    let lower = min(max(range.lower, line.lowerBound), line.upperBound)
    let upper = min(max(range.upper, lower), line.upperBound)
    let before = padding(under: file.slice(line.lowerBound..<lower))
    let width = max(file.slice(lower..<upper).count, 1)
    let carets = "^" + String(repeating: "~", count: width - 1)
    var text = "  \(printable(file.slice(line)))\n  \(before)\(colored(carets, kind))\n"
    if let fix, fix.range.file == range.file, line.lowerBound <= fix.range.lower,
      fix.range.lower <= line.upperBound
    {
      text += "  \(padding(under: file.slice(line.lowerBound..<fix.range.lower)))"
      text += "\(printable(fix.replacement))\n"
    }
    return text
  }

  /// Blanks as wide as the text: tabs stay tabs, so that the carets line up at any tab width.
  private func padding(under text: String) -> String {
    String(text.map { $0 == "\t" ? "\t" : " " })
  }

  /// The text with control characters made visible; a terminal must not obey a source file.
  private func printable(_ text: String) -> String {
    String(
      text.map { character in
        guard character != "\t", let scalar = character.unicodeScalars.first else {
          return character
        }
        let isControl = scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
        return isControl ? "\u{FFFD}" : character
      })
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
