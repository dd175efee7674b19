import GraphIR
import KernelPlanning
import MachineModel
import ResNetCompiler
import Testing

/// The conversions from and to the caller put the channels where they belong, and give arrays another
/// shape, without a step of their own.
@Suite(.serialized) struct CallerArrayTests {
  /// As an exporter of a Keras network writes it: channels last, but for the convolutions.
  static let channelsLast = """
    model channels_last(batch = 2) {
      x = input[batch, 11, 9, 3] |> transpose((0, 3, 1, 2)) |> c0: conv(19, 3, pad: 1)
      a = x |> transpose((0, 2, 3, 1)) |> relu
      b = a |> transpose((0, 3, 1, 2)) |> c1: conv(19, 3, pad: 1) |> transpose((0, 2, 3, 1))
      return b |> add(a) |> relu
    }
    """
  static let channelsFirst = """
    model channels_first(batch = 2) {
      x = input[batch, 3, 11, 9] |> c0: conv(19, 3, pad: 1)
      a = x |> relu
      b = a |> c1: conv(19, 3, pad: 1)
      return b |> add(a) |> relu
    }
    """
  /// An input that other kernels than convolutions read; images of one pixel.
  static let pooled = """
    model pooled(batch = 2) {
      x = input[batch, 6, 8, 5] |> transpose((0, 3, 1, 2)) |> maxpool(2)
      return x |> globalavgpool |> c1: conv(7, 1) |> transpose((0, 2, 3, 1))
    }
    """
  static let reshaped = """
    model reshaped(batch = 2) {
      x = input[batch, 5, 6, 8] |> c0: conv(18, 3, pad: 1) |> relu
      return x |> c1: conv(18, 3, pad: 1) |> flatten
    }
    """

  @Test(
    arguments: [channelsLast, pooled, reshaped], InstructionSet.all.filter(\.isSupportedHere))
  func resultsAreTheInterpreters(text: String, instructionSet: InstructionSet) throws {
    for layout in [nil] + Layout.allCases {
      let options = CompilerOptions(
        machine: .generic(instructionSet), instructionSets: [instructionSet], layout: layout)
      try expectAgreement(model(text: text), options: options)
      for step in try compile(model(text: text), options: options).plan.steps {
        if case .rearrangement = step.kernel { Issue.record("\(step.name) is a step of its own") }
      }
    }
  }

  @Test func channelsLastCostNoStep() throws {
    let last = try compile(try model(text: Self.channelsLast), options: .forThisMachine)
    let first = try compile(try model(text: Self.channelsFirst), options: .forThisMachine)
    #expect(last.plan.steps.count == first.plan.steps.count)
    // Between the conversions of input and output, all is the same.
    #expect(
      last.plan.steps.dropFirst().dropLast().map(\.kernel)
        == first.plan.steps.dropFirst().dropLast().map(\.kernel))
  }

  /// What another node reads as the caller has it cannot be put in order on the way.
  @Test(arguments: [
    "return input[2, 240] |> reshape((2, 5, 6, 8)) |> c: conv(8, 3, pad: 1) |> reshape((4, 192))",
    "return input[2, 6, 8, 5] |> transpose((0, 3, 1, 2))",
    "return input[2, 6, 8, 5] |> transpose((0, 2, 3, 1)) |> reshape((2, 240))",
    "x = input[2, 6, 8, 5]\n return concat([x |> transpose((0, 3, 1, 2)) |> c: conv(8, 1), "
      + "x |> transpose((0, 2, 1, 3)) |> reshape((2, 5, 6, 8))])",
    "x = input[2, 6, 8, 5]\n y = x |> transpose((0, 3, 1, 2)) |> transpose((0, 2, 3, 1))\n"
      + " return y |> relu |> add(x)",
    "x = input[2, 4, 6, 8] |> c: conv(7, 1)\n y = x |> transpose((0, 2, 3, 1))\n"
      + " return y |> softmax |> add(y)",
  ])
  func otherwiseItIsAStep(body: String) throws {
    try expectAgreement(model(text: "model m() { \(body) }"), options: .forThisMachine)
  }
}
