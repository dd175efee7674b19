import Diagnostics
import SpecLanguage
import Testing

/// A spec text with marks where messages must point: `«…»` for the place of a diagnostic, `‹…›` for
/// the place of a note.
struct MarkedText {
  let text: String
  let main: [SourceRange]
  let notes: [SourceRange]

  init(_ marked: String, path: String = "net.spec") {
    var text = ""
    var open: [Int] = []
    var ranges: [Character: [SourceRange]] = [:]
    for character in marked {
      switch character {
      case "«", "‹": open.append(text.utf8.count)
      case "»", "›":
        let lower = open.popLast() ?? 0
        ranges[character, default: []].append(
          SourceRange(file: path, lower: lower, upper: text.utf8.count))
      default: text.append(character)
      }
    }
    self.text = text
    main = ranges["»"] ?? []
    notes = ranges["›"] ?? []
  }
}

/// Expects that compiling a marked spec reports the given messages at the marks, in their order, and
/// nothing else.
func expectDiagnostics(
  _ marked: String, _ messages: String..., notes: [String]? = nil, fix: String? = nil,
  overrides: [String: String] = [:], sourceLocation: Testing.SourceLocation = #_sourceLocation
) {
  let marks = MarkedText(marked)
  let result = compile(marks.text, overrides: overrides)
  #expect(result.diagnostics.map(\.message) == messages, sourceLocation: sourceLocation)
  if !marks.main.isEmpty {
    #expect(
      result.diagnostics.compactMap(\.range) == marks.main,
      Comment(rawValue: result.renderedDiagnostics()), sourceLocation: sourceLocation)
  }
  if let notes {
    let found = result.diagnostics.flatMap(\.notes)
    #expect(found.map(\.message) == notes, sourceLocation: sourceLocation)
    #expect(found.compactMap(\.range) == marks.notes, sourceLocation: sourceLocation)
  }
  if let fix {
    #expect(result.diagnostics.first?.fix?.replacement == fix, sourceLocation: sourceLocation)
  }
}

/// A model whose body is the given lines, applied to `x`, an input of 1 × 8 × 6 × 6.
func model(_ lines: String, parameters: String = "") -> String {
  """
  model net(\(parameters)) {
    x = input[1, 8, 6, 6]
    \(lines)
  }
  """
}
