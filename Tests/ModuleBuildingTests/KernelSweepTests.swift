import KernelPlanning
import MachineModel
import ResNetCompiler
import Testing

/// Networks of odd shapes for every kernel family, instruction set and layout.
@Suite(.serialized) struct KernelSweepTests {
  /// Convolutions whose channels fill no panel, whose images are small, whose strides and paddings
  /// differ by side.
  static let convolutions = """
    model odd_convolutions(batch = 2) {
      x = input[batch, 5, 13, 11]
      a = x |> c1: conv(7, 3, pad: 1) |> relu
      b = a |> c2: conv(18, (1, 3), pad: (0, 1)) |> c3: conv(18, (5, 2), stride: (2, 1), pad: (2, 0, 1, 1))
      c = b |> c4: conv(33, 3, stride: 2, pad: "same_upper", bias: true) |> bn4: bn |> relu
      d = c |> c5: conv(33, 3, pad: 1) |> bn5: bn
      e = d |> add(c) |> relu
      f = e |> c6: conv(48, 3, dilation: 2, pad: 2) |> c7: conv(48, 1) |> relu
      return f |> globalavgpool |> flatten |> fc: linear(10)
    }
    """

  /// Groups of every width against the panel: 1, 2, 4, 8, 16, 20 and 32 channels.
  static let groups = """
    model groups(batch = 1) {
      x = input[batch, 3, 9, 9] |> c0: conv(64, 3, pad: 1) |> relu
      a = x |> g1: conv(64, 3, pad: 1, groups: 64) |> relu |> g2: conv(64, 3, pad: 1, groups: 32)
      b = a |> g4: conv(64, 3, pad: 1, groups: 16) |> relu |> g8: conv(128, 3, pad: 1, groups: 8)
      c = b |> g16: conv(128, 1, groups: 8) |> relu |> g32: conv(64, 3, stride: 2, pad: 1, groups: 4)
      d = c |> p: conv(60, 1) |> g20: conv(60, 3, pad: 1, groups: 3) |> relu |> g6: conv(20, 3, groups: 10)
      return d |> globalavgpool |> flatten |> fc: linear(7)
    }
    """

  /// Narrow groups with every kind of window, stride, dilation and padding, rows shorter and longer
  /// than a tile, channels that fill no panel, residuals, several images.
  static let narrowGroups = """
    model narrow_groups(batch = 2) {
      x = input[batch, 3, 19, 37] |> c0: conv(40, 3, pad: 1) |> relu
      a = x |> g1: conv(40, 3, pad: 1, groups: 40) |> add(x) |> relu
      b = a |> g2: conv(40, (3, 5), stride: (2, 1), pad: (0, 2), groups: 20) |> relu
      c = b |> g4: conv(40, 3, stride: 2, pad: "same_upper", groups: 10) |> bn4: bn |> relu
      d = c |> g8: conv(40, 3, dilation: (1, 2), pad: (1, 2), groups: 5) |> add(c) |> relu
      e = d |> g8s: conv(40, (2, 3), stride: (1, 3), groups: 5, bias: true)
      f = e |> g4p: conv(40, 1, groups: 10) |> relu |> g1w: conv(40, (1, 7), pad: (0, 3), groups: 40)
      return f |> globalavgpool |> flatten |> fc: linear(7)
    }
    """

  /// Pools of all kinds, option A shortcuts, explicit padding, flattening, softmax.
  static let others = """
    model others(batch = 2) {
      x = input[batch, 3, 17, 15] |> bn_in: bn |> relu |> c0: conv(20, 3, pad: 1) |> bn0: bn |> relu
      a = x |> maxpool(3, stride: 2, pad: 1) |> c1: conv(20, 1)
      b = a |> avgpool(3, stride: 1, pad: 1) |> c2: conv(20, 1)
      c = b |> avgpool(3, stride: 2, pad: 1, ceil: true, count_include_pad: false) |> c3: conv(24, 1)
      d = c |> padchannels(before: 3, after: 5, stride: 2) |> bn3: bn |> relu
      e = d |> pad((1, 2, 0, 1)) |> maxpool(2, stride: 1) |> bn4: bn
      f = e |> add(e |> relu) |> flatten |> fc1: linear(19) |> relu |> fc2: linear(11)
      return f |> softmax
    }
    """

  /// Winograd's algorithm on images that tiles do not divide, with and without residuals.
  static let winograd = """
    model tiles(batch = 2) {
      x = input[batch, 3, 15, 18] |> c0: conv(32, 3, pad: 1) |> relu
      a = x |> c1: conv(32, 3, pad: 1) |> relu |> c2: conv(32, 3, pad: 1) |> add(x) |> relu
      b = a |> c3: conv(48, 3) |> relu |> c4: conv(80, 3, pad: (2, 1, 0, 1)) |> relu
      return b |> c5: conv(16, 3, pad: 1) |> globalavgpool |> flatten |> fc: linear(10)
    }
    """

