import Testing

@testable import MachineModel

@Suite("Measured peaks", .serialized)
struct PeakMeasurementTests {
  // A core of 0.5 to 8 GHz with 1 to 4 multiply-adds a cycle: loose enough for a busy machine, tight
  // enough to notice a loop that the compiler deleted or that is not vector code.
  @Test(
    "lie where a processor can be",
    arguments: InstructionSet.all.filter(\.isSupportedHere))
  func fma(instructionSet: InstructionSet) throws {
    let gflops = try measureFMAPeak(instructionSet, runs: 2)
    #expect(gflops > 2 * Double(instructionSet.lanes) * 0.5)
    #expect(gflops < 2 * Double(instructionSet.lanes) * 4 * 8)
  }

  @Test("do not exist for instructions that this processor lacks")
  func unsupported() {
    for instructionSet in InstructionSet.all where !instructionSet.isSupportedHere {
      #expect(throws: MachineError.notSupportedHere(instructionSet)) {
        try measureFMAPeak(instructionSet)
      }
    }
  }

  @Test("of memory lie between 0.2 and 2000 GB/s")
  func bandwidth() {
    let bytesPerSecond = measureReadBandwidth(bytes: 16 << 20, passes: 2)
    #expect(bytesPerSecond > 0.2e9)
    #expect(bytesPerSecond < 2000e9)
  }
}
