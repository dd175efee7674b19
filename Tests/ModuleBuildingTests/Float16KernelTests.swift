import GraphIR
import KernelPlanning
import MachineModel
import ModelFiles
import ModuleBuilding
import ResNetCompiler
import Testing

/// Kernels on weights stored as float16.
@Suite(.serialized) struct Float16KernelTests {
  /// Weights that float16 has exactly, so that nothing is lost by storing them as such.
  private struct RepresentableWeights: ParameterSource {
    func values(of parameter: ParameterSpec) throws -> [Float] {
      SeededWeights().values(of: parameter).map { ($0 * 512).rounded() / 512 }
    }
  }

  private func options(
    _ instructionSet: InstructionSet, _ accuracy: Accuracy, layout: Layout? = nil, force: String
  ) throws -> CompilerOptions {
    var options = CompilerOptions(
      machine: .generic(instructionSet), instructionSets: [instructionSet], accuracy: accuracy,
      layout: layout)
    options.forced = [try #require(ForcedConfiguration(force))]
    return options
  }

  /// Convolutions of every kind of direct kernel, none of them normalised: a fused pool, groups of
  /// several widths, dilation, a residual, linear layers with and without a mean before.
  private static let direct = """
    model direct(batch = 2) {
      x = input[batch, 3, 23, 21] |> c0: conv(32, 7, stride: 2, pad: 3) |> relu
        |> maxpool(3, stride: 2, pad: 1)
      a = x |> c1: conv(32, 3, pad: 1) |> add(x) |> relu |> g2: conv(32, 3, pad: 1, groups: 16)
      b = a |> g3: conv(48, 3, stride: 2, pad: 1, groups: 4) |> c4: conv(50, 3, dilation: 2, pad: 2)
      c = b |> globalavgpool |> flatten |> fc1: linear(40) |> relu
      return c |> fc2: linear(7)
    }
    """

  @Test(arguments: InstructionSet.all.filter(\.isSupportedHere))
  func directKernelsComputeTheSameBitsAsOnFloat32(instructionSet: InstructionSet) throws {
    for layout in [nil] + Layout.allCases {
      let results = try [("direct", 4), ("direct-float16", 2)].map { method, bytes in
        let network = try compile(
          model(text: Self.direct),
          options: options(instructionSet, .relaxed, layout: layout, force: "*=\(method)"))
        #expect(
          network.plan.weights.filter { $0.name.hasSuffix(".weight") }
            .allSatisfy { $0.format.byteCount == bytes })
        let module = try loadModule(network, parameters: RepresentableWeights())
        return try module.makeContext(threads: 2).run(seededInput(network.runtime.inputShape))
      }
      #expect(results[0] == results[1], "\(layout?.rawValue ?? "chosen layouts")")
    }
  }

  @Test(arguments: InstructionSet.all.filter(\.isSupportedHere))
  func groupedKernelsComputeTheSameBitsAsOnFloat32(instructionSet: InstructionSet) throws {
    // A batch norm would make weights that float16 does not have.
    let text = KernelSweepTests.narrowGroups.replacing(" |> bn4: bn", with: "")
    let results = try [("grouped", 4), ("grouped-float16", 2)].map { method, bytes in
      let network = try compile(
        model(text: text),
        options: options(instructionSet, .relaxed, force: "g*=\(method)"))
      let weights = network.plan.weights.filter {
        $0.name.hasPrefix("g") && $0.name.hasSuffix(".weight")
      }
      #expect(weights.count == 7)
      #expect(weights.allSatisfy { $0.format.byteCount == bytes })
      let module = try loadModule(network, parameters: RepresentableWeights())
      return try module.makeContext(threads: 2).run(seededInput(network.runtime.inputShape))
    }
    #expect(results[0] == results[1])
  }

  // A weight is off by 2⁻¹² of itself at most, but a transformed one counts in up to 16 outputs, with
  // factors up to 3.4² in F(4×4).
  @Test(arguments: [2, 4], InstructionSet.all.filter(\.isSupportedHere))
  func winogradKernelsAgree(outputs: Int, instructionSet: InstructionSet) throws {
    var options = try options(
      instructionSet, .relaxed, force: "c*=winograd\(outputs)-float16")
    // Its three channels fill no vector.
    options.forced += [try #require(ForcedConfiguration("c0=direct-float16"))]
    try expectAgreement(model(text: KernelSweepTests.winograd), options: options, tolerance: 4e-3)
  }

  @Test func weightsBeyondFloat16AreAnError() throws {
    struct HugeWeights: ParameterSource {
      func values(of parameter: ParameterSpec) throws -> [Float] {
        SeededWeights().values(of: parameter).map { $0 * 1e7 }
      }
    }
    let options = try options(.portable, .relaxed, force: "*=direct-float16")
    let network = try compile(model(text: Self.direct), options: options)
    #expect(throws: WeightPackingError.beyondFloat16(tensor: "c0.weight")) {
      try network.writeWeights(from: HugeWeights()) { _ in }
    }
  }
}
