import Foundation
import GraphIR
import KernelPlanning
import MachineModel
import ResNetCompiler
import SpecLanguage
import Testing

@testable import Tuning

@Suite("The log that comes with the compiler for AMD's Zen 5")
struct ShippedLogTests {
  /// The machine that it was measured on.
  private let machine = Machine(
    name: "AMD EPYC", processor: Processor(vendor: "AuthenticAMD", family: 26, model: 2),
    instructionSet: .avx512, cores: 2,
    caches: [
      .init(level: 1, bytes: 48 << 10), .init(level: 2, bytes: 1 << 20),
      .init(level: 3, bytes: 32 << 20),
    ])

  @Test("decides every layer of ResNet-50", arguments: [1, 2])
  func decides(threads: Int) throws {
    let logs = try TuneLogs(path: nil, userPath: nil)
    let found = try #require(logs.record(for: machine, compiler: nil))
    var options = CompilerOptions(machine: machine)
    options.machine.rates = found.record.rates.processorRates
    options.threads = threads
    options.instructionSets = [machine.instructionSet]
    options.measurements["avx512"] = found.record.measurements(threads: threads)
    let network = try compile(try resnet50(), options: options)
    let guessed = network.layoutReport.rows.filter { $0.isTunable && !$0.isMeasured[$0.choice] }
    #expect(guessed.map(\.name) == [])
  }

  private func resnet50() throws -> Model {
    let specs = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../Specs").standardized.path
    return try #require(
      compileSpec(path: specs + "/resnet50.spec", overrides: [:]) { path in
        try String(contentsOfFile: path, encoding: .utf8)
      }.model)
  }
}
