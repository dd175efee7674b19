import GraphIR
import Interpreter
import KernelPlanning
import MachineModel
import ModelFiles
import ResNetCompiler
import Testing

/// The element-by-element kernels, and those that move elements, on odd shapes for every instruction
/// set and layout.
@Suite(.serialized) struct PointwiseSweepTests {
  /// Every activation, those whose result for 0 is not 0 too, before kernels that read whole panels;
  /// factors for elements and for channels; constants.
  static let pointwise = """
    model pointwise(batch = 2) {
      x = input[batch, 5, 7, 9]
      a = x |> c0: conv(21, 3, pad: 1, bias: true) |> leakyrelu(slope: 0.2)
      b = a |> c1: conv(21, 1) |> sigmoid |> c2: conv(21, 3, pad: 1)
      c = mul(b, sigmoid(b)) |> c3: conv(37, 3, stride: 2, pad: 1)
      d = c |> clip(min: 0.25, max: 6) |> c4: conv(37, (3, 1), pad: (1, 0))
      e = d |> hardsigmoid(slope: 0.1667, offset: 0.5) |> c5: conv(37, 1)
      gate = e |> globalavgpool |> s1: conv(9, 1, bias: true) |> relu |> s2: conv(37, 1, bias: true) |> sigmoid
      f = mul(e, gate) |> add(c) |> relu |> c6: conv(16, 1)
      g = mul(f, parameter("gain", (batch, 16, 1, 1))) |> add(parameter("shift", (batch, 16, 4, 5)))
      return g |> clip(max: 0.5) |> globalavgpool |> flatten |> fc: linear(10) |> sigmoid
    }
    """

  /// Concatenations at channels that no panel begins at, before kernels that read zeros around images
  /// and whole panels; one of two operands that are one.
  static let concatenations = """
    model concatenations(batch = 2) {
      x = input[batch, 5, 7, 6]
      a = x |> c0: conv(21, 3, pad: 1) |> relu
      b = concat([a, x, a |> c1: conv(7, 1) |> sigmoid]) |> c2: conv(18, 3, pad: 1)
      c = concat([b, b]) |> c3: conv(40, 3, stride: 2, pad: 1) |> relu
      d = concat([c |> globalavgpool, c |> maxpool((4, 3))]) |> c4: conv(9, 1)
      e = concat([d |> flatten, d |> flatten |> fc1: linear(6), c |> c5: conv(3, (4, 3)) |> flatten])
      return e |> fc2: linear(10)
    }
    """

  /// Shapes of every rank, transposed, reshaped where one's dimensions divide the other's and where
  /// they do not, repeated; between kernels that read zeros around images and whole panels.
  static let shapes = """
    model shapes(batch = 2) {
      x = input[batch, 5, 7, 6]
      a = x |> transpose((0, 3, 1, 2)) |> c0: conv(18, 3, pad: 1) |> relu
      b = a |> reshape((batch, 3, 6, 7, 5)) |> transpose((0, 2, 1, 4, 3)) |> reshape((batch, 18, 5, 7))
      c = b |> c1: conv(24, 3, pad: 1) |> add(a |> c2: conv(24, 1))
      d = c |> reshape((batch, 12, 10, 7)) |> c3: conv(21, 3, pad: 1) |> transpose((0, 2, 1, 3))
      e = d |> reshape((batch, 7, 210)) |> softmax |> transpose((0, 2, 1)) |> sigmoid
      f = e |> reshape((batch, 6, 5, 7, 7)) |> clip(min: 0.5) |> reshape((batch, 15, 14, 7))
      g = f |> c4: conv(20, 3, pad: 1) |> globalavgpool
      h = g |> expand((batch, 20, 14, 7)) |> add(f |> c5: conv(20, 1)) |> c6: conv(8, 3, pad: 1)
      k = h |> globalavgpool |> transpose((0, 2, 3, 1)) |> reshape((batch, 8)) |> transpose((1, 0))
      l = k |> reshape((8 * batch,)) |> hardsigmoid |> expand((3, 8 * batch)) |> reshape((batch, 24))
      return l |> add(parameter("shift", (1, 24)) |> expand((batch, 24))) |> fc: linear(10)
    }
    """

