import Testing

@testable import MachineModel

@Suite("Instruction sets")
struct InstructionSetTests {
  @Test(
    "have the widths and register files of their architectures",
    arguments: [
      ("portable", 4, 16), ("avx2", 8, 16), ("avx512", 16, 32), ("neon", 4, 32),
    ])
  func widths(name: String, lanes: Int, registers: Int) throws {
    let instructionSet = try #require(InstructionSet.named(name))
    #expect(instructionSet.lanes == lanes)
    #expect(instructionSet.vectorRegisters == registers)
  }

  @Test("stand best first, and portable C runs everywhere")
  func order() {
    #expect(InstructionSet.all(for: .x86).map(\.name) == ["avx512", "avx2", "portable"])
    #expect(InstructionSet.all(for: .arm64).map(\.name) == ["neon", "portable"])
    #expect(InstructionSet.portable.isSupportedHere)
    #expect(InstructionSet.host.isSupportedHere)
  }

  @Test("use intrinsics on x86 and functions of the prologue elsewhere")
  func operations() {
    #expect(InstructionSet.avx2.fma == "_mm256_fmadd_ps")
    #expect(InstructionSet.avx512.vectorType == "__m512")
    #expect(InstructionSet.portable.fma == "vec4_fma")
  }
}
