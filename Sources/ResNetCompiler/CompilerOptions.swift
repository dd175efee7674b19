import GraphPasses
import KernelPlanning
import MachineModel

/// What a compilation may be told besides its model.
public struct CompilerOptions: Equatable, Sendable {
  public var passes: PassOptions
  /// The machine that layouts, algorithms and tiles are chosen for.
  public var machine: Machine
  /// The variants in the library, best first; the last has to run everywhere.
  public var instructionSets: [InstructionSet]
  /// What may be traded for speed.
  public var accuracy: Accuracy
  /// The only layout allowed for images; nil to choose.
  public var layout: Layout?
  /// Bytes that the larger weights of Winograd's algorithm may add to the network's own; 0 rules the
  /// algorithm out.
  public var addedWeightLimit: Int
  /// The largest number of threads that an inference can use.
  public var maxThreads: Int
  /// Decisions about single layers that are not left to the compiler.
  public var forced: [ForcedConfiguration] = []
  /// How many threads the plan is to be fastest with.
  public var threads = 1
  /// What was measured with so many threads on the machine, by the instruction set's name.
  public var measurements: [String: LayerMeasurements] = [:]
  /// The Swift module's name; nil for the one that follows from the model's.
  public var moduleName: String?
  /// What the linker calls the OpenMP runtime of the compiler that will be used, such as `omp5`.
  public var openMPLibrary: String?
  /// The triple of the library.
  public var targetTriple: String
  public init(
    machine: Machine, instructionSets: [InstructionSet]? = nil, passes: PassOptions = PassOptions(),
    accuracy: Accuracy = .standard, layout: Layout? = nil,
    addedWeightLimit: Int = .max, maxThreads: Int = 8,
    moduleName: String? = nil,
    openMPLibrary: String? = "omp5", targetTriple: String = hostTriple
  ) {
    self.machine = machine
    self.instructionSets =
      instructionSets
      ?? machine.instructionSet.architecture.map(InstructionSet.all(for:)) ?? [.portable]
    self.passes = passes
    self.accuracy = accuracy
    self.layout = layout
    self.addedWeightLimit = addedWeightLimit
    self.maxThreads = maxThreads
    self.moduleName = moduleName
    self.openMPLibrary = openMPLibrary
    self.targetTriple = targetTriple
  }
}

extension CompilerOptions {
  /// What of the options concerns the plan.
  var planning: PlanningOptions {
    PlanningOptions(
      machine: machine, instructionSets: instructionSets, accuracy: accuracy, layout: layout,
      addedWeightLimit: addedWeightLimit, maxThreads: maxThreads, forced: forced, threads: threads,
      measurements: measurements)
  }
}

/// The triple of the machine this program was built for, as Swift names it.
public let hostTriple: String = {
  #if arch(arm64)
    "aarch64-unknown-linux-gnu"
  #else
    "x86_64-unknown-linux-gnu"
  #endif
}()