  /// Parts of the channels, from within blocks and across them, before kernels that read zeros around
  /// images and whole panels; all of them together, and cut at one end and filled up at the other.
  static let parts = """
    model parts(batch = 2) {
      x = input[batch, 5, 7, 6]
      a = x |> padchannels(before: -1, after: -2) |> c0: conv(53, 3, pad: 1) |> relu
      b = a |> padchannels(after: -32) |> c1: conv(21, 3, pad: 1)
      c = a |> padchannels(before: -21, after: -16) |> add(a |> padchannels(before: -37)) |> c2: conv(21, 3, pad: 1)
      d = concat([c, a |> padchannels(before: -3, after: -49), b]) |> c3: conv(40, 1)
      e = d |> padchannels(before: -7, after: 5, stride: 2) |> c4: conv(18, 3, pad: 1)
      f = d |> padchannels(before: 9, after: -13, stride: (2, 1)) |> globalavgpool |> c5: conv(18, 1)
      return mul(e, f) |> padchannels(before: -17) |> flatten |> fc: linear(10)
    }
    """

  /// Pools whose windows have gaps, those that see padding only too.
  static let dilatedPools = """
    model dilated_pools(batch = 2) {
      x = input[batch, 3, 14, 17] |> c0: conv(20, 3, pad: 1)
      a = x |> maxpool(3, stride: 1, dilation: 2, pad: 2) |> c1: conv(20, 3, pad: 1)
      b = a |> avgpool((2, 3), stride: (1, 2), dilation: (3, 2), pad: (1, 2)) |> c2: conv(20, 1)
      c = b |> avgpool(3, stride: 2, dilation: 2, pad: (2, 1), ceil: true, count_include_pad: false)
      d = c |> relu |> add(b |> maxpool((3, 2), stride: 2, dilation: (2, 3), pad: (2, 1)))
      return d |> flatten |> fc: linear(10)
    }
    """

  /// An input that is no image, and a constant before it.
  static let sequences = """
    model sequences(batch = 2) {
      shift = parameter("shift", (batch, 5, 7))
      x = input[batch, 35] |> reshape((batch, 5, 7)) |> add(shift) |> relu
      return x |> transpose((0, 2, 1)) |> mul(x |> reshape((batch, 7, 5))) |> sigmoid |> flatten |> fc: linear(3)
    }
    """

  static let networks = [pointwise, concatenations, shapes, parts, dilatedPools, sequences]

  /// A sigmoid whose arguments decide everything, and the other functions of them.
  static let functions = """
    model functions() {
      x = input[1, 3, 41, 50]
      a = add(x |> sigmoid, x |> leakyrelu(slope: 0.3))
      b = add(x |> clip(min: -3, max: 6), x |> hardsigmoid)
      return add(a, b)
    }
    """

  @Test(arguments: networks, InstructionSet.all.filter(\.isSupportedHere))
  func oddShapesAgree(text: String, instructionSet: InstructionSet) throws {
    for layout in [nil] + Layout.allCases {
      let options = CompilerOptions(
        machine: .generic(instructionSet), instructionSets: [instructionSet], layout: layout)
      try expectAgreement(model(text: text), options: options)
    }
  }

  @Test(arguments: InstructionSet.all.filter(\.isSupportedHere))
  func functionsOfAllMagnitudesAgree(instructionSet: InstructionSet) throws {
    try Self.expectFunctions(.generic(instructionSet))
  }

  /// Compares results one by one: those of a sigmoid to 4 units in the last place, the others to a
  /// rounding of what they sum; what is too small for float32's normal range may be 0.
  static func expectFunctions(_ options: CompilerOptions, emulation: Emulation? = nil) throws {
    for layout in Layout.allCases {
      var options = options
      options.layout = layout
      var model = try model(text: functions)
      let graph = model.graph
      model.graph.outputs = graph.nodeIDs.filter { graph[$0].inputs == graph.inputs }
      model.outputNames = model.graph.outputs.map { graph[$0].name }
      let network = try compile(model, options: options)
      let module = try loadModule(network, parameters: SeededWeights(), emulation: emulation)
      let shape = network.runtime.inputShape
      var input = (0..<shape.elementCount).map { Float($0 - 3075) / 32 }
      let special: [Float] = [
        .nan, .infinity, -.infinity, 0, -0.0, 1e30, -1e30, 88.7, -88.7, -87.4,
      ]
      input.replaceSubrange(70..<70 + special.count, with: special)
      let expected = try GraphInterpreter(network.graph, parameters: SeededWeights())
        .run([Tensor(shape, input)])
      let context = try module.makeContext(threads: 1)
      for (index, (found, tensor)) in zip(try context.run(input), expected).enumerated() {
        for (x, (a, b)) in zip(input, zip(found.elements, tensor.elements)) {
          let tolerance = index == 0 ? max(b.ulp * 4, .leastNormalMagnitude) : Float(1).ulp
          #expect(
            a == b || (a.isNaN && b.isNaN) || (b.isFinite && abs(a - b) <= tolerance),
            "\(network.graph.outputs[index]) of \(x) is \(a), not \(b), \(layout)")
        }
      }
    }
  }
}
