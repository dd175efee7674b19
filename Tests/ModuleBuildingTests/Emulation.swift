import MachineModel
import let TestSupport.projectFolder
import Toolchain

/// Stands in for a processor with some instruction set: the generated C is compiled as it is, with
/// headers that express the set's intrinsics in what this processor has. See `Tests/Emulation`.
struct Emulation: Sendable, CustomStringConvertible {
  let instructionSet: InstructionSet
  /// The folder of headers.
  private let headers: String
  /// A pattern of the compiler's arguments that ask for the real instructions.
  private let dropped: String

  var description: String { "emulated \(instructionSet)" }

  /// AVX-512 by means of AVX2, where the processor has that, and NEON, on every machine; AVX2 where
  /// it is missing. What is not to be had is made of what each processor of an architecture has.
  static let all: [Emulation] = {
    let hasAVX2 = InstructionSet.avx2.isSupportedHere
    let avx2 = Emulation(instructionSet: .avx2, headers: "x86", dropped: "-m*")
    return [
      Emulation(
        instructionSet: .avx512, headers: "x86", dropped: hasAVX2 ? "-mavx512*" : "-m*"),
      Emulation(instructionSet: .neon, headers: "arm64", dropped: "-m*"),
    ] + (hasAVX2 ? [] : [avx2])
  }()

  /// What to run in place of a compiler.
  func command(_ compiler: CCompiler) -> [String] {
    let script = projectFolder.appendingPathComponent("Tests/Emulation/cc.sh").path
    return [script, headers, dropped] + compiler.command
  }

  /// Whether the headers that the emulation builds on are installed.
  static let isInstalled: Bool = {
    let include = CSource(name: "probe.c", text: "#include <simde/simde-common.h>\n")
    guard let compiler = try? hostCompiler.get(), let folder = try? TemporaryFolder() else {
      return false
    }
    return (try? compiler.compile([include], in: folder.url)) != nil
  }()
}
