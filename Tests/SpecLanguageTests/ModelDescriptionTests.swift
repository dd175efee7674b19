import Diagnostics
import GraphIR
import SpecLanguage
import Testing

@Suite struct `Parameters of a model` {
  private let text = """
    model net(batch = 1, eps = 1e-5, bias = false, pad = "same_upper", sides = (6, 6)) {
      return input[batch, 3, sides[0], sides[1]] |> c: conv(4, 3, pad: pad, bias: bias) |> b: bn(eps: eps)
    }
    """

  @Test func `are set from outside, with the type of their default`() throws {
    let result = compile(
      text,
      overrides: [
        "batch": "2 * 4", "eps": "1", "bias": "true", "pad": "same_lower", "sides": "(4, 5)",
      ])
    let graph = try #require(result.model?.graph, "\(result.renderedDiagnostics())")
    #expect(graph.nodes[2].type.shape == [8, 4, 4, 5])
    #expect(graph.nodes[2].op == .batchNorm(BatchNorm(Normalization(prefix: "b", epsilon: 1))))
    #expect(graph.parameters().contains { $0.name == "c.bias" })
  }

  @Test func `that do not exist bring the near one and the list`() {
    let result = compile(text, overrides: ["btach": "8", "zoom": "2"])
    #expect(
      result.renderedDiagnostics() == """
        --set:1:1: error: the model 'net' has no parameter 'btach'; did you mean 'batch'?
          btach=8
          ^~~~~
          batch
        net.spec:1:7: note: its parameters: batch, eps, bias, pad, sides
          model net(batch = 1, eps = 1e-5, bias = false, pad = "same_upper", sides = (6, 6)) {
                ^~~
        --set:2:1: error: the model 'net' has no parameter 'zoom'
          zoom=2
          ^~~~
        net.spec:1:7: note: its parameters: batch, eps, bias, pad, sides
          model net(batch = 1, eps = 1e-5, bias = false, pad = "same_upper", sides = (6, 6)) {
                ^~~

        """)
  }

  @Test(arguments: [
    ("eight", "unknown name 'eight'"), ("8.5", "'batch' takes an integer, not a real number"),
    ("", "expected a value, found the end of the file"),
    ("8 9", "expected the end of the value, found '9'"),
    ("0", "a dimension must be between 1 and 1048576, not 0"),
    ("99999999999999999999", "the integer does not fit in 64 bits"),
    ("1 // 0", "division by zero"), ("input[1, 2]", "only the model itself has an input"),
    ("f(", "expected a value"), ("\"\n(", "the string has no closing"),
  ])
  func `reject values that do not fit`(value: String, message: String) {
    let result = compile(text, overrides: ["batch": value])
    #expect(result.model == nil)
    #expect(result.diagnostics.first?.message.hasPrefix(message) == true)
  }

  @Test func `without a default must be given`() {
    expectDiagnostics(
      "model net(«n») {\n  return input[n, 4] |> relu\n}\n",
      "the parameter 'n' has no default; give it a value with --set n=…")
    #expect(
      compile(
        "model net(n) {\n  return input[n, 4] |> relu\n}\n", overrides: ["n": "3"]
      ).model != nil)
  }
}

@Suite struct `Imports` {
  @Test func `are looked up beside the importing file and read once`() throws {
    var loaded: [String] = []
    let files = [
      "a/net.spec":
        "import \"b/one.spec\"\nimport \"./b/../two.spec\"\n"
        + "model net() {\n  return input[1, n] |> f\n}\n",
      "a/b/one.spec": "import \"../two.spec\"\nblock f(x) {\n  return x |> g\n}\n",
      "a/two.spec": "n = 4\n\nblock g(x) {\n  return x |> relu\n}\n",
    ]
    let result = compileSpec(path: "a/net.spec") { path in
      loaded.append(path)
      return try #require(files[path])
    }
    #expect(result.model?.graph.nodes.map(\.name) == ["input", "relu"])
    #expect(loaded == ["a/net.spec", "a/b/one.spec", "a/two.spec"])
    #expect(result.files.map(\.path) == loaded)
    #expect(result.model?.graph.nodes[1].sources.map(\.file) == ["a/two.spec"])
  }

