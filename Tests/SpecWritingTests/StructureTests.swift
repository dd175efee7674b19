import GraphIR
import SpecWriting
import Testing

/// What is written for a model that is given as a spec, without the comment at the top.
private func rewritten(_ text: String) throws -> String {
  let written = try roundTrip(try elaborated(text))
  return written.text.split(separator: "\n", omittingEmptySubsequences: false)
    .drop { $0.hasPrefix("#") || $0.isEmpty }.joined(separator: "\n")
}

@Suite struct `The structure of a written spec` {
  @Test func `is a plain pipeline where nothing repeats`() throws {
    let text = """
      model net(batch = 1, size = 16) {
        return input[batch, 3, size, size]
          |> conv1: conv(8, (3, 5), pad: (1, 2), bias: true) |> leakyrelu
          |> maxpool(2) |> clip(min: 0, max: 6) |> hardsigmoid
          |> conv2: conv(16, 3, dilation: 2, groups: 4) |> bn2: bn(eps: 0.001) |> leakyrelu(slope: 0.1)
          |> avgpool(3, stride: 2, pad: 1, count_include_pad: false) |> flatten
          |> fc: linear(10, bias: false) |> softmax
      }

      """
    #expect(try rewritten(text) == text)
  }

  @Test func `has a block for what occurs twice and a loop for what occurs often`() throws {
    #expect(
      try rewritten(
        """
        model net() {
          x = input[1, 8, 16, 16]
          for i in 0..<4 {
            y = x |> block{i}.a: conv(8, 3, pad: 1) |> relu |> block{i}.b: conv(8, 3, pad: 1)
            x = y |> add(x)
          }
          return x
        }
        """) == """
          block basic(x) {
            return x |> a: conv(8, 3, pad: 1) |> relu |> b: conv(8, 3, pad: 1) |> add(x)
          }

          model net(batch = 1, size = 16) {
            x = input[batch, 8, size, size]
            for i in 0..<4 {
              x = x |> block{i}: basic
            }
            return x
          }

          """)
  }

  @Test func `has steps that only some blocks have under a condition`() throws {
    // As in CLIP's ResNets: average pools where others have strides.
    #expect(
      try rewritten(
        """
        block unit(x, planes, shrinks) {
          y = x |> conv1: conv(planes, 3, pad: 1) |> bn1: bn |> relu
          y = y |> avgpool(2) if shrinks else y
          y = y |> conv2: conv(4 * planes, 1) |> bn2: bn
          s = x |> avgpool(2) if shrinks else x
          s = s |> down.0: conv(4 * planes, 1) |> down.1: bn if x.channels != 4 * planes else s
          return y |> add(s) |> relu
        }

        model net() {
          x = input[1, 8, 16, 16]
          for (stage, planes) in [(1, 8), (2, 16), (3, 32)] {
            for i in 0..<3 {
              x = x |> layer{stage}.{i}: unit(planes, stage > 1 and i == 0)
            }
          }
          return x
        }
        """) == """
          block unit(x, planes, pools = false) {
            a = x |> conv1: conv(planes, 3, pad: 1) |> bn1: bn |> relu
            a = a |> avgpool(2) if pools else a
            y = a |> conv2: conv(4 * planes, 1) |> bn2: bn
            s = x if x.shape == y.shape
              else (x |> avgpool(2) if pools else x) |> down.0: conv(4 * planes, 1) |> down.1: bn
            return y |> add(s) |> relu
          }

          model net(batch = 1, size = 16) {
            x = input[batch, 8, size, size]
            for (stage, planes, pools) in [(1, 8, false), (2, 16, true), (3, 32, true)] {
              for i in 0..<3 {
                x = x |> layer{stage}.{i}: unit(planes, pools: pools and i == 0)
              }
            }
            return x
          }

          """)
  }

  @Test func `has squeeze and excitation with reshapes for any batch`() throws {
    let text = """
      block se_basic(x, planes) {
        y = x
          |> conv1: conv(planes, 3, pad: 1) |> bn1: bn |> relu
          |> conv2: conv(planes, 3, pad: 1) |> bn2: bn
        gate = y
          |> globalavgpool |> flatten
          |> se.fc1: linear(planes // 4) |> relu
          |> se.fc2: linear(planes) |> sigmoid
          |> reshape((x.batch, planes, 1, 1))
        y = y |> mul(gate)
        s = x if x.shape == y.shape else x |> downsample.0: conv(planes, 1) |> downsample.1: bn
        return y |> add(s) |> relu
      }

      model net(batch = 2, size = 8) {
        x = input[batch, 16, size, size]
        for (stage, planes) in [(1, 16), (2, 32)] {
          for i in 0..<2 {
            x = x |> layer{stage}.{i}: se_basic(planes)
          }
        }
        return x |> globalavgpool |> flatten |> fc: linear(10)
      }

      """
    let again = try rewritten(text)
    #expect(again == text)
    let larger = try elaborated(again, overrides: ["batch": "5"])
    #expect(
      canonical(larger.graph)
        == canonical(try elaborated(text, overrides: ["batch": "5"]).graph))
  }

  @Test func `keeps several outputs, between blocks and behind them`() throws {
    let text = """
      block basic(x, planes, stride = 1) {
        y = x |> conv1: conv(planes, 3, stride: stride, pad: 1) |> relu |> conv2: conv(planes, 3, pad: 1)
        s = x if x.shape == y.shape else x |> downsample: conv(planes, 1, stride: stride)
        return y |> add(s) |> relu
      }

      model net(batch = 1, size = 16) {
        x = input[batch, 3, size, size] |> conv1: conv(8, 3)
        for i in 0..<4 {
          x = x |> layer1.{i}: basic(8)
        }
        features = x
        for i in 0..<4 {
          x = x |> layer2.{i}: basic(16, stride: 2 if i == 0 else 1)
        }
        x = x |> globalavgpool |> flatten
        y = x |> fc: linear(10)
        return [features, y, x]
      }

      """
    _ = try rewritten(text)
  }

  @Test func `writes forks, joins and constants that make no block`() throws {
    _ = try rewritten(
      """
      model net() {
        c = parameter("scale", (1, 8, 1, 1))
        x = input[1, 8, 8, 8] |> transpose((0, 1, 3, 2))
        a = x |> a: conv(8, 1)
        b = x |> b: conv(8, 3, pad: 1) |> b2: conv(8, 3, pad: 1)
        y = concat([a, b, x]) |> mul(parameter("gain", (1, 24, 1, 1)))
        y = y |> c: conv(8, 1) |> mul(c) |> add(expand(parameter("bias", (1, 8, 1, 1)), (1, 8, 8, 8)))
        y = y |> pad((1, 0, 0, 1), value: -1.5) |> d: conv(8, 2) |> add(y)
        y = y |> mul(c) |> mul(expand(c, y.shape))
        return y |> padchannels(after: 2, stride: 2) |> reshape((1, 160)) |> softmax
      }
      """)
  }

  @Test func `has blocks of its own for each kind`() throws {
    let written = try rewritten(
      """
      block basic(x, planes) {
        return x |> conv1: conv(planes, 3, pad: 1) |> relu |> conv2: conv(planes, 3, pad: 1) |> add(x)
      }
      block deep(x, planes) {
        return x
          |> conv1: conv(planes // 2, 1) |> relu
          |> conv2: conv(planes // 2, 3, pad: 1) |> relu
          |> conv3: conv(planes, 1) |> add(x)
      }
      model net() {
        x = input[1, 8, 8, 8] |> a.0: basic(8) |> a.1: basic(8) |> a.2: basic(8) |> a.3: basic(8)
        x = x |> relu |> b.0: deep(8) |> b.1: deep(8)
        return x |> c.0: basic(8) |> c.1: basic(8)
      }
      """)
    #expect(written.contains("for i in 0..<4 {\n    x = x |> a.{i}: basic\n"))
    #expect(written.contains("|> b.0: bottleneck"))
    #expect(written.contains("|> c.1: basic"))
  }

  @Test func `is there soon for deep and for wide networks`() throws {
    let deep = """
      model net() {
        x = input[1, 4, 4, 4]
        for i in 0..<1000 {
          x = x |> relu |> c{i}: conv(4, 1)
        }
        return x
      }
      """
    let wide = """
      model net() {
        x = input[1, 4, 4, 4]
        y = x |> relu
        for i in 0..<400 {
          y = y |> relu |> add(x)
        }
        return y
      }
      """
    let clock = ContinuousClock()
    for text in [deep, wide] {
      let model = try elaborated(text)
      let time = try clock.measure { _ = try writeSpec(model) }
      #expect(time < .seconds(20))
    }
  }

  @Test func `is refused where the language has no word for a graph`() throws {
    var fused = try elaborated("model net() { return input[1, 2, 3, 3] |> c: conv(2, 1) |> relu }")
    fused.graph.nodes[1].op = .convolution(
      Convolution(
        outputChannels: 2, kernel: Extent(1), weight: "c.weight",
        epilogue: Epilogue(relu: true)))
    #expect(
      throws: SpecWritingError.inexpressible(
        node: "c", reason: "other operations are fused into this convolution")
    ) { try writeSpec(fused) }
    let empty = Model(graph: Graph(name: "net"))
    #expect(throws: SpecWritingError.self) { try writeSpec(empty) }
  }

  @Test func `has names that no label could have in another form`() throws {
    var graph = Graph(name: "torch-jit.export 2")
    let input = graph.appendInput(TensorType([1, 2, 4, 4]))
    let conv = { (name: String) in
      Op.convolution(Convolution(outputChannels: 2, kernel: Extent(1), weight: name))
    }
    var last = try graph.append(conv("0.1.weight"), [input], name: "0.1")
    last = try graph.append(conv("block-1.2e5.weight"), [last], name: "b")
    last = try graph.append(conv("03.weight"), [last], name: "c")
    last = try graph.append(conv("if.1_x.weight"), [last], name: "d")
    graph.outputs = [last]
    let written = try roundTrip(Model(graph: graph))
    #expect(
      written.text.contains(
        """
        model torch_jit_export_2(batch = 1, size = 4) {
          return input[batch, 2, size, size]
            |> {0}.1: conv(2, 1)
            |> block_1.2e5: conv(2, 1)
            |> {"03"}: conv(2, 1)
            |> if.1_x: conv(2, 1)
        }
        """))
    #expect(written.tensorNames["block_1.2e5.weight"] == "block-1.2e5.weight")
  }
}
