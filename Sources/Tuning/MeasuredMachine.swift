import MachineModel

/// The machine that a record belongs to: whatever changes which way is the fastest.
public struct MeasuredMachine: Equatable, Sendable, Codable {
  /// The vendor's name of the processor, for people.
  public var name: String
  /// Vendor, family and model.
  public var processor: String
  public var isa: String
  /// Bytes of a core's level-1 and level-2 cache, and of one level-3 cache.
  public var caches: [Int]

  public init(_ machine: Machine) {
    name = machine.name
    processor = machine.processor?.description ?? machine.name
    isa = machine.instructionSet.name
    caches = [machine.l1DataBytes, machine.l2Bytes, machine.l3Bytes]
  }

  /// Whether measurements hold for another machine: all but the name has to be the same.
  func fits(_ other: MeasuredMachine) -> Bool {
    var renamed = other
    renamed.name = name
    return self == renamed
  }
}

/// The C compiler that compiled what was measured.
public struct MeasuredCompiler: Equatable, Sendable, Codable {
  /// `clang` or `gcc`.
  public var name: String
  /// `14.0.6`.
  public var version: String

  public init(name: String, version: String) {
    self.name = name
    self.version = version
  }

  /// - Parameter line: what the compiler prints first for `--version`.
  public init(name: String, versionLine line: String) {
    let words = line.split { " ,()".contains($0) }
    let isVersion = { (word: Substring) in
      word.first?.isNumber == true && word.contains(".")
        && word.allSatisfy { $0.isNumber || $0 == "." }
    }
    self.init(name: name, version: words.first(where: isVersion).map(String.init) ?? line)
  }

  /// Releases of one major version make the same code, as far as speed goes.
  func fits(_ other: MeasuredCompiler) -> Bool {
    name == other.name && major == other.major
  }

  private var major: Substring { version.prefix { $0 != "." } }
}

/// What a machine reached when it was measured.
public struct MeasuredRates: Equatable, Sendable, Codable {
  /// The clock that the measured multiply-add rate stands for, in GHz.
  public var gigahertz: Double
  /// GB/s that one thread read from memory, and that all cores together read.
  public var memoryGBps: Double
  public var sharedMemoryGBps: Double

  public init(gigahertz: Double, memoryGBps: Double, sharedMemoryGBps: Double) {
    self.gigahertz = gigahertz
    self.memoryGBps = memoryGBps
    self.sharedMemoryGBps = sharedMemoryGBps
  }

  /// Measures this machine, for half a second or so.
  ///
  /// - Throws: `MachineError.notSupportedHere`.
  public init(measuring machine: Machine) throws {
    var unit = machine
    unit.rates.gigahertz = 1
    func rounded(_ value: Double) -> Double { (value * 100).rounded() / 100 }
    self.init(
      gigahertz: rounded(try measureFMAPeak(machine.instructionSet) / unit.peakGFLOPS),
      memoryGBps: rounded(measureReadBandwidth() / 1e9),
      sharedMemoryGBps: rounded(measureReadBandwidth(threads: machine.cores) / 1e9))
  }

  public var processorRates: ProcessorRates {
    ProcessorRates(
      gigahertz: gigahertz, memoryBandwidth: memoryGBps * 1e9,
      sharedMemoryBandwidth: max(sharedMemoryGBps, memoryGBps) * 1e9)
  }

  /// The faster of two measurements: what disturbs one can only slow it down.
  public func maximum(_ other: MeasuredRates) -> MeasuredRates {
    MeasuredRates(
      gigahertz: max(gigahertz, other.gigahertz), memoryGBps: max(memoryGBps, other.memoryGBps),
      sharedMemoryGBps: max(sharedMemoryGBps, other.sharedMemoryGBps))
  }
}
