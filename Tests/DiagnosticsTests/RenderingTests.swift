import Diagnostics
import Testing

@Suite struct `A rendered diagnostic` {
  private let file = SourceFile(path: "net.spec", text: "x = 1\n\ty = ×cnv(x)\r\nz\u{1B}[2J = 3\n")

  private func range(_ lower: Int, _ upper: Int) -> SourceRange {
    SourceRange(file: "net.spec", lower: lower, upper: upper)
  }

  private func render(_ diagnostic: Diagnostic, usesColor: Bool = false) -> String {
    DiagnosticRenderer(files: [file], usesColor: usesColor).render(diagnostic)
  }

  @Test func `has its place, its line, carets under the range, the fix and notes`() {
    let diagnostic = Diagnostic(
      "unknown operation 'cnv'", at: range(13, 16),
      notes: [.init("declared here", at: range(0, 1))],
      fix: .init(replacing: range(13, 16), with: "conv"))
    #expect(
      render(diagnostic) == """
        net.spec:2:7: error: unknown operation 'cnv'
          \ty = ×cnv(x)
          \t     ^~~
          \t     conv
        net.spec:1:1: note: declared here
          x = 1
          ^

        """)
  }

  @Test func `keeps to the first line of a range and marks an empty one`() {
    #expect(render(Diagnostic("a", at: range(4, 20))).hasSuffix("  x = 1\n      ^\n"))
    #expect(render(Diagnostic("a", at: range(5, 5))).hasSuffix("  x = 1\n       ^\n"))
  }

  @Test func `makes control characters harmless`() {
    #expect(render(Diagnostic("a", at: range(21, 22))).contains("z\u{FFFD}[2J = 3"))
  }

  @Test func `shows of a very long line what is around the carets`() {
    let text =
      String(repeating: "a", count: 10_000) + " oops " + String(repeating: "b", count: 10_000)
    let long = SourceFile(path: "long.spec", text: text)
    func lines(_ lower: Int, _ upper: Int) -> [Substring] {
      DiagnosticRenderer(files: [long]).render(
        Diagnostic(text, at: SourceRange(file: "long.spec", lower: lower, upper: upper))
      ).split(separator: "\n")
    }
    let middle = lines(10_001, 10_005)
    #expect(middle[0].hasPrefix("long.spec:1:10002: error: aaa") && middle[0].count < 600)
    #expect(middle[1].hasPrefix("  …a") && middle[1].hasSuffix("b…"))
    #expect(middle[1].count == 162)
    let column = middle[2].prefix { $0 == " " }.count
    #expect(middle[1].dropFirst(column).prefix(4) == "oops")
    #expect(middle[2].dropFirst(column) == "^~~~")
    #expect(lines(0, 10_000)[2] == "  ^" + String(repeating: "~", count: 159))
    #expect(lines(20_006, 20_006)[2].count == 163)
  }

  @Test func `goes without a place, or with a file that is not there`() {
    #expect(render(Diagnostic("no file", at: nil, severity: .warning)) == "warning: no file\n")
    #expect(
      DiagnosticRenderer(files: [], program: "resnetc").render(Diagnostic("no", at: nil))
        == "resnetc: error: no\n")
    let elsewhere = SourceRange(file: "other.spec", lower: 0, upper: 1)
    #expect(render(Diagnostic("a", at: elsewhere)) == "other.spec: error: a\n")
  }

  @Test func `is coloured on request only`() {
    #expect(render(Diagnostic("a", at: nil), usesColor: true) == "\u{1B}[1;31merror:\u{1B}[0m a\n")
  }
}

@Suite struct `Sorted diagnostics` {
  @Test func `follow the files, then the places, and else their order`() {
    func at(_ file: String, _ lower: Int, _ name: String) -> Diagnostic {
      Diagnostic(name, at: SourceRange(file: file, lower: lower, upper: lower + 1))
    }
    let files = ["b", "a"].map { SourceFile(path: $0, text: "text") }
    let sorted = [
      at("a", 1, "4"), at("b", 3, "2"), at("b", 3, "3"), at("b", 1, "1"), Diagnostic("0", at: nil),
      at("c", 0, "5"),
    ].sorted(in: files)
    #expect(sorted.map(\.message) == ["0", "1", "2", "3", "4", "5"])
  }
}

@Suite struct `The near name` {
  @Test(arguments: [
    ("cnv", "conv"), ("ocnv", "conv"), ("Conv", "conv"), ("batchh", "batch"), ("sise", "size"),
  ])
  func `is one a slip of the finger away`(name: String, expected: String) {
    #expect(nearestName(to: name, among: ["size", "batch", "conv", "classes"]) == expected)
  }

  @Test(arguments: ["x", "resize", "", "flatten", String(repeating: "conv", count: 1000)])
  func `is none if all are far`(name: String) {
    #expect(nearestName(to: name, among: ["size", "batch", "conv", "classes"]) == nil)
  }

  @Test func `counts insertions, deletions, substitutions and swaps`() {
    #expect(editDistance(Array("kitten"), Array("sitting")) == 3)
    #expect(editDistance(Array("ab"), Array("ba")) == 1)
    #expect(editDistance(Array(""), Array("abc")) == 3)
  }
}
