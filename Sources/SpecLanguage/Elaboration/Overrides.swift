import Diagnostics

/// The values given to a model's parameters from outside, as in `--set batch=8`.
///
/// They form a file of their own, one `name=value` a line in alphabetic order, so that messages can
/// point into them.
struct Overrides {
  static let path = "--set"

  let values: [String: String]
  let names: [String]
  let file: SourceFile
  private let starts: [String: Int]

  init(_ values: [String: String]) {
    self.values = values
    names = values.keys.sorted()
    var text = ""
    var starts: [String: Int] = [:]
    for name in names {
      starts[name] = text.utf8.count
      text += "\(name)=\(values[name] ?? "")\n"
    }
    self.starts = starts
    file = SourceFile(path: Self.path, text: text)
  }

  func range(ofName name: String) -> SourceRange {
    let start = starts[name] ?? 0
    return SourceRange(file: Self.path, lower: start, upper: start + name.utf8.count)
  }

  func range(ofValue name: String) -> SourceRange {
    let start = range(ofName: name).upper + 1
    let count = values[name]?.utf8.count ?? 0
    return SourceRange(file: Self.path, lower: start, upper: start + count)
  }

  /// The value as an expression, or what is wrong with it.
  func parse(_ name: String) -> (Expression?, [Diagnostic]) {
    let range = range(ofValue: name)
    // Blanks in front put the value at its place in the file of all overrides.
    let text = String(repeating: " ", count: range.lower) + (values[name] ?? "")
    var parser = Parser(SourceFile(path: Self.path, text: text))
    do throws(Parser.Failure) {
      let expression = try parser.parseExpression()
      guard parser.current.kind == .endOfFile else {
        throw parser.fail("expected the end of the value, found \(parser.current.described)")
      }
      return (parser.diagnostics.isEmpty ? expression : nil, parser.diagnostics)
    } catch {
      return (nil, parser.diagnostics)
    }
  }
}
