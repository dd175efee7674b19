import GraphIR
import KernelPlanning
import MachineModel
import ModelFiles
import ModuleBuilding
import ResNetCompiler
import Testing

/// `--accuracy exact`: every output is one chain of fused multiply-adds, whatever computes it.
@Suite(.serialized) struct ExactnessTests {
  private func results(
    _ model: Model, on instructionSet: InstructionSet, layout: Layout? = nil, threads: Int
  ) throws -> [[UInt32]] {
    let options = CompilerOptions(
      machine: .generic(instructionSet), instructionSets: [instructionSet], accuracy: .exact,
      layout: layout)
    let network = try compile(model, options: options)
    let module = try loadModule(network, parameters: SeededWeights())
    let input = seededInput(network.runtime.inputShape)
    return try (1...threads).map { threads in
      try module.makeContext(threads: threads).run(input).flatMap { $0.elements.map(\.bitPattern) }
    }
  }

  @Test(arguments: ["cifar_resnet20", "resnet8-cifar10"])
  func everyInstructionSetAndNumberOfThreadsGivesTheSameBits(name: String) throws {
    let model = try model(name)
    let expected = try results(model, on: .portable, threads: 1)[0]
    for instructionSet in InstructionSet.all where instructionSet.isSupportedHere {
      for (index, found) in try results(model, on: instructionSet, threads: 4).enumerated() {
        #expect(found == expected, "\(instructionSet), \(index + 1) threads")
      }
    }
  }

  @Test(arguments: [
    KernelSweepTests.convolutions, KernelSweepTests.groups, KernelSweepTests.narrowGroups,
    KernelSweepTests.others, KernelSweepTests.scaledConvolutions,
  ])
  func everyLayoutGivesTheSameBits(text: String) throws {
    let model = try model(text: text)
    let expected = try results(model, on: .portable, layout: .nchw, threads: 1)[0]
    for instructionSet in InstructionSet.all where instructionSet.isSupportedHere {
      for layout in [nil] + Layout.allCases {
        let found = try results(model, on: instructionSet, layout: layout, threads: 2)
        let layout = layout?.rawValue ?? "chosen layouts"
        #expect(found.allSatisfy { $0 == expected }, "\(instructionSet), \(layout)")
      }
    }
  }

  @Test func aLargeNetworkGivesTheSameBits() throws {
    let model = try model("resnet18", ["size": "64"])
    let expected = try results(model, on: .portable, threads: 1)[0]
    for instructionSet in InstructionSet.all where instructionSet.isSupportedHere {
      #expect(try results(model, on: instructionSet, threads: 2) == [expected, expected])
    }
  }

  // In NHWC narrow groups share vectors, in other layouts they are panels with zeros.
  @Test func narrowGroupsShareVectors() throws {
    let options = CompilerOptions(machine: .generic(.avx2), accuracy: .exact, layout: .nhwc)
    let plan = try compile(model(text: KernelSweepTests.narrowGroups), options: options).plan
    let grouped = plan.steps.filter { if case .grouped = $0.kernel { true } else { false } }
    #expect(grouped.map(\.name) == ["g1", "g2", "g4", "g8", "g8s", "g4p", "g1w"])
  }

  @Test func onlyDirectAlgorithmsAreUsed() throws {
    let options = CompilerOptions(machine: .generic(.avx2), accuracy: .exact)
    for step in try compile(model("resnet18"), options: options).plan.steps {
      if case .winograd = step.kernel { Issue.record("\(step.name) is computed by Winograd") }
      #expect(step.kernel.weightFormat == .float32)
    }
  }
}
