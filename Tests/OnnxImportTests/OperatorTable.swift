import Foundation
import OnnxImport
import TestSupport
import Testing

/// The page of the documentation that says which operators can be imported and which of ONNX's tests
/// of them pass.
struct OperatorTable {
  typealias Row = (name: String, outcome: NodeTest.Outcome)

  static let path = "Sources/OnnxImport/Operators.md"

  private let outcomes: [Row]
  private let pytorch: [Row]

  init(_ outcomes: [Row], pytorch: [Row]) {
    (self.outcomes, self.pytorch) = (outcomes, pytorch)
  }

  /// The tests that pass as networks, as the page says.
  static func recorded(_ collection: NodeTest.Collection) throws -> [String] {
    let page = try String(
      contentsOf: projectFolder.appendingPathComponent(path), encoding: .utf8)
    let heading = collection == .node ? "### As networks" : pytorchHeading
    let section = try #require(page.components(separatedBy: "\(heading)\n").dropFirst().first)
      .components(separatedBy: "\n#")[0]
    // Names stand between backquotes, in lines that begin with one.
    return section.split(separator: "\n").filter { $0.hasPrefix("`") }
      .flatMap { $0.split(separator: "`").filter { $0.first?.isLetter == true } }
      .map { "test_\($0)" }
  }

  var text: String {
    let passing = passing(outcomes)
    let constant = outcomes.filter { $0.outcome == .constant }.map(\.name)
    return """
      # Operators of ONNX

      Versions 7 to 26 of the operators are understood. What depends on no input is computed while a
      file is imported; where the table says "of constants", an operator is understood there alone.

      | Operator | What is understood |
      |---|---|
      \(OnnxOperator.all.map { "| \($0.name) | \($0.accepted) |" }.joined(separator: "\n"))

      ## ONNX's own tests

      The `onnx` package (1.19.1) carries tests of single operators; those of the operators above are in
      `Tests/Data/onnx-node`. \(passing.count + constant.count) of \(outcomes.count) pass: \
      \(passing.count) as networks, through the interpreter and through
      generated code, where the first input is the network's and the others are constants, and
      \(constant.count) as arithmetic on constants. This page is written by the tests themselves
      (`RECORD=1 swift test --filter NodeTests`), which fail where it is not true.

      ### As networks

      \(list(passing))

      ### While importing

      \(list(constant))

      ### Refused

      | Why | Tests |
      |---|---|
      \(refusals(outcomes))

      Left out are tests that spell an operator out in others (`*_expanded`); some use
      operators that are not among these, such as `Exp`, `Max` and `Loop`.

      \(Self.pytorchHeading)

      The package (1.23.2) also carries models by an early PyTorch; those of the operators above, on
      float32, and with windows in one or two dimensions of space, are in `Tests/Data/onnx-pytorch`.
      \(self.passing(pytorch).count) of \(pytorch.count) pass, as networks:

      \(list(self.passing(pytorch)))

      | Why refused | Tests |
      |---|---|
      \(refusals(pytorch))

      """
  }

  private static let pytorchHeading = "## PyTorch's tests"

  private func passing(_ rows: [Row]) -> [String] {
    rows.filter { $0.outcome == .network }.map(\.name)
  }

  private func list(_ names: [String]) -> String {
    var lines = [""]
    for name in names {
      let word = "`\(name.dropFirst("test_".count))`" + (name == names.last ? "." : ",")
      if lines[lines.count - 1].count + word.count > 99 { lines.append("") }
      lines[lines.count - 1] += (lines[lines.count - 1].isEmpty ? "" : " ") + word
    }
    return lines.joined(separator: "\n")
  }

  /// Why tests are refused, by what their messages say.
  static let reasons: [(reason: String, words: [String])] = [
    ("training", ["training mode"]),
    ("what was dropped as a second output", ["what was dropped"]),
    ("three spatial dimensions", ["one or two dimensions"]),
    ("the places of the maxima as a second output", ["places of the maxima"]),
    (
      "numbers other than float32: float64, float16, float8, integers, text",
      [
        "is of type", "only float is understood", "float, integers and bool are understood",
        "has elements of type",
      ]
    ),
    ("no elements", ["extents have to be 1 or more"]),
    ("sequences and optional values", ["is no tensor"]),
    ("version 1 of the operators", ["it uses version 1 of"]),
    ("reflected, repeated or wrapped edges", ["only constant is understood"]),
  ]

  private func refusals(_ rows: [Row]) -> String {
    var groups: [String: [String]] = [:]
    for (name, outcome) in rows {
      guard case .refused(let message) = outcome else { continue }
      let known = Self.reasons.first { $0.words.contains(where: message.contains) }
      if known == nil { Issue.record("the table has no reason for \(message)") }
      groups[known?.reason ?? "?", default: []].append(String(name.dropFirst("test_".count)))
    }
    return groups.sorted { $0.key < $1.key }.map { reason, names in
      "| \(reason) | \(names.map { "`\($0)`" }.joined(separator: ", ")) |"
    }.joined(separator: "\n")
  }
}

/// Expects a file of the project to hold a text. With `RECORD` set, writes it and fails.
func expectText(_ text: String, at path: String) throws {
  let url = projectFolder.appendingPathComponent(path)
  let found = try? String(contentsOf: url, encoding: .utf8)
  guard found != text else { return }
  if ProcessInfo.processInfo.environment["RECORD"] != nil {
    try text.write(to: url, atomically: true, encoding: .utf8)
    Issue.record("\(path) is written anew")
  } else {
    Issue.record("\(path) is not true any more; RECORD=1 swift test --filter NodeTests writes it")
  }
}
