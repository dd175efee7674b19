import GraphIR
import Interpreter
import KernelPlanning
import MachineModel
import ModelFiles
import ModuleBuilding
import ResNetCompiler
import Testing

/// Generated code against the interpreter, layer by layer. Both sum in different orders and round to
/// float32; 1e-5 of the largest value is some hundred roundings.
private let tolerance = 1e-5

@Suite(.serialized) struct NetworkTests {
  @Test(arguments: ["cifar_resnet20", "resnet18"])
  func generatedCodeComputesWhatTheInterpreterDoes(name: String) throws {
    try expectAgreement(model(name))
  }

  @Test(arguments: Layout.allCases)
  func everyLayoutComputesTheSame(layout: Layout) throws {
    var options = CompilerOptions.forThisMachine
    options.layout = layout
    try expectAgreement(model("resnet8-cifar10", ["batch": "3"]), options: options)
  }

  @Test(arguments: InstructionSet.all.filter(\.isSupportedHere))
  func everyInstructionSetComputesTheSame(instructionSet: InstructionSet) throws {
    for layout in [nil] + Layout.allCases {
      let options = CompilerOptions(
        machine: .generic(instructionSet), instructionSets: [instructionSet], layout: layout)
      try expectAgreement(model("resnet8-cifar10"), options: options)
    }
  }

  @Test(arguments: standardPassNames)
  func everyPassCanBeSwitchedOff(pass: String) throws {
    var options = CompilerOptions.forThisMachine
    options.passes.disabled = [pass]
    try expectAgreement(model("resnet8-cifar10"), options: options)
  }
}

func expectAgreement(
  _ model: Model, options: CompilerOptions = .forThisMachine, threads: Int = 1,
  tolerance: Double = tolerance, emulation: Emulation? = nil,
  sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let comparison = try Comparison(
    model, options: options, threads: threads, emulation: emulation)
  // One wrong layer makes all later ones wrong: the first is the one to look at.
  if let (name, error) = comparison.stepErrors.first(where: { !($0.error <= tolerance) }) {
    let layout = options.layout?.rawValue ?? "chosen layouts"
    Issue.record("\(name) is off by \(error), \(layout)", sourceLocation: sourceLocation)
  } else {
    #expect(comparison.outputError <= tolerance, sourceLocation: sourceLocation)
  }
}

/// What is not a number stays one, so that nobody takes it for an answer.
@Suite struct NotANumberTests {
  @Test(arguments: InstructionSet.all.filter(\.isSupportedHere))
  func aNaNInTheInputReachesTheOutput(instructionSet: InstructionSet) throws {
    let options = CompilerOptions(
      machine: .generic(instructionSet), instructionSets: [instructionSet])
    let network = try compile(model("resnet8-cifar10"), options: options)
    let module = try loadModule(network, parameters: SeededWeights())
    var input = seededInput(network.runtime.inputShape)
    input[500] = .nan
    let output = try module.makeContext(threads: 1).run(input)[0]
    #expect(output.elements.allSatisfy { $0.isNaN })
  }

  /// A pool in the stem, and pools of their own whose windows overlap.
  private static let stem =
    "stem: conv(32, 7, stride: 2, pad: 3) |> relu |> maxpool(3, stride: 2, pad: 1)"
  private static let pools = "maxpool(3, stride: 2, pad: 1) |> maxpool(2, stride: 1)"

