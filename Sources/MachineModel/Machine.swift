/// A processor as the planner sees it: instruction set, cores, caches, and the rates that the cost
/// model divides by.
///
/// A plan must not change from one run to the next, so no rate is measured here: it is that of the
/// processor's family, or one that was measured once and kept; see `measureFMAPeak` for what this
/// machine reaches now.
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
  /// Nil for a generic description, or where the system does not say.
  public var processor: Processor?
  public var instructionSet: InstructionSet
  /// Processors that threads can run on at once.
  public var cores: Int
  /// Data and unified caches, nearest first.
  public var caches: [Cache]
  public var rates: ProcessorRates

  public init(
    name: String, processor: Processor? = nil, instructionSet: InstructionSet, cores: Int,
    caches: [Cache], rates: ProcessorRates? = nil
  ) {
    self.name = name
    self.processor = processor
    self.instructionSet = instructionSet
    self.cores = cores
    self.caches = caches.sorted { $0.level < $1.level }
    self.rates =
      rates ?? processor.flatMap(ProcessorRates.known) ?? .generic(instructionSet)
  }

  /// Cycles a second.
  public var hertz: Double { rates.gigahertz * 1e9 }

  /// Bytes a second that so many threads, each on a core of its own, together read from memory.
  public func memoryBandwidth(threads: Int = 1) -> Double {
    min(Double(threads) * rates.memoryBandwidth, rates.sharedMemoryBandwidth)
  }

  /// float32 operations per second of one core, in 10⁹, with a multiply-add counted as two.
  public var peakGFLOPS: Double {
    2 * Double(instructionSet.lanes * instructionSet.fmaPerCycle) * rates.gigahertz
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