  /// Short rows, with and without residuals and strides, for register tiles that wrap.
  static let shortRows = """
    model short_rows(batch = 2) {
      x = input[batch, 3, 9, 7] |> c0: conv(32, 3, pad: 1) |> relu
      a = x |> w1: conv(32, 3, pad: 1) |> relu |> w2: conv(32, 3, pad: 1) |> add(x) |> relu
      b = a |> w3: conv(40, 3, stride: (2, 1), pad: 1) |> relu |> w4: conv(33, 3)
      return b |> globalavgpool |> flatten |> fc: linear(10)
    }
    """

  /// Convolutions that Winograd's algorithm computes by phases, on sizes that neither strides nor
  /// tiles divide: a stem whose few channels are gathered, with a pool; kernels of 3, 4 and 5 taps;
  /// a residual; strides that differ by direction.
  static let phases = """
    model phases(batch = 2) {
      x = input[batch, 3, 83, 75]
      a = x |> stem: conv(64, 7, stride: 2, pad: 3) |> relu |> maxpool(3, stride: 2, pad: 1)
      b = a |> w1: conv(32, 3, stride: 2, pad: 1) |> bn1: bn
      c = a |> w2: conv(32, 3, stride: 2, pad: "same_upper") |> add(b) |> relu
      d = c |> w3: conv(33, 5, stride: 2, pad: 2) |> w4: conv(24, (3, 4), stride: (1, 2), pad: 1)
      return d |> w5: conv(16, 4, stride: 2, pad: 1) |> globalavgpool |> flatten |> fc: linear(10)
    }
    """

  /// Convolutions of the network's input that have no pool.
  static let fewChannels = """
    model few_channels(batch = 2) {
      x = input[batch, 3, 19, 17]
      a = x |> w1: conv(24, 3, stride: 2, pad: 1) |> relu
      b = x |> w2: conv(24, 3, stride: (1, 2), pad: 1) |> maxpool((1, 1), stride: (2, 1))
      return b |> add(a) |> globalavgpool |> flatten |> fc: linear(10)
    }
    """

  /// Convolutions whose kernels Winograd's algorithm can transform in registers: from one tile to more
  /// than a register tile has, channels that fill no panel and more than are multiplied at once,
  /// paddings that differ by side, residuals.
  static let lean = """
    model lean(batch = 2) {
      x = input[batch, 3, 15, 18] |> c0: conv(144, 3, stride: 2, pad: 1) |> relu
      a = x |> w1: conv(144, 3, pad: 1) |> relu |> w2: conv(144, 3, pad: 1) |> add(x) |> relu
      b = a |> w3: conv(34, 3) |> relu |> w4: conv(40, 3, pad: (2, 1, 0, 1), bias: true) |> relu
      c = b |> w5: conv(24, 3) |> w6: conv(16, 3, pad: 1)
      return c |> globalavgpool |> flatten |> fc: linear(10)
    }
    """

  /// Ends of residual blocks with squeeze-and-excitation whose last convolution can scale its sums:
  /// channels that fill no panel, images of several tiles, of one pixel and of rows that wrap,
  /// shortcuts that have to be kept, sums with and without ReLU. Beside them such as cannot, because
  /// the result is read elsewhere or the factors come from it.
  static let scaledConvolutions = """
    block excited(x, middle, channels) {
      y = x |> a: conv(middle, 3, pad: 1) |> relu |> w1: conv(channels, 1) |> bn1: bn
      s = y |> globalavgpool |> fc1: conv(9, 1, bias: true) |> relu |> fc2: conv(channels, 1, bias: true) |> sigmoid
      return y |> mul(s)
    }
    block kept(x, channels, size) {
      y = x |> b: conv(channels, size, pad: size // 2)
      s = y |> globalavgpool |> fc1: conv(9, 1) |> relu |> fc2: conv(channels, 1) |> sigmoid
      return y |> mul(s) |> add(y) |> relu
    }
    model scaled(batch = 3) {
      x = input[batch, 3, 15, 13] |> c0: conv(37, 3, pad: 1) |> relu
      a = x |> one: excited(21, 37) |> add(x) |> relu
      b = a |> two: excited(32, 37) |> add(x)
      c = b |> c1: conv(64, 3, stride: 2, pad: 1)
      d = c |> c2: conv(64, 3, stride: (2, 1), pad: 1) |> three: excited(16, 64) |> add(c |> c3: conv(64, 1, stride: (2, 1))) |> relu
      k = d |> five: kept(33, 1) |> six: kept(64, 3)
      e = k |> c4: conv(24, (4, 6)) |> four: excited(16, 24)
      f = e |> add(e |> c5: conv(24, 1)) |> relu
      return f |> globalavgpool |> flatten |> fc: linear(10)
    }
    """

