import Diagnostics

/// What came of formatting a spec.
public struct SpecFormatting: Sendable {
  /// The text in canonical form; `nil` if the spec has a syntax error.
  public var text: String?
  public var diagnostics: [Diagnostic]
}

/// Writes a spec file in its one canonical form, with all its comments.
///
/// Two blanks a level, at most 100 characters a line where a break is possible, one blank line
/// around blocks and models, blank lines between statements kept but never two. A pipeline that
/// does not fit on a line has one line for each stage with positional arguments; what follows such a
/// stage without, a norm or a ReLU, stays on its line. Formatting the result changes nothing.
///
/// - Parameter file: the text; its path stands in the diagnostics.
public func formatSpec(_ file: SourceFile) -> SpecFormatting {
  var parser = Parser(file)
  let spec = parser.parseFile()
  guard !parser.diagnostics.containsError else {
    return SpecFormatting(text: nil, diagnostics: parser.diagnostics.sorted(in: [file]))
  }
  var formatter = Formatter()
  formatter.write(spec)
  return SpecFormatting(text: formatter.text, diagnostics: parser.diagnostics)
}
