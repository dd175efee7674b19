import Diagnostics
import GraphIR
import Testing

@Suite("The textual form of a graph")
struct GraphTextTests {
  @Test("prints one node a line, with defaults left out")
  func printing() throws {
    var graph = Graph(name: "tiny")
    let x = graph.appendInput(TensorType([1, 3, 8, 8]))
    let conv = Convolution(
      outputChannels: 16, kernel: Extent(3), stride: Extent(2), padding: Padding(1),
      weight: "conv1.weight", outputNorms: [Normalization(prefix: "bn1")],
      epilogue: Epilogue(relu: true))
    let y = try graph.append(.convolution(conv), [x], name: "conv1")
    let z = try graph.append(
      .pad(SpatialPadding(Padding(top: 0, left: 1, bottom: 2, right: 3), value: -.infinity)), [y],
      name: "pad", sources: [SourceRange(file: "tiny.spec", lower: 5, upper: 17)])
    graph.outputs = [z, y]
    #expect(
      graph.text(includingSources: true) == """
        graph tiny {
          %0 = input() : f32[1,3,8,8] "input"
          %1 = conv(%0) weight="conv1.weight" channels=16 kernel=3x3 stride=2x2 pad=1 \
        norms=[bn("bn1")] relu : f32[1,16,4,4] "conv1"
          %2 = pad(%1) pad=0,1,2,3 value=-inf : f32[1,16,6,8] "pad" from "tiny.spec":5..17
          return %2, %1
        }

        """)
  }

  @Test("is read with every attribute, in any order, with comments and without types")
  func reading() throws {
    let graph = try Graph(
      parsing: """
        // A comment.
        graph "two words" {
          %0 = input() : f16[2,4,9,9] "input"  // another
          %1 = conv(%0, %0) relu residual kernel=1 channels=4 weight="w" bias="b" groups=2
            input_norm=bn(weight="g", bias="b", mean="m", var="v", eps=1e-7)
            norms=[bn("n"), bn("o", eps=0.25)] max_pool=(ceil pad=1 stride=2 kernel=3x2) "c"
          %2 = average_pool(%1) kernel=2x2 exclude_padding "p"
          %3 = pad_channels(%2) after=3 before=1 stride=2x1 "q"
          return %3
        }
        """)
    let pool = Pooling(
      kernel: Extent(height: 3, width: 2), stride: Extent(2), padding: Padding(1), ceilMode: true)
    var names = Normalization(prefix: "", epsilon: 1e-7)
    (names.weight, names.bias, names.runningMean, names.runningVariance) = ("g", "b", "m", "v")
    let conv = Convolution(
      outputChannels: 4, kernel: Extent(1), groups: 2, weight: "w", bias: "b", inputNorm: names,
      outputNorms: [Normalization(prefix: "n"), Normalization(prefix: "o", epsilon: 0.25)],
      epilogue: Epilogue(addsResidual: true, relu: true, maxPool: pool))
    #expect(graph.name == "two words")
    #expect(graph[NodeID(1)].op == .convolution(conv))
    #expect(graph[NodeID(1)].type == TensorType([2, 4, 5, 5], .float16))
    let average = AveragePooling(
      window: Pooling(kernel: Extent(2), stride: Extent(1)), countIncludesPadding: false)
    #expect(graph[NodeID(2)].op == .averagePool(average))
    let channels = ChannelPadding(before: 1, after: 3, stride: Extent(height: 2, width: 1))
    #expect(graph[NodeID(3)].op == .padChannels(channels))
  }

  @Test("is read back unchanged, sources included", arguments: 0..<300)
  func roundTrip(seed: Int) throws {
    let graph = randomGraph(seed: seed)
    try graph.verifyUpToSharedParameters()
    let text = graph.text(includingSources: true)
    let back = try Graph(parsing: text)
    #expect(back == graph)
    #expect(back.text(includingSources: true) == text)
  }

  @Test("keeps numbers to the last bit, the sign of zero included")
  func exactNumbers() throws {
    for value: Float in [0, -0.0, .leastNonzeroMagnitude, 0.1, -.infinity, 16_777_216] {
      var graph = Graph(name: "g")
      let x = graph.appendInput(TensorType([1, 1, 1, 1]))
      try graph.append(.pad(SpatialPadding(Padding(1), value: value)), [x], name: "pad")
      guard case .pad(let back) = try Graph(parsing: graph.text()).nodes[1].op else {
        Issue.record("the pad was read as something else")
        continue
      }
      #expect(back.value.bitPattern == value.bitPattern)
    }
  }

  static let faults: [(line: String, message: String)] = [
    ("%1 = conv(%0) channels=4 kernel=3x3 «", "2:8: error: conv needs the attribute 'weight'"),
    ("%1 = relo(%0) «", "2:8: error: there is no operation 'relo'; did you mean 'relu'?"),
    ("%1 = relu(%2) «", "2:13: error: %2 is used before it is defined"),
    ("%2 = relu(%0) «", "2:3: error: expected '%1', the number of the next node, found '%2'"),
    ("%1 = relu(%0, ) «", "2:17: error: expected a value such as '%0', found ')'"),
    (
      "%1 = max_pool(%0) kernel=3y3 «",
      "2:28: error: expected an extent such as '3x3', found '3y3'"
    ),
    (
      "%1 = max_pool(%0) kernel=3x3 strid=2x2 «",
      "2:32: error: max_pool has no attribute 'strid'; did you mean 'stride'?"
    ),
    ("%1 = relu(%0) fast «", "2:17: error: relu has no attribute 'fast'; it takes none"),
    ("%1 = add(%0, %0) relu relu «", "2:25: error: 'relu' is given twice"),
    (
      "%1 = pad(%0) pad=1,2 «",
      "2:20: error: expected one padding for all sides or top,left,bottom,right; found 2 numbers"
    ),
    (
      "%1 = max_pool(%0) kernel=99x99 «",
      "2:8: error: the window of max_pool is larger than its padded input [1, 4, 9, 9]"
    ),
    (
      "%1 = relu(%0) : f33[1] «",
      "2:19: error: expected an element type (f32, f16, bf16, f64), found 'f33'"
    ),
    (
      "%1 = relu(%0) : f32[99999,99999,99999] «",
      "2:19: error: the dimensions of [99999, 99999, 99999] must be 1 or more and their product "
        + "below 2^40"
    ),
    (
      "%1 = relu(%0) : f32[1,99999999999] «",
      "2:25: error: expected a dimension: an integer below 2147483648, found '99999999999'"
    ),
    ("%1 = relu(%0) : f32[1] «unfinished", "2:26: error: expected a closing quote on the line of"),
    ("%1 = relu(%0) : f32[1] 漢", "2:26: error: a graph's text has no such character outside"),
    ("%1 = relu(%0) \"é漢\" from \"f\":3 «", "2:31: error: expected a range of offsets such as"),
    ("%1 = relu(%0) relu", "2:17: error: relu has no attribute 'relu'; it takes none"),
    ("return %0 return", "2:13: error: expected '}' after the results, found 'return'"),
    ("return %0 } }", "2:15: error: expected the end of the text, found '}'"),
    ("retrun %0 }", "2:3: error: expected a node or 'return', found 'retrun'"),
    (#"%1 = relu(%0) "a\qb" "#, #"2:19: error: expected one of \" \\ \n \t \r \u{hexadecimal}"#),
  ]

  @Test("faults are reported with line, column and what was expected", arguments: faults)
  func refuses(line: String, message: String) {
    let text = """
      graph g { %0 = input() : f32[1,4,9,9] "input"
        \(line.replacingQuoteMark)
      """
    #expect {
      try Graph(parsing: text)
    } throws: { error in
      let isExpected = "\(error)".hasPrefix(message)
      if !isExpected { Issue.record("got: \(error)") }
      return isExpected
    }
  }

  @Test("a mutated text is read or refused with an error, never with a crash", arguments: 0..<400)
  func survives(seed: Int) {
    var random = SeededGenerator(seed: seed)
    var bytes = Array(randomGraph(seed: seed % 50).text(includingSources: true).utf8)
    let pieces = [
      "%", "(", ")", "99999999999", "-1", "0", "x", "\"", "\\u{", "=", ",", "relu", "\n",
    ]
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      let place = Int.random(in: 0..<bytes.count, using: &random)
      switch Int.random(in: 0...3, using: &random) {
      case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
      case 1: bytes.removeSubrange(place..<min(bytes.count, place + 4))
      case 2: bytes = Array(bytes[..<max(1, place)])
      default:
        bytes.insert(
          contentsOf: Array((pieces.randomElement(using: &random) ?? "").utf8), at: place)
      }
      if bytes.isEmpty { bytes = [0] }
    }
    do {
      // What is read can be checked and printed, whatever it says.
      let graph = try Graph(parsing: String(decoding: bytes, as: UTF8.self))
      _ = try? graph.verify()
      #expect(try Graph(parsing: graph.text(includingSources: true)) == graph)
    } catch {
      #expect(error is GraphTextError)
    }
  }
}

extension String {
  /// `«` opens a string that is never closed; at the end of a line it stands for a node's name.
  fileprivate var replacingQuoteMark: String {
    hasSuffix(" «")
      ? String(dropLast()) + "\"name\"" : String(map { $0 == "«" ? "\"" : $0 })
  }
}

extension Graph {
  /// Random names may give one parameter two shapes; everything else must hold.
  func verifyUpToSharedParameters() throws {
    do { try verify() } catch let error as VerificationError
      where error.rule == "one-shape-a-parameter"
    {}
  }
}