  /// Blocks with squeeze-and-excitation after a convolution by Winograd's algorithm, whose tiles are
  /// summed as they are stored: images that tiles do not divide, channels that fill no panel, strides,
  /// ReLU and a residual before the mean, means that a result of the network and another pool read
  /// too.
  static let tileSums = """
    block squeezed(x, channels) {
      s = x |> globalavgpool |> fc1: conv(9, 1, bias: true) |> relu |> fc2: conv(channels, 1) |> sigmoid
      return x |> mul(s)
    }
    model tile_sums(batch = 3) {
      x = input[batch, 3, 19, 14] |> c0: conv(37, 3, pad: 1) |> relu
      a = x |> w1: conv(37, 3, pad: 1, bias: true) |> bn1: bn |> one: squeezed(37) |> add(x) |> relu
      b = a |> w2: conv(48, 3, stride: 2, pad: 1) |> relu |> two: squeezed(48)
      c = b |> w3: conv(48, 3, pad: 1) |> add(b) |> relu
      d = c |> three: squeezed(48) |> maxpool(2, stride: 2)
      e = d |> w4: conv(34, 3, pad: (2, 1, 0, 1)) |> four: squeezed(34) |> c5: conv(34, (5, 2))
      m = e |> globalavgpool
      return e |> mul(m) |> add(e) |> globalavgpool |> flatten |> fc: linear(10)
    }
    """

  /// The options that have all layers `w?` of it computed so.
  static func lean(on instructionSet: InstructionSet, tile: Int? = nil) -> CompilerOptions {
    var options = CompilerOptions(
      machine: .generic(instructionSet), instructionSets: [instructionSet])
    let shape = tile.map { TileShape(width: $0, height: 1, channels: 16) }
    options.forced = [
      ForcedConfiguration(
        pattern: "w?", method: "winograd4-lean", schedule: ScheduleChoice(tile: shape))
    ]
    return options
  }

  /// The options that have Winograd's algorithm compute all layers `w?` of a network, and its stem.
  static func winograd(_ outputs: Int, on instructionSet: InstructionSet, stem: Bool = true)
    -> CompilerOptions
  {
    var options = CompilerOptions(
      machine: .generic(instructionSet), instructionSets: [instructionSet])
    options.forced = [ForcedConfiguration(pattern: "w?", method: "winograd\(outputs)")]
    if stem { options.forced.append(ForcedConfiguration(pattern: "stem", method: "winograd4")) }
    return options
  }

  /// The options that have all layers `w?` computed in tiles that wrap, in rows of 7 and of 5 pixels,
  /// in every layout; portable C has registers for two pixels.
  static func wrapping(on instructionSet: InstructionSet, layers: String = "w?")
    -> [CompilerOptions]
  {
    (instructionSet == .portable ? [2] : [2, 4]).flatMap { width in
      ([nil] + Layout.allCases).map { layout in
        let tile = TileShape(width: width, height: 1, channels: 16, wraps: true)
        var options = CompilerOptions(
          machine: .generic(instructionSet), instructionSets: [instructionSet], layout: layout)
        options.forced = [
          ForcedConfiguration(
            pattern: layers, method: "direct", schedule: ScheduleChoice(tile: tile))
        ]
        return options
      }
    }
  }

  static let networks = [
    convolutions, groups, narrowGroups, others, winograd, scaledConvolutions, tileSums,
  ]

  @Test(arguments: networks, InstructionSet.all.filter(\.isSupportedHere))
  func oddShapesAgree(text: String, instructionSet: InstructionSet) throws {
    for layout in [nil] + Layout.allCases {
      let options = CompilerOptions(
        machine: .generic(instructionSet), instructionSets: [instructionSet], layout: layout)
      try expectAgreement(model(text: text), options: options)
    }
  }

  @Test(arguments: InstructionSet.all.filter(\.isSupportedHere), [2, 4])
  func convolutionsByPhasesAgree(instructionSet: InstructionSet, outputs: Int) throws {
    try expectAgreement(
      model(text: Self.phases), options: Self.winograd(outputs, on: instructionSet))
    try expectAgreement(
      model(text: Self.fewChannels),
      options: Self.winograd(outputs, on: instructionSet, stem: false))
  }

  @Test(arguments: InstructionSet.all.filter(\.isSupportedHere), [2, 4])
  func meansOfTilesAgree(instructionSet: InstructionSet, outputs: Int) throws {
    let options = Self.winograd(outputs, on: instructionSet, stem: false)
    try expectAgreement(model(text: Self.tileSums), options: options)
    let plan = try compile(model(text: Self.tileSums), options: options).plan
    #expect(plan.steps.count { $0.tileSums != nil } >= 4)
  }

  @Test(arguments: InstructionSet.all.filter(\.isSupportedHere))
  func kernelsTransformedInRegistersAgree(instructionSet: InstructionSet) throws {
    for tile in [nil, 1] {
      try expectAgreement(
        model(text: Self.lean), options: Self.lean(on: instructionSet, tile: tile))
    }
  }

  @Test(arguments: InstructionSet.all.filter(\.isSupportedHere))
  func tilesThatWrapAgree(instructionSet: InstructionSet) throws {
    for options in Self.wrapping(on: instructionSet) {
      try expectAgreement(model(text: Self.shortRows), options: options)
    }
    for options in Self.wrapping(on: instructionSet, layers: "one.w1") {
      try expectAgreement(model(text: Self.scaledConvolutions), options: options)
    }
  }

  @Test func everyBatchAgrees() throws {
    for batch in [1, 2, 5, 9] {
      try expectAgreement(model("cifar_resnet20", ["batch": "\(batch)"]))
    }
  }
}
