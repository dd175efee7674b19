import Diagnostics
import GraphIR
import SpecLanguage
import Testing

/// The graph of a model, one node a line: name, operation, inputs, type.
func nodes(of text: String, overrides: [String: String] = [:]) -> [String] {
  let result = compile(text, overrides: overrides)
  guard let graph = result.model?.graph else { return [result.renderedDiagnostics()] }
  return graph.nodes.map { node in
    let inputs = node.inputs.map { graph[$0].name }.joined(separator: ", ")
    return "\(node.name) = \(node.op.mnemonic)(\(inputs)): \(node.type)"
  }
}

/// The single operation of a model that applies one to an 1 × 8 × 6 × 6 input.
func op(_ call: String) throws -> Op {
  let result = compile(model("return x |> \(call)"))
  let graph = try #require(result.model?.graph, "\(result.renderedDiagnostics())")
  return graph.nodes[1].op
}

@Suite struct `Elaboration` {
  @Test func `turns each operation into a node with its type`() {
    #expect(
      nodes(
        of: model(
          """
          x = x |> conv1: conv(16, 3, stride: 2, pad: 1) |> bn1: bn |> relu
            |> maxpool(2) |> avgpool(1) |> padchannels(after: 4)
          x = x |> pad(1) |> globalavgpool |> flatten |> fc: linear(5) |> softmax
          return x |> add(x)
          """)) == [
          "input = input(): f32[1,8,6,6]",
          "conv1 = conv(input): f32[1,16,3,3]",
          "bn1 = batch_norm(conv1): f32[1,16,3,3]",
          "relu = relu(bn1): f32[1,16,3,3]",
          "maxpool = max_pool(relu): f32[1,16,1,1]",
          "avgpool = average_pool(maxpool): f32[1,16,1,1]",
          "padchannels = pad_channels(avgpool): f32[1,20,1,1]",
          "pad = pad(padchannels): f32[1,20,3,3]",
          "globalavgpool = global_average_pool(pad): f32[1,20,1,1]",
          "flatten = flatten(globalavgpool): f32[1,20]",
          "fc = linear(flatten): f32[1,5]",
          "softmax = softmax(fc): f32[1,5]",
          "add = add(softmax, softmax): f32[1,5]",
        ])
  }

  @Test func `composes names to those of a state dict`() throws {
    let result = compile(
      """
      block unit(x, n) {
        x = x |> conv1: conv(n, 1, bias: true) |> relu |> relu
        return x |> downsample.{n}: plain
      }
      block plain(x) {
        return x |> bn1: bn(eps: 1e-3) |> relu
      }
      model net() {
        x = input[1, 8, 6, 6]
        for i in 0..<2 {
          x = x |> layer{i + 1}.{i}: unit(8) |> plain{i}: plain
        }
        return x |> plain
      }
      """)
    let graph = try #require(result.model?.graph, "\(result.renderedDiagnostics())")
    #expect(
      graph.nodes.map(\.name) == [
        "input", "layer1.0.conv1", "layer1.0.relu", "layer1.0.relu_1",
        "layer1.0.downsample.8.bn1", "layer1.0.downsample.8.relu", "plain0.bn1", "plain0.relu",
        "layer2.1.conv1", "layer2.1.relu", "layer2.1.relu_1", "layer2.1.downsample.8.bn1",
        "layer2.1.downsample.8.relu", "plain1.bn1", "plain1.relu", "bn1", "relu",
      ])
    #expect(
      graph.parameters().prefix(6).map(\.name) == [
        "layer1.0.conv1.weight", "layer1.0.conv1.bias", "layer1.0.downsample.8.bn1.weight",
        "layer1.0.downsample.8.bn1.bias", "layer1.0.downsample.8.bn1.running_mean",
        "layer1.0.downsample.8.bn1.running_var",
      ])
    #expect(
      graph.nodes[4].op
        == .batchNorm(BatchNorm(Normalization(prefix: graph.nodes[4].name, epsilon: 1e-3))))
    #expect(graph.output(ofModule: "layer1") == NodeID(5))
    #expect(graph.output(ofModule: "layer1.0.conv1") == NodeID(1))
    #expect(graph.output(ofModule: "layer") == nil)
  }

  @Test func `keeps the place of each operation`() throws {
    let marks = MarkedText(
      "model net() {\n  return input[1, 8, 6, 6] |> «c1: conv(8, 3)» |> «relu»\n}\n")
    let graph = try #require(compile(marks.text).model?.graph)
    #expect(graph.nodes.dropFirst().flatMap(\.sources) == marks.main)
  }

  @Test func `reads every form of a window`() throws {
    let conv = Convolution(
      outputChannels: 4, kernel: Extent(height: 3, width: 5), stride: Extent(height: 1, width: 2),
      padding: Padding(top: 1, left: 2, bottom: 1, right: 2), dilation: Extent(1), groups: 2,
      weight: "c.weight", bias: "c.bias")
    #expect(
      try op("c: conv(4, (3, 5), stride: (1, 2), pad: (1, 2), groups: 2, bias: true)")
        == .convolution(conv))
    let pool = Pooling(
      kernel: Extent(3), stride: Extent(2),
      padding: Padding(top: 0, left: 1, bottom: 2, right: 1), ceilMode: true)
    #expect(try op("maxpool(3, stride: 2, pad: (0, 1, 2, 1), ceil: true)") == .maxPool(pool))
    #expect(
      try op("avgpool(2, count_include_pad: false)")
        == .averagePool(
          AveragePooling(
            window: Pooling(kernel: Extent(2), stride: Extent(2)), countIncludesPadding: false)))
    #expect(
      try op("pad((1, 2), value: -1.5)")
        == .pad(SpatialPadding(Padding(top: 1, left: 2, bottom: 1, right: 2), value: -1.5)))
    #expect(
      try op("padchannels(before: 1, after: 2, stride: 2)")
        == .padChannels(ChannelPadding(before: 1, after: 2, stride: Extent(2))))
  }

  @Test func `reads activations, and changes of shape and order`() throws {
    #expect(try op("leakyrelu") == .activation(.leakyReLU(slope: 0.01)))
    #expect(try op("clip(0, 6)") == .activation(.clip(lower: 0, upper: 6)))
    #expect(try op("clip(max: 1)") == .activation(.clip(lower: -.infinity, upper: 1)))
    #expect(try op("sigmoid") == .activation(.sigmoid))
    #expect(
      try op("hardsigmoid(1 / 4)") == .activation(.hardSigmoid(slope: 0.25, offset: 0.5)))
    #expect(try op("mul(x)") == .multiply)
    #expect(try op("transpose((0, 2, 3, 1))") == .transpose(.nchwToNHWC))
    #expect(try op("reshape((1, 4, 72))") == .reshape([1, 4, 72]))
    #expect(try op("expand((3, 1, 8, 6, 6))") == .expand([3, 1, 8, 6, 6]))
  }

  /// Sizes and expectations worked out by hand from the conventions of TensorFlow and ONNX.
  @Test(arguments: [
    ("same_upper", 6, 3, 2, 1, 0, 1), ("same_lower", 6, 3, 2, 1, 1, 0),
    ("same_upper", 7, 3, 2, 1, 1, 1), ("same_upper", 6, 2, 1, 1, 0, 1),
    ("same_lower", 6, 2, 1, 1, 1, 0), ("same_upper", 6, 3, 1, 2, 2, 2),
    ("same_upper", 6, 1, 2, 1, 0, 0), ("same_upper", 224, 7, 2, 1, 2, 3),
  ])
  func `pads in both conventions of same`(
    convention: String, size: Int, kernel: Int, stride: Int, dilation: Int, before: Int, after: Int
  ) throws {
    let graph = try #require(
      compile(
        """
        model net() {
          x = input[1, 8, \(size), \(size)]
          return x |> c: conv(8, \(kernel), stride: \(stride), dilation: \(dilation), pad: "\(convention)")
        }
        """
      ).model?.graph)
    var found: Convolution?
    if case .convolution(let conv) = graph.nodes[1].op { found = conv }
    let conv = try #require(found)
    #expect(conv.padding == Padding(top: before, left: before, bottom: after, right: after))
    #expect(graph.nodes[1].type.shape.height == (size + stride - 1) / stride)
  }

  @Test func `chooses, loops and computes`() {
    #expect(
      nodes(
        of: """
          depths = [2, 1 + 1 * 0]
          block f(x, n = 4, extra = n // 2 - -1 % 3) {
            if n == 4 or x.channels < 0 {
              return x |> padchannels(extra)
            } else if not true {
              return x
            }
            return x |> padchannels(n)
          }
          model net() {
            x = input[1, 3, 2, 4]
            n = 0
            for (i, d) in [(0, depths[0]), (1, depths[1])] {
              for _ in 0..<d {
                n = n + 1
              }
            }
            x = x |> a: f |> b: f(n, 5) |> c: f(extra: len([1, 2]), n: 4)
            x = add(x, x) if x.shape == [1, 8, x.height, x.width] and 7 / 2 > 3.4 else x |> a.b: f
            return x
          }
          """) == [
          "input = input(): f32[1,3,2,4]", "a.padchannels = pad_channels(input): f32[1,3,2,4]",
          "b.padchannels = pad_channels(a.padchannels): f32[1,6,2,4]",
          "c.padchannels = pad_channels(b.padchannels): f32[1,8,2,4]",
          "add = add(c.padchannels, c.padchannels): f32[1,8,2,4]",
        ])
  }
}
