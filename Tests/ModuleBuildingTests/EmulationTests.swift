import GraphIR
import KernelPlanning
import MachineModel
import ModelFiles
import ModuleBuilding
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
  @Test(arguments: KernelSweepTests.networks + PointwiseSweepTests.networks, Emulation.all)
  func oddShapesAgree(text: String, emulation: Emulation) throws {
    try expectAgreement(
      model(text: text), options: .generic(emulation.instructionSet), emulation: emulation)
  }

  @Test(arguments: Emulation.all)
  func functionsOfAllMagnitudesAgree(emulation: Emulation) throws {
    try PointwiseSweepTests.expectFunctions(
      .generic(emulation.instructionSet), emulation: emulation)
  }

  @Test(arguments: Emulation.all)
  func convolutionsByPhasesAgree(emulation: Emulation) throws {
    for outputs in [2, 4] {
      try expectAgreement(
        model(text: KernelSweepTests.phases),
        options: KernelSweepTests.winograd(outputs, on: emulation.instructionSet),
        emulation: emulation)
      try expectAgreement(
        model(text: KernelSweepTests.fewChannels),
        options: KernelSweepTests.winograd(outputs, on: emulation.instructionSet, stem: false),
        emulation: emulation)
    }
  }

  @Test(arguments: Emulation.all)
  func tilesThatWrapAgree(emulation: Emulation) throws {
    for options in KernelSweepTests.wrapping(on: emulation.instructionSet) {
      try expectAgreement(
        model(text: KernelSweepTests.shortRows), options: options, emulation: emulation)
    }
  }

  @Test(arguments: Emulation.all)
  func kernelsTransformedInRegistersAgree(emulation: Emulation) throws {
    try expectAgreement(
      model(text: KernelSweepTests.lean),
      options: KernelSweepTests.lean(on: emulation.instructionSet), emulation: emulation)
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
    // The three channels of the first fill no vector.
    options.forced = [
      ForcedConfiguration(pattern: "c*", method: "winograd4-float16"),
      ForcedConfiguration(pattern: "c0", method: "direct-float16"),
    ]
    let network = try model(text: KernelSweepTests.winograd)
    let plan = try compile(network, options: options).plan
    try #require(plan.weights.contains { $0.format == .float16 })
    try expectAgreement(network, options: options, tolerance: 4e-3, emulation: emulation)
  }

  @Test(
    arguments: [
      (KernelSweepTests.convolutions, "direct"), (KernelSweepTests.narrowGroups, "grouped"),
    ],
    Emulation.all)
  func directKernelsOnFloat16Agree(kernels: (text: String, method: String), emulation: Emulation)
    throws
  {
    var options = CompilerOptions.generic(emulation.instructionSet)
    options.accuracy = .relaxed
    options.forced = [
      ForcedConfiguration(
        pattern: kernels.method == "direct" ? "c*" : "g*", method: kernels.method + "-float16")
    ]
    try expectAgreement(
      model(text: kernels.text), options: options, tolerance: 2e-3, emulation: emulation)
  }

  /// With `--accuracy exact` an emulated processor computes the bits that portable C does on this one.
  /// NEON's does not: its multiply-add is emulated without fusing.
  @Test(
    arguments: [KernelSweepTests.convolutions, KernelSweepTests.narrowGroups],
    Emulation.all.filter { $0.instructionSet != .neon })
  func exactResultsHaveTheBitsOfPortableC(text: String, emulation: Emulation) throws {
    let model = try model(text: text)
    func results(_ instructionSet: InstructionSet, _ emulation: Emulation?) throws -> [Tensor] {
      var options = CompilerOptions.generic(instructionSet)
      options.accuracy = .exact
      let network = try compile(model, options: options)
      return try loadModule(network, parameters: SeededWeights(), emulation: emulation)
        .makeContext(threads: 2).run(seededInput(network.runtime.inputShape))
    }
    #expect(try results(emulation.instructionSet, emulation) == results(.portable, nil))
  }
}

extension CompilerOptions {
  /// One variant alone, planned for a generic processor that has it.
  static func generic(_ instructionSet: InstructionSet) -> CompilerOptions {
    CompilerOptions(machine: .generic(instructionSet), instructionSets: [instructionSet])
  }
}
