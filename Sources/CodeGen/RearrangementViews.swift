import KernelPlanning

// The views of kernels that move elements between shapes.

/// What `rearrangement.c` needs.
struct RearrangementView {
  /// The last loop.
  struct Inner {
    var index: String
    var extent: Int
  }

  var comment: [LineView]
  var name: String
  /// The indices of the loops but the last, from the line's number, as C.
  var indices: [LineView]
  var inner: Inner
  /// The row-major index that leads to the source, as C.
  var position: [LineView]
  var inOffset: String
  var outOffset: String

  private static let names = ["i", "j", "k", "l", "m", "n", "p", "q"]

  init(_ move: Rearrangement, name: String, comment: [String]) {
    self.name = name
    self.comment = blockComment(comment)
    let loops = move.loops
    let names = loops.indices.map {
      $0 < Self.names.count ? Self.names[$0] : "index_\($0)"
    }
    var indices: [LineView] = []
    var lines = move.lines
    for (loop, name) in zip(loops.dropLast(), names) {
      let isFirst = lines == move.lines
      lines /= loop.extent
      let quotient = lines == 1 ? "line" : "line / \(lines)"
      indices.append(LineView(line: "\(name) = \(quotient)" + (isFirst ? "" : " % \(loop.extent)")))
    }
    self.indices = indices
    inner = Inner(index: names[names.count - 1], extent: loops[loops.count - 1].extent)
    outOffset = move.to.offset(zip(names, loops.map(\.to)))
    guard !move.source.isEmpty else {
      position = []
      inOffset = move.from.offset(zip(names, loops.map(\.from)))
      return
    }
    position = [
      LineView(
        line: CExpression.total(zip(names, loops).map { CExpression.term($0, $1.from.offset) }))
    ]
    let places = move.source.map { dimension in
      let quotient = dimension.indexStride == 1 ? "at" : "at / \(dimension.indexStride)"
      return "(\(quotient) % \(dimension.extent))"
    }
    inOffset = move.from.offset(zip(places, move.source.map(\.step)))
  }
}

extension BufferFormat {
  /// The offset of an element that is so many steps from the first, as C.
  fileprivate func offset(_ steps: some Sequence<(String, Rearrangement.Step)>) -> String {
    let terms = steps.compactMap { CExpression.term($0, $1.offset) }
    let channels = steps.compactMap { CExpression.term($0, $1.channels) }
    guard !channels.isEmpty else { return CExpression.total(terms) }
    let channel =
      channels.count == 1 && !channels[0].contains(" ")
      ? channels[0] : "(\(CExpression.total(channels)))"
    return CExpression.total(terms + [channelOffset(of: channel)])
  }
}

/// What `concatenation.c` needs.
struct ConcatenationView {
  struct Operand {
    var index: Int
    var outerLoop: String
    var innerLoop: String
    var inOffset: String
    var outOffset: String
  }

  var comment: [LineView]
  var name: String
  var parameters: [LineView]
  var height: Int
  var operands: [Operand]

  init(_ joined: Concatenation, name: String, comment: [String]) {
    let output = joined.output
    self.name = name
    self.comment = blockComment(comment)
    height = output.height
    parameters = CExpression.wrapped(
      joined.inputs.indices.map { "const float *restrict in_\($0)," }
        + ["float *restrict out,", "struct share share"],
      prefix: "", suffix: ") {", indent: 4, hanging: 0
    ).map(LineView.init)
    var first = 0
    operands = joined.inputs.enumerated().map { index, input in
      defer { first += input.channels }
      let overColumns = "int x = 0; x < \(output.width); x++"
      let overChannels = "int c = 0; c < \(input.channels); c++"
      let channelsInside = output.channelStride == 1
      let channel = first == 0 ? "c" : output.layout == .nhwc ? "c + \(first)" : "(c + \(first))"
      func pixel(_ format: BufferFormat) -> [String?] {
        [
          format.batch > 1 ? CExpression.term("image", format.imageStride) : nil,
          CExpression.term("y", format.rowStride), CExpression.term("x", format.pixelStride),
        ]
      }
      return Operand(
        index: index, outerLoop: channelsInside ? overColumns : overChannels,
        innerLoop: channelsInside ? overChannels : overColumns,
        inOffset: CExpression.total(pixel(input) + [input.channelOffset(of: "c")]),
        outOffset: CExpression.total(pixel(output) + [output.channelOffset(of: channel)]))
    }
  }
}

/// What `filling.c` needs.
struct FillingView {
  var name: String
  /// `3 channels`.
  var channels: String
  var height: Int
  var width: Int
  var lines: Int
  /// Elements.
  var count: Int
  /// The first of them from the pixel's first channel.
  var offset: Int
  var image: Int
  var row: Int
  var pixel: Int

  init(_ format: BufferFormat, name: String) {
    self.name = name
    count = format.storedChannels - format.channels
    channels = counted(count, "channel")
    height = format.height
    width = format.width
    lines = format.batch * format.height
    offset = format.offset(image: 0, channel: format.channels, row: 0, column: 0) - format.origin
    image = format.imageStride
    row = format.rowStride
    pixel = format.pixelStride
  }
}
