import GraphIR
import Testing

@Suite struct `The values of a network` {
  /// Two stages of blocks, the second with a labelled chain of operations as its shortcut.
  static let text = """
    block unit(x, stride = 1) {
      y = x |> conv1: conv(4, 3, pad: 1, stride: stride) |> relu
      s = x if stride == 1 else x |> downsample.0: conv(4, 1, stride: 2) |> downsample.1: bn
      return y |> add(s)
    }

    model net(classes = 3) {
      x = input[2, 4, 8, 8] |> layer1.0: unit |> layer1.1: unit |> layer2.0: unit(stride: 2)
      embedding = x |> globalavgpool |> flatten
      scores = embedding |> head.fc: linear(classes)
      return (embedding, scores, scores |> softmax)
    }
    """

  private func value(_ name: String, in model: Model) -> String? {
    model.values[name].map { model.graph[$0].name }
  }

  @Test func `have the names of operations, of blocks, and of what instances have in common`()
    throws
  {
    let model = try #require(compile(Self.text).model)
    // An operation's own result, whatever follows it.
    #expect(value("layer1.0.conv1", in: model) == "layer1.0.conv1")
    #expect(value("layer2.0.relu", in: model) == "layer2.0.relu")
    #expect(value("globalavgpool", in: model) == "globalavgpool")
    // What a block returns.
    #expect(value("layer1.0", in: model) == "layer1.0.add")
    #expect(value("layer1.1", in: model) == "layer1.1.add")
    // The last instance's result.
    #expect(value("layer1", in: model) == "layer1.1.add")
    #expect(value("layer2", in: model) == "layer2.0.add")
    #expect(value("layer2.0.downsample", in: model) == "layer2.0.downsample.1")
    #expect(value("head", in: model) == "head.fc")
    #expect(value("layer3", in: model) == nil)
    #expect(value("input", in: model) == nil)
  }

  @Test func `that are returned have the names of their variables, or else their own`() throws {
    let model = try #require(compile(Self.text).model)
    #expect(model.outputNames == ["embedding", "scores", "softmax"])
    let single = try #require(
      compile("model net() {\n  x = input[1, 3, 4, 4] |> relu\n  return x\n}").model)
    #expect(single.outputNames == ["relu"])
  }

  @Test func `have classes where as many are named`() throws {
    let labelled = Self.text.replacing(
      "  x = input", with: "  labels([\"a\", \"b\", \"c\"])\n  x = input")
    #expect(try #require(compile(labelled).model).classOutput == 1)
    #expect(try #require(compile(Self.text).model).classOutput == 0)
    let features = "model net() {\n  return input[1, 3, 4, 4] |> relu\n}"
    #expect(try #require(compile(features).model).classOutput == nil)
    let wrong = compile(labelled, overrides: ["classes": "5"])
    #expect(
      wrong.renderedDiagnostics().contains("there are 3 labels, but the model has 4 outputs"))
  }
}
