import ArgumentParser
import Foundation
import GraphPasses
import KernelPlanning
import MachineModel
import ResNetCompiler

extension Layout: ExpressibleByArgument {}
extension Accuracy: ExpressibleByArgument {}

/// What decides the plan: the machine it is for and what it may use.
struct PlanOptions: ParsableArguments {
  @Option(
    help: """
      What may be traded for speed. exact: direct algorithms only, the same bits on every instruction \
      set; standard: Winograd's algorithm too; relaxed: also weights stored as float16.
      """)
  var accuracy = Accuracy.standard

  @Option(help: "The only layout for images; without it the compiler chooses the cheapest.")
  var layout: Layout?

  @Option(
    help: ArgumentHelp(
      "The processor that the plan is for: native, or a generic one with avx2, avx512, neon or "
        + "portable C.",
      valueName: "name"))
  var isa = "native"

  @Flag(help: "Do not use Winograd's algorithm.")
  var noWinograd = false

  @Option(
    help: ArgumentHelp(
      "Megabytes that the larger weights of fast algorithms may add to the network's own; without "
        + "it, as many as are worth their while.",
      valueName: "MB"))
  var maxMemory: Int?

  @Option(
    help: ArgumentHelp(
      """
      Compute layers as told: algorithm, register tile (pixels across × down × channels) and, for \
      Winograd, the number of blocks. Repeatable; the last that fits a layer counts.
      """,
      discussion: """
        The name may hold * and ?, and tile and blocks may be left out, as in
        '\(Self.forceExample)' or 'conv1=direct'. Algorithms are direct, grouped, winograd2,
        winograd4 and winograd4-lean, whose weights are as small as direct's; all but the last may
        end in -float16.
        """,
      valueName: "layer=algorithm[:tile[:blocks]]"))
  var force: [String] = []

  /// Possible in ResNet-50 on every instruction set.
  private static let forceExample = "layer3.*.conv2=winograd4:2x1x16:8"

  @OptionGroup var tuning: TuneLogOptions

  @OptionGroup var passes: PassChoice

  func validate() throws {
    if let maxMemory, !(0...1_000_000).contains(maxMemory) {
      throw ValidationError("'--max-memory \(maxMemory)' should be between 0 and 1000000")
    }
    for text in force where ForcedConfiguration(text) == nil {
      throw ValidationError(
        "'--force \(text)' should read --force layer=algorithm[:tile[:blocks]], such as "
          + Self.forceExample)
    }
    if isa != "native" { _ = try requestedInstructionSet(isa) }
  }

  /// The arguments that say the same, where it is not what is usual.
  var arguments: [String] {
    var words: [String] = []
    if accuracy != .standard { words += ["--accuracy", accuracy.rawValue] }
    if let layout { words += ["--layout", layout.rawValue] }
    if !isNative { words += ["--isa", isa] }
    if noWinograd { words.append("--no-winograd") }
    if let maxMemory { words += ["--max-memory", "\(maxMemory)"] }
    words += force.flatMap { ["--force", $0] }
    if let log = tuning.tuneLog { words += ["--tune-log", log] }
    return words + passes.arguments
  }

  /// Options for a module that is to run on every processor of this architecture.
  func compilerOptions(maxThreads: Int) throws -> CompilerOptions {
    var options = CompilerOptions(
      machine: try machine(isa), passes: passes.options,
      accuracy: accuracy, layout: layout,
      addedWeightLimit: noWinograd ? 0 : maxMemory.map { $0 * 1_000_000 } ?? .max,
      maxThreads: maxThreads)
    options.forced = force.compactMap { ForcedConfiguration($0) }
    return options
  }

  /// Options for a library that is made to run here and now: only the kernels of one instruction set
  /// are compiled, that of `--isa`, of the environment variable `RESNETC_ISA`, or the best.
  ///
  /// - Throws: `MachineError.notSupportedHere`.
  func hostOptions(threads: Int) throws -> CompilerOptions {
    var options = try compilerOptions(maxThreads: max(threads, CompilerOptions.usualThreads))
    options.threads = threads
    if isa == "native", let wanted = ProcessInfo.processInfo.environment["RESNETC_ISA"],
      !wanted.isEmpty
    {
      options.machine.instructionSet = try requestedInstructionSet(wanted)
    }
    let instructionSet = options.machine.instructionSet
    guard instructionSet.isSupportedHere else {
      throw MachineError.notSupportedHere(instructionSet)
    }
    options.instructionSets = [instructionSet]
    return options
  }

  /// Whether the plan is for the machine that it is made on.
  var isNative: Bool { isa == "native" }

  private func machine(_ name: String) throws -> Machine {
    name == "native" ? .probe() : .generic(try requestedInstructionSet(name))
  }

  private func requestedInstructionSet(_ name: String) throws -> InstructionSet {
    let known = InstructionSet.all(for: hostArchitecture)
    guard let found = known.first(where: { $0.name == name }) else {
      let names = (["native"] + known.map(\.name)).joined(separator: ", ")
      throw ValidationError("there is no instruction set '\(name)' here; choose one of \(names)")
    }
    return found
  }
}

extension CompilerOptions {
  /// The thread counts that a module is planned for when nobody says more.
  static let usualThreads = 8
}

#if arch(arm64)
  private let hostArchitecture = InstructionSet.Architecture.arm64
#else
  private let hostArchitecture = InstructionSet.Architecture.x86
#endif

/// Checks a number of threads.
func validateThreads(_ threads: Int) throws {
  guard (1...256).contains(threads) else {
    throw ValidationError("'--threads \(threads)' should be between 1 and 256")
  }
}
