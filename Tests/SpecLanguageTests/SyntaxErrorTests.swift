import Diagnostics
import SpecLanguage
import Testing

@Suite struct `Syntax errors` {
  @Test func `say what was expected and what was found`() {
    expectDiagnostics(
      model("y = x |> «)»\n  return x"), "expected an operation or a block, found ')'")
    expectDiagnostics(
      "model net() {\n  return add(1, 2\n«}»\n", "expected ',' or ')', found '}'")
    expectDiagnostics(
      model("return x.«3»"), "expected a property such as 'shape', found '3'")
  }

  @Test(arguments: ["y = x |> relu", "return x", "if true {}", ""])
  func `find nothing behind a pipe at the end of a line`(next: String) {
    expectDiagnostics(
      model("a = x |> relu «|>»\n  \(next)\n  for «3» in [1] {}"),
      "expected an operation or a block behind '|>'",
      "expected the name of the loop's value, or '(', found '3'")
    expectDiagnostics("a = 1 «|>»", "expected an operation or a block behind '|>'")
  }

  @Test func `are none if a stage follows on the next line, or behind a byte order mark`() {
    let text = "\u{FEFF}" + model("y = x |>\n  relu |>\n  in.2: conv(8, 3)\n  return y")
    #expect(compile(text).renderedDiagnostics() == "")
    let marked = compile("\u{FEFF}modl net() {}\n")
    #expect(marked.renderedDiagnostics().hasPrefix("net.spec:1:1: error: "))
  }

  @Test func `point back to an open bracket`() {
    expectDiagnostics(
      """
      model net() {
        x = input[1, 8, 6, 6]
        y = x |> conv1: conv‹(›8, 3
        «return» y
      }
      """, "expected ',' or ')', found the keyword 'return'", notes: ["to match this '('"])
  }

  @Test func `are reported together, one for each statement`() {
    expectDiagnostics(
      """
      model net() {
        x = «*» 3
        for i «of» [1, 2] {
          y = «=» 4
        }
        z = 1 «2»
        return x
      }
      """,
      "expected a value, found '*'", "expected 'in' and the values to loop over, found 'of'",
      "expected a value, found '='", "expected an operator or the end of the line, found '2'")
  }

  @Test func `do not hide the items that follow`() {
    expectDiagnostics(
      """
      block a(x, «3») {
        return x
      }
      block «for»(x) {
        return x
      }
      «modl» net() {
        return 1
      }
      """, "expected a parameter or ')', found '3'",
      "expected the name of the block, found the keyword 'for', which is reserved",
      "expected 'import', 'block', 'model' or 'name = value', found 'modl'; did you mean 'model'?")
  }

  @Test func `name a body that does not end`() {
    expectDiagnostics(
      """
      block a(x) ‹{›
        return x
      «model» net() {
        return 1
      }
      """, "expected '}' to end the block, found the keyword 'model'", notes: ["it began here"])
  }

  @Test(arguments: [
    ("x = 1 «&&» 2", "unexpected '&&'; write 'and'"), ("x = «!»y", "unexpected '!'; write 'not'"),
    ("x = 1«;»", "unexpected ';'; a new line ends a statement"),
    ("x = «é» 1", "unexpected 'é'"), ("x = «\u{1}» 1", "unexpected control character"),
    ("x = «\"open»", "the string has no closing '\"' on its line"),
  ])
  func `reject characters that begin no word`(line: String, message: String) {
    let marks = MarkedText(line)
    let result = formatSpec(SourceFile(path: "net.spec", text: marks.text))
    #expect(result.diagnostics.first?.message == message)
    #expect(result.diagnostics.first?.range == marks.main.first)
  }

  @Test func `stop a nesting that no stack can hold`() {
    let parentheses = String(repeating: "(", count: 100_000)
    let sum = "x = " + String(repeating: "1 + ", count: 10_000) + "1"
    let bodies = "model net() {" + String(repeating: "if true {\n", count: 10_000)
    for (text, message) in [
      ("x = \(parentheses)", "this is nested more than 48 levels deep; name parts of it"),
      (sum, "the expression has more than 100 levels; name parts of it"),
      (bodies, "this is nested more than 48 levels deep; name parts of it"),
    ] {
      #expect(
        formatSpec(SourceFile(path: "net.spec", text: text)).diagnostics.map(\.message)
          .contains(message))
    }
  }

  @Test func `are at most twenty and the rest is left`() {
    let text = "model net() {\n" + String(repeating: "  x = )\n", count: 1_000) + "}\n"
    let count = formatSpec(SourceFile(path: "net.spec", text: text)).diagnostics.count
    #expect(count == 20)
  }

  @Test func `are shown with the line and carets`() {
    let result = compile("model net() {\n\treturn foo |> conv1: cnv(8, 3)\n}\n")
    #expect(
      result.renderedDiagnostics() == """
        net.spec:2:9: error: unknown name 'foo'
          \treturn foo |> conv1: cnv(8, 3)
          \t       ^~~
        net.spec:2:23: error: unknown operation or block 'cnv'; did you mean 'conv'?
          \treturn foo |> conv1: cnv(8, 3)
          \t                     ^~~
          \t                     conv

        """)
  }
}
