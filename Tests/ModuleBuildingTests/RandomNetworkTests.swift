import GraphIR
import Interpreter
import KernelPlanning
import MachineModel
import ModelFiles
import ModuleBuilding
import ResNetCompiler
import TestSupport
import Testing

/// Networks drawn at random, all in one library, against the interpreter.
@Suite(.serialized) struct RandomNetworkTests {
  /// Networks as one, and what the interpreter computes of each before any pass.
  private struct Sample {
    var joined = JoinedNetworks()
    var expected: [(name: String, output: Tensor)] = []

    /// Five networks with operations on shapes and three with what passes look for, others for each
    /// number.
    init(_ number: Int) throws {
      let shaped = (0..<5).map { number * 5 + $0 }
        .map { ("shaped\($0)", randomShapedNetwork(seed: $0)) }
      let others = (0..<3).map { number * 3 + $0 }
        .map { ("network\($0)", randomNetwork(seed: $0)) }
      for (name, graph) in shaped + others {
        let shape = graph[graph.inputs[0]].type.shape
        let input = Tensor(shape, seededInput(shape))
        try joined.append(graph, weights: SeededWeights(), input: input, name: name)
        for output in try GraphInterpreter(graph, parameters: SeededWeights()).run([input]) {
          expected.append((name, output))
        }
      }
    }

    /// Compiles them, and holds the results to the interpreter's and those of several threads to
    /// those of one, bit by bit.
    func expectAgreement(_ options: CompilerOptions, emulation: Emulation? = nil) throws {
      let network = try compile(Model(graph: joined.graph), options: options)
      let module = try loadModule(network, parameters: joined, emulation: emulation)
      let alone = try module.makeContext(threads: 1).run([0])
      try #require(alone.count == expected.count)
      for (found, (name, output)) in zip(alone, expected) {
        #expect(found.shape == output.shape, "\(name)")
        let error = relativeError(found.elements, output.elements)
        #expect(error <= RandomNetworkTests.tolerance, "\(name)")
      }
      for threads in [2, 3, 8] {
        let together = try module.makeContext(threads: threads).run([0])
        for (index, (name, _)) in expected.enumerated() {
          #expect(together[index] == alone[index], "\(name) on \(threads) threads")
        }
      }
    }
  }

  /// Chains of two dozen roundings, of sums that may cancel.
  static let tolerance = 2e-5

  @Test(arguments: InstructionSet.all.filter(\.isSupportedHere))
  func everyInstructionSetAndNumberOfThreadsAgrees(instructionSet: InstructionSet) throws {
    let number = try #require(InstructionSet.all.firstIndex(of: instructionSet))
    try Sample(number).expectAgreement(.generic(instructionSet))
  }

  @Test(arguments: Layout.allCases)
  func everyLayoutAgrees(layout: Layout) throws {
    var options = CompilerOptions.forThisMachine
    options.layout = layout
    let number = try #require(Layout.allCases.firstIndex(of: layout))
    try Sample(4 + number).expectAgreement(options)
  }

  @Test(.enabled(if: Emulation.isInstalled), arguments: Emulation.all)
  func emulatedProcessorsAgree(emulation: Emulation) throws {
    let number = try #require(InstructionSet.all.firstIndex(of: emulation.instructionSet))
    try Sample(number).expectAgreement(
      .generic(emulation.instructionSet), emulation: emulation)
  }

  /// The draws have all operations that they are for.
  @Test func everyOperationIsThere() {
    var found: [String: Int] = [:]
    for seed in 0..<35 {
      for node in randomShapedNetwork(seed: seed).nodes { found[node.op.mnemonic, default: 0] += 1 }
    }
    for operation in [
      "conv", "relu", "leaky_relu", "clip", "sigmoid", "hard_sigmoid", "add", "multiply",
      "scaled_add", "max_pool", "average_pool", "global_average_pool", "flatten", "reshape",
      "transpose", "expand", "concatenate", "linear", "softmax", "pad_channels",
    ] {
      #expect(found[operation, default: 0] >= 3, "\(operation)")
    }
  }
}