  @Test(arguments: InstructionSet.all.filter(\.isSupportedHere))
  func aNaNStaysAtEveryPlaceOfAPoolsWindow(instructionSet: InstructionSet) throws {
    for (text, layout, method) in [
      (Self.stem, nil, "winograd4"), (Self.stem, .nhwc, "direct"),
      (Self.stem, Layout.nchw, "direct"),
      (Self.pools, .nhwc, "direct"), (Self.pools, .blocked, "direct"),
      (Self.pools, .nchw, "direct"),
    ] {
      let model = try model(
        text: "model pools(batch = 1) { return input[batch, 3, 43, 39] |> \(text) }")
      var options = CompilerOptions(
        machine: .generic(instructionSet), instructionSets: [instructionSet], layout: layout)
      if text == Self.stem {
        options.forced = [ForcedConfiguration(pattern: "stem", method: method)]
      }
      let network = try compile(model, options: options)
      let context = try loadModule(network, parameters: SeededWeights()).makeContext(threads: 1)
      let shape = network.runtime.inputShape
      // One NaN in a row and column each of every residue of the windows' strides.
      for place in 0..<8 {
        var input = seededInput(shape)
        input[(13 + place) * 39 + 17 + place % 3] = .nan
        let expected = try GraphInterpreter(network.graph, parameters: SeededWeights())
          .run([Tensor(shape, input)])
        for (found, tensor) in zip(try context.run(input), expected) {
          #expect(tensor.elements.contains { $0.isNaN } && tensor.elements.contains { !$0.isNaN })
          // Winograd's tiles spread a NaN over all of their outputs.
          for (a, b) in zip(found.elements, tensor.elements) where b.isNaN || method == "direct" {
            #expect(a.isNaN == b.isNaN, "\(layout?.rawValue ?? method), place \(place)")
          }
        }
      }
    }
  }
}

/// Every number of threads gives the same bits: each output's sum has one order, whoever computes it.
@Suite struct ThreadTests {
  private func expectOneResult(_ model: Model, _ options: CompilerOptions) throws {
    let network = try compile(model, options: options)
    let module = try loadModule(network, parameters: SeededWeights())
    let input = seededInput(network.runtime.inputShape)
    let alone = try module.makeContext(threads: 1).run(input)
    for threads in 2...8 {
      #expect(try module.makeContext(threads: threads).run(input) == alone, "\(threads) threads")
    }
  }

  @Test(arguments: Accuracy.allCases)
  func resultsDoNotDependOnTheNumberOfThreads(accuracy: Accuracy) throws {
    var options = CompilerOptions.forThisMachine
    options.accuracy = accuracy
    try expectOneResult(model("resnet18", ["size": "96"]), options)
  }

  @Test(arguments: [2, 4])
  func convolutionsByPhasesDoNotDependOnTheNumberOfThreads(outputs: Int) throws {
    try expectOneResult(
      model(text: KernelSweepTests.phases),
      KernelSweepTests.winograd(outputs, on: Machine.probe().instructionSet))
  }

  @Test(arguments: [2, 4])
  func meansOfTilesDoNotDependOnTheNumberOfThreads(outputs: Int) throws {
    try expectOneResult(
      model(text: KernelSweepTests.tileSums),
      KernelSweepTests.winograd(outputs, on: Machine.probe().instructionSet, stem: false))
  }

  @Test func kernelsTransformedInRegistersDoNotDependOnTheNumberOfThreads() throws {
    try expectOneResult(
      model(text: KernelSweepTests.lean),
      KernelSweepTests.lean(on: Machine.probe().instructionSet))
  }

  @Test(
    arguments: [KernelSweepTests.scaledConvolutions] + PointwiseSweepTests.networks,
    [nil] + Layout.allCases)
  func noLayoutDependsOnTheNumberOfThreads(text: String, layout: Layout?) throws {
    var options = CompilerOptions.forThisMachine
    options.layout = layout
    try expectOneResult(model(text: text), options)
  }

  @Test func twoContextsRunAtOnce() async throws {
    let network = try compile(model("cifar_resnet20"), options: .forThisMachine)
    let module = try loadModule(network, parameters: SeededWeights())
    let input = seededInput(network.runtime.inputShape)
    let alone = try module.makeContext(threads: 1).run(input)
    try await withThrowingTaskGroup(of: [Tensor].self) { group in
      for threads in [1, 2, 1, 2] {
        group.addTask {
          let context = try module.makeContext(threads: threads)
          return try (0..<20).map { _ in try context.run(input) }.last ?? []
        }
      }
      for try await results in group { #expect(results == alone) }
    }
  }
}
