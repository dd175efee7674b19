import Diagnostics
import GraphIR
import SpecLanguage
import Testing

@Suite struct `Errors of meaning` {
  @Test func `a shape mismatch shows both shapes, each at its place`() {
    expectDiagnostics(
      """
      model net() {
        x = input[1, 8, 6, 6]
        y = x |> ‹conv1: conv(16, 3)›
        s = x |> ‹conv2: conv(16, 1, stride: 2)›
        return y |> «add(s)»
      }
      """, "add takes two equal shapes, not [1, 16, 4, 4] and [1, 16, 3, 3]",
      notes: [
        "'conv1' has the shape [1, 16, 4, 4]", "'conv2' has the shape [1, 16, 3, 3]",
      ])
  }

  @Test func `a shape error in a block shows where the block was used`() {
    expectDiagnostics(
      """
      block f(x, k) {
        return x |> «maxpool(k)»
      }
      model net() {
        x = ‹input[1, 8, 6, 6]›
        return x |> ‹stage1: f(7)›
      }
      """, "the window of maxpool is larger than its padded input [1, 8, 6, 6]",
      notes: ["'input' has the shape [1, 8, 6, 6]", "in the block 'f', used here as 'stage1'"])
  }

  @Test func `unknown names bring the near one`() {
    expectDiagnostics(
      model(
        "return «widt» |> conv1: «cnv»(8, 3) |> c2: conv(8, 3, «strid»: 2)",
        parameters: "width = 1"),
      "unknown name 'widt'; did you mean 'width'?",
      "unknown operation or block 'cnv'; did you mean 'conv'?",
      "the operation 'conv' has no parameter 'strid'; did you mean 'stride'?", fix: "width")
    expectDiagnostics(
      model("return x if x.«heigth» == 1 else x |> relu"),
      "a tensor has no property 'heigth'; did you mean 'height'?", fix: "height")
    expectDiagnostics(
      model("return x |> relu(«slope»: 1)"),
      "the operation 'relu' has no parameter 'slope'; it takes x")
  }

  @Test func `names are checked in blocks that nothing uses`() {
    expectDiagnostics(
      """
      block f(x) {
        if true {
          y = x
        }
        return «y» |> a: «gg»
      }
      model net() {
        return input[1, 8] |> relu
      }
      """, "unknown name 'y'", "unknown operation or block 'gg'")
  }

  @Test func `calls that do not fit`() {
    expectDiagnostics(
      model(
        """
        a = x |> c1: «conv(8)»
        b = x |> c2: conv(8, 3, 1, 1, 1, 1, true, «9»)
        c = x |> c3: conv(8, 3, «channels»: 4)
        d = x |> relu(«x»: x)
        e = x |> c4: conv(kernel: 3, «8»)
        f = x |> «conv(8, 3)»
        «relu(x)»
        return «relu»
        """), "the operation 'conv' needs a value for 'kernel'",
      "too many arguments; the operation 'conv' takes x, channels, kernel, stride, pad, dilation, "
        + "groups, bias", "'channels' is given twice", "'x' comes from the pipeline already",
      "an argument without a name must stand before the named ones",
      "'conv' has weights and needs a name for them: 'x |> name: conv(…)'",
      "the result of 'relu' is not used; write 'name = relu(…)'",
      "'relu' is no value; call it, as in 'relu(x)'")
  }

  @Test func `arguments of the wrong kind or size`() {
    expectDiagnostics(
      model(
        """
        a = x |> c1: conv(«8.0», 3)
        b = x |> c2: conv(8, «0»)
        c = x |> c3: conv(8, «(1, 2, 3)»)
        d = x |> c4: conv(8, 3, pad: «"same"»)
        e = x |> c5: conv(8, 3, bias: «1»)
        f = x |> bn1: bn(eps: «-1e-5»)
        g = x |> c6: conv(«1000000000000», 3)
        h = x |> pad(«"same_upper"»)
        i = x |> add(«3»)
        j = x |> c7: conv(8, «9223372036854775808»)
        return x |> relu
        """), "'channels' takes an integer, not a real number; '//' divides integers",
      "'kernel' must be between 1 and 1048576, not 0",
      "'kernel' takes one integer or (height, width), not 3 values",
      "'pad' takes one integer, (height, width), (top, left, bottom, right), \"same_upper\" or "
        + "\"same_lower\"", "'bias' takes true or false, not an integer",
      "'eps' must not be negative",
      "'channels' must be between 1 and 1048576, not 1000000000000",
      "'pad' takes one integer, (height, width), (top, left, bottom, right)",
      "'y' takes a tensor, not an integer", "the integer does not fit in 64 bits")
  }

