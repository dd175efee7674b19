/// A processor as the planner sees it: instruction set, cores, caches, and the nominal rates that
/// the cost model divides by.
///
/// The rates are nominal on purpose. A plan must not change from one run to the next, so nothing
/// here is measured; see `measureFMAPeak` for what this machine really reaches.
public struct Machine: Hashable, Sendable {
  /// One level of data cache.
  public struct Cache: Hashable, Sendable {
    /// 1 for the cache nearest to the core.
    public var level: Int
    /// Bytes of one instance.
    public var bytes: Int
    /// Cores that share one instance.
    public var sharedBy: Int

    public init(level: Int, bytes: Int, sharedBy: Int = 1) {
      self.level = level
      self.bytes = bytes
      self.sharedBy = sharedBy
    }
  }

  /// The vendor's name of the processor, or that of a generic description.
  public var name: String
  public var instructionSet: InstructionSet
  /// Processors that threads can run on at once.
  public var cores: Int
  /// Data and unified caches, nearest first.
  public var caches: [Cache]
  /// Clock, in GHz, that `peakGFLOPS` assumes.
  public var nominalGigahertz: Double
  /// Bytes a second that one core reads from memory.
  public var memoryBandwidth: Double

  public init(
    name: String, instructionSet: InstructionSet, cores: Int, caches: [Cache],
    nominalGigahertz: Double = Machine.nominalGigahertz, memoryBandwidth: Double? = nil
  ) {
    self.name = name
    self.instructionSet = instructionSet
    self.cores = cores
    self.caches = caches.sorted { $0.level < $1.level }
    self.nominalGigahertz = nominalGigahertz
    self.memoryBandwidth = memoryBandwidth ?? Machine.nominalMemoryBandwidth(instructionSet)
  }

  /// float32 operations per second of one core, in 10⁹, with a multiply-add counted as two.
  public var peakGFLOPS: Double {
    2 * Double(instructionSet.lanes * instructionSet.fmaPerCycle) * nominalGigahertz
  }

  /// Bytes of level-1 data cache of a core.
  public var l1DataBytes: Int { bytes(ofLevel: 1) ?? 32 << 10 }
  /// Bytes of level-2 cache that a core can count on; level 1's if there is no level 2.
  public var l2Bytes: Int { bytes(ofLevel: 2) ?? l1DataBytes }
  /// Bytes of one level-3 cache, shared among its cores; level 2's if there is no level 3.
  public var l3Bytes: Int {
    caches.first { $0.level == 3 }?.bytes ?? l2Bytes
  }

  private func bytes(ofLevel level: Int) -> Int? {
    caches.first { $0.level == level }.map { $0.bytes / max($0.sharedBy, 1) }
  }

  /// What current server cores sustain with all of them busy in vector code.
  public static let nominalGigahertz = 3.0
  /// What one core of current servers draws from memory: 16 GB/s, and 30 GB/s where vectors are 64
  /// bytes wide, since those cores came with the memory to feed them.
  public static func nominalMemoryBandwidth(_ instructionSet: InstructionSet) -> Double {
    instructionSet.lanes >= 16 ? 30e9 : 16e9
  }
}

extension Machine {
  /// A generic description, the same on every machine: what tests and checked-in modules are
  /// compiled for.
  ///
  /// - Parameter name: the name of an instruction set, such as `avx2`.
  /// - Throws: `MachineError.unknownInstructionSet`.
  public static func named(_ name: String) throws -> Machine {
    guard let instructionSet = InstructionSet.named(name) else {
      throw MachineError.unknownInstructionSet(name)
    }
    return generic(instructionSet)
  }

  /// The generic description of processors with an instruction set: eight cores with the caches
  /// that most of its processors have at least.
  public static func generic(_ instructionSet: InstructionSet) -> Machine {
    let l2 = instructionSet == .avx512 ? 1 << 20 : 512 << 10
    return Machine(
      name: "generic \(instructionSet)", instructionSet: instructionSet, cores: 8,
      caches: [
        Cache(level: 1, bytes: 32 << 10), Cache(level: 2, bytes: l2),
        Cache(level: 3, bytes: 32 << 20, sharedBy: 8),
      ])
  }
}

/// Why a machine cannot be described or measured.
public enum MachineError: Error, Equatable, CustomStringConvertible {
  /// There is no instruction set of that name.
  case unknownInstructionSet(String)
  /// This processor lacks the instructions.
  case notSupportedHere(InstructionSet)

  public var description: String {
    switch self {
    case .unknownInstructionSet(let name):
      let known = InstructionSet.all.map(\.name).joined(separator: ", ")
      return "unknown instruction set '\(name)'; choose one of \(known)"
    case .notSupportedHere(let instructionSet):
      return "this processor does not have the instruction set \(instructionSet); "
        + "choose one of "
        + InstructionSet.all.filter(\.isSupportedHere).map(\.name).joined(separator: ", ")
    }
  }
}