  @Test(arguments: [
    (
      "import \"b.spec\"", ["b.spec": "import \"net.spec\""],
      "b.spec:1:8: error: the imports form a cycle: net.spec → b.spec → net.spec"
    ),
    (
      "import \"net.spec\"", [:],
      "net.spec:1:8: error: the imports form a cycle: net.spec → net.spec"
    ),
    (
      "import \"no.spec\"", [:],
      "net.spec:1:8: error: cannot read 'no.spec': there is no such file"
    ),
    (
      "import \"b.spec\"", ["b.spec": "model m() {}"],
      "b.spec:1:7: error: an imported file may define only blocks and constants, not a model"
    ),
    (
      "import \"b.spec\"\na = 1", ["b.spec": "a = 2"],
      "net.spec:2:1: error: 'a' is defined twice"
    ),
    (
      "block conv(x) {}", [:],
      "net.spec:1:7: error: 'conv' is built in; choose another name"
    ),
    ("model a() {}\nmodel b() {}", [:], "net.spec:2:7: error: a file can define only one model"),
    (
      "a = 1", [:],
      "net.spec:1:1: error: the file defines no model; a file to compile has one 'model name(…) { … }'"
    ),
  ])
  func `that cannot be are explained`(text: String, others: [String: String], message: String) {
    let result = compile(text + "\n", others: others)
    #expect(result.renderedDiagnostics().hasPrefix(message + "\n"))
  }

  @Test func `that cannot be read do not hide the other errors, nor make new ones`() {
    let result = compile(
      """
      import "no.spec"
      block own(x) {
        return x |> c: conv(width, channles: 8)
      }
      model net() {
        x = input[1, 8, 6, 6]
        y = x |> theirs(3) |> own
        s = x
        if DEEP {
          s = x |> maxpool(2)
        }
        y = y |> relu(2)
        if DEEP {
          return x |> bn(eps: 0) |> add(s)
        }
        z = x |> b: bn(eps: 0)
        return add(x, s)
      }

      """)
    #expect(
      result.diagnostics.map(\.message) == [
        "cannot read 'no.spec': there is no such file",
        "the operation 'conv' has no parameter 'channles'; did you mean 'channels'?",
        "too many arguments; the operation 'relu' takes x",
        "'bn' has weights and needs a name for them: 'x |> name: bn(…)'",
      ])
  }
}

@Suite struct `Preprocessing and labels` {
  private func compileWith(_ line: String, others: [String: String] = [:]) -> SpecCompilation {
    compile(
      """
      model net() {
        \(line)
        return input[1, 3, 4, 4] |> globalavgpool |> flatten |> fc: linear(2)
      }
      """, others: others)
  }

  @Test func `reach the model`() {
    let model = compileWith(
      """
      preprocess(resize: 5, order: "bgr", scale: 1 / 2, mean: [1, 2, 3], std: [1, 2, 0.5])
      labels(["cat", "dog"])
      """
    ).model
    #expect(
      model?.preprocessing
        == Preprocessing(
          resize: .shortSide(5), channelOrder: .bgr, scale: 0.5, mean: [1, 2, 3],
          standardDeviation: [1, 2, 0.5]))
    #expect(model?.labels == ["cat", "dog"])
    #expect(
      compileWith("preprocess(resize: (5, 4))").model?.preprocessing
        == Preprocessing(resize: .exact(Extent(height: 5, width: 4))))
    #expect(compileWith("").model?.preprocessing == nil)
  }

  @Test func `labels come from a file beside the spec`() {
    let result = compileWith("labels(\"names.txt\")", others: ["names.txt": "a cat\r\ndög\n"])
    #expect(result.model?.labels == ["a cat", "dög"])
    #expect(result.files.map(\.path) == ["net.spec", "names.txt"])
  }

  @Test(arguments: [
    ("labels([\"cat\"])", "there are 1 labels, but the model has 2 outputs"),
    ("labels(\"no.txt\")", "cannot read 'no.txt': there is no such file"),
    ("labels([1, 2])", "'names' takes a list of strings, not one with an integer"),
    ("preprocess(order: \"rbg\")", "'order' must be \"rgb\" or \"bgr\""),
    ("preprocess(std: [1, 0, 1])", "every value of 'std' must be larger than 0"),
    ("preprocess(mean: [1, 2])", "'mean' must have one value for each of 3 channels, not 2"),
    ("preprocess(scale: 0)", "'scale' must not be 0"),
    (
      "preprocess(resize: 3)",
      "the resized picture is smaller than the input [1, 3, 4, 4], which is cut from it"
    ),
    ("preprocess()\n  preprocess()", "'preprocess' is declared twice"),
    ("x = labels([\"a\", \"b\"])", "'labels' is a statement and has no value"),
  ])
  func `that do not fit are explained`(line: String, message: String) {
    let result = compileWith(line)
    #expect(result.model == nil)
    #expect(result.diagnostics.map(\.message) == [message])
  }
}
