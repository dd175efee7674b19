import KernelPlanning
import MachineModel
import ResNetCompiler
import Testing

/// The kernels for instruction sets that this processor may lack, checked nevertheless: all networks
/// of odd shapes, and one real network.
///
/// They run where the processor has the instructions too, so that the emulation itself stays sound.
@Suite(
  .serialized,
  .enabled(
    if: Emulation.isInstalled,
    "SIMDe's headers are missing: run Scripts/install-dependencies.sh --tests"))
struct EmulationTests {
  @Test(arguments: KernelSweepTests.networks, Emulation.all)
  func oddShapesAgree(text: String, emulation: Emulation) throws {
    try expectAgreement(
      model(text: text), options: .generic(emulation.instructionSet), emulation: emulation)
  }

  @Test(arguments: Emulation.all)
  func convolutionsByPhasesAgree(emulation: Emulation) throws {
    for outputs in [2, 4] {
      try expectAgreement(
        model(text: KernelSweepTests.phases),
        options: KernelSweepTests.winograd(outputs, on: emulation.instructionSet),
        emulation: emulation)
    }
  }

  @Test(arguments: Emulation.all)
  func aWholeNetworkAgrees(emulation: Emulation) throws {
    try expectAgreement(
      model("cifar_resnet20"), options: .generic(emulation.instructionSet), threads: 2,
      emulation: emulation)
  }

  /// Rounding a weight to float16 changes it by up to 2⁻¹¹ of itself; layers add to that.
  @Test(arguments: Emulation.all)
  func weightsStoredAsFloat16Agree(emulation: Emulation) throws {
    var options = CompilerOptions.generic(emulation.instructionSet)
    options.accuracy = .relaxed
    let network = try model(text: KernelSweepTests.winograd)
    let plan = try compile(network, options: options).plan
    try #require(plan.weights.contains { $0.format == .float16 })
    try expectAgreement(network, options: options, tolerance: 2e-3, emulation: emulation)
  }
}

extension CompilerOptions {
  /// One variant alone, planned for a generic processor that has it.
  fileprivate static func generic(_ instructionSet: InstructionSet) -> CompilerOptions {
    CompilerOptions(machine: .generic(instructionSet), instructionSets: [instructionSet])
  }
}
