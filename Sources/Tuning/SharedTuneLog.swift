import Foundation
import KernelPlanning

/// The record of one machine and C compiler in a log that several processes may add to at once.
///
/// Saving reads the file again and adds to it only what was noted here, under a lock, so that what
/// others have written meanwhile stays, and is known here afterwards.
public struct SharedTuneLog: Sendable {
  public let path: String
  /// What is known: from the file as it was last read, and by what was noted since.
  public private(set) var record: TuneLog.Record
  /// What the file does not have yet.
  private var unsaved: [Measurement] = []
  private var unsavedPlans: [ProvenPlan] = []

  /// The seconds that one way to compute a layer took.
  public struct Measurement: Sendable {
    public var layer: String
    public var configuration: LayerConfiguration
    public var threads: Int
    public var seconds: Double
    /// Whether it counts whatever was measured before; otherwise the least counts.
    public var isFinal: Bool

    public init(
      layer: String, configuration: LayerConfiguration, threads: Int, seconds: Double,
      isFinal: Bool = false
    ) {
      self.layer = layer
      self.configuration = configuration
      self.threads = threads
      self.seconds = seconds
      self.isFinal = isFinal
    }
  }

  /// Opens a log; the file need not exist.
  ///
  /// - Throws: `TuneLogError`.
  public init(
    path: String, machine: MeasuredMachine, compiler: MeasuredCompiler, rates: MeasuredRates
  ) throws {
    self.path = path
    record = TuneLog.Record(machine: machine, compiler: compiler, rates: rates)
    record = try TuneLog(continuing: path).record(continuing: record)
  }

  public mutating func note(_ measurement: Measurement) {
    record.note(measurement)
    unsaved.append(measurement)
  }

  /// Notes that a plan proved the fastest.
  public mutating func note(_ plan: ProvenPlan) {
    record.note(plan)
    unsavedPlans.append(plan)
  }

  /// Adds what was noted to the file.
  ///
  /// - Throws: `TuneLogError` if somebody made something else of the file, or it cannot be written.
  public mutating func save() throws {
    TuneLog.makeFolder(of: path)
    record = try withFolderLocked(of: path) {
      var log = try TuneLog(continuing: path)
      var merged = log.record(continuing: record)
      for measurement in unsaved { merged.note(measurement) }
      for plan in unsavedPlans { merged.note(plan) }
      log.set(merged)
      try log.write(to: path)
      return merged
    }
    (unsaved, unsavedPlans) = ([], [])
  }
}

extension TuneLog {
  /// The record that fits another's machine and compiler, with the greater of both rates; the other
  /// without its measurements if there is none.
  fileprivate func record(continuing other: Record) -> Record {
    guard let index = index(continuing: other) else {
      return Record(machine: other.machine, compiler: other.compiler, rates: other.rates)
    }
    var record = records[index]
    record.rates = record.rates.maximum(other.rates)
    return record
  }

  /// Puts a record in place of that which it continues, and drops those of earlier kernels.
  fileprivate mutating func set(_ record: Record) {
    records.removeAll { $0.isOfOneMachine(with: record) && $0.kernels < record.kernels }
    if let index = index(continuing: record) {
      records[index] = record
    } else {
      records.append(record)
    }
  }

  private func index(continuing other: Record) -> Int? {
    records.firstIndex { $0.isOfOneMachine(with: other) && $0.kernels == other.kernels }
  }
}

extension TuneLog.Record {
  fileprivate func isOfOneMachine(with other: Self) -> Bool {
    machine.fits(other.machine) && compiler.fits(other.compiler)
  }

  fileprivate mutating func note(_ measurement: SharedTuneLog.Measurement) {
    note(
      measurement.layer, measurement.configuration, threads: measurement.threads,
      seconds: measurement.seconds, replacing: measurement.isFinal)
  }
}

/// Does something while no other process, and no other call in this one, does such a thing to a file of
/// the same folder. The folder is what is locked, since a file that is replaced loses its lock. Where
/// the file system has no locks, nothing is locked.
private func withFolderLocked<Result>(of path: String, _ body: () throws -> Result) throws -> Result
{
  let folder = URL(fileURLWithPath: path).resolvingSymlinksInPath().deletingLastPathComponent()
  let descriptor = open(folder.path, O_RDONLY | O_CLOEXEC)
  defer { if descriptor >= 0 { close(descriptor) } }
  while descriptor >= 0, flock(descriptor, LOCK_EX) != 0, errno == EINTR {}
  return try body()
}