  @Test func `arithmetic that has no result`() {
    expectDiagnostics(
      model(
        """
        a = «9223372036854775807 + 1»
        b = «1 // 0»
        c = «1 / 0.0»
        d = «(-9223372036854775807 - 1) // -1»
        e = «1 + "a"»
        f = «1e308 * 10»
        g = «x == x»
        h = [1, 2][«2»]
        i = not «1»
        for j in «3» {}
        if «1» {}
        k = -(«-9223372036854775807 - 2»)
        l = «1e999»
        return x |> relu
        """), "the result of 9223372036854775807 + 1 does not fit in 64 bits", "division by zero",
      "division by zero", "the result of -9223372036854775808 // -1 does not fit in 64 bits",
      "'+' cannot be applied to an integer and a string",
      "the result of 1e+308 * 10.0 is too large",
      "tensors have no values yet; compare their shapes: 'x.shape'",
      "the index 2 is out of range; the list has 2 elements, counted from 0",
      "'not' cannot be applied to an integer",
      "a loop must run over a list or a range, not an integer",
      "a condition must be true or false, not an integer",
      "the result of -9223372036854775807 - 2 does not fit in 64 bits", "the number is too large")
  }

  @Test func `a name that is taken`() {
    expectDiagnostics(
      model("y = x |> ‹c: conv(8, 3)›\n  return y |> «c: conv(8, 3)»"),
      "the name 'c' is taken already", notes: ["it was taken here"])
  }

  @Test func `models that return nothing of use`() {
    expectDiagnostics(
      "model «net»() {\n  x = input[1, 8]\n}\n", "the model 'net' ends without 'return'")
    expectDiagnostics(
      "model «net»() {\n  return 3\n}\n",
      "the model must return a tensor or a list of tensors, not an integer")
    expectDiagnostics(
      "model «net»() {\n  return input[1, 8]\n}\n", "the model returns its input unchanged")
    expectDiagnostics(
      "block f(x) {\n  return «input[1, 8]»\n}\nmodel net() {\n  return f(1) |> relu\n}\n",
      "only the model itself has an input; give it to the block as a parameter")
  }

  @Test func `an operation whose result is lost is a warning`() {
    let marks = MarkedText(model("y = x |> «relu»\n  return x |> softmax"))
    let result = compile(marks.text)
    #expect(result.model != nil)
    #expect(result.diagnostics.map(\.severity) == [.warning])
    #expect(result.diagnostics.compactMap(\.range) == marks.main)
  }

  @Test(arguments: [
    ("n = 0\n  for i in 0..<1000000000000 {\n    n = n + i\n  }", "steps to elaborate"),
    ("for i in 0..<100000 {\n    x = x |> relu\n  }", "more than 20000 operations"),
    ("n = 1\n  for i in 0..<99 {\n    n = [n, n]\n  }", "the list holds more than"),
    ("n = 1\n  for i in 0..<99 {\n    n = [n]\n  }", "the list holds more than"),
    ("x = f(x)", "does 'f' use itself?"),
    ("x = x |> pad(1000000)", "has more than 2147483647 elements"),
    ("x = x |> c: conv(1000000, 100, pad: 50)", "has more than 2147483647 elements"),
    ("y = input[1000000, 1000000, 1000, 1000]", "a model can have only one input"),
  ])
  func `limits are kept`(lines: String, message: String) {
    let result = compile(
      "block f(x) {\n  return f(x)\n}\n" + model(lines + "\n  return x |> relu"))
    #expect(result.model == nil)
    #expect(result.diagnostics.contains { $0.message.contains(message) })
  }

  @Test func `nesting that stacks up over blocks is stopped`() {
    let (opening, closing) = (
      String(repeating: "(", count: 40), String(repeating: ")", count: 40)
    )
    let result = compile(
      """
      block f(x, n) {
        return x if n == 0 else \(opening)f(x, n - 1)\(closing)
      }
      model net(depth = 30) {
        return input[1, 8] |> f(depth)
      }
      """)
    #expect(
      result.diagnostics.map(\.message) == ["the spec is nested more than 400 levels deep"])
  }
}
