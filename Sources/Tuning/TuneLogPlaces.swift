import Foundation
import MachineModel

/// Where tuning logs are when nobody names one.
public enum TuneLogPlaces {
  /// This user's own log: `resnetc/tune.json` in `$XDG_CACHE_HOME` or `~/.cache`.
  public static func userPath(
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) -> String? {
    // The specification of the folders has relative paths ignored.
    if let cache = environment["XDG_CACHE_HOME"], cache.hasPrefix("/") {
      return cache + "/resnetc/tune.json"
    }
    return environment["HOME"].map { $0 + "/.cache/resnetc/tune.json" }
  }

  /// The logs that come with the compiler, by a name for people.
  ///
  /// - Throws: `TuneLogError`.
  static func shipped() throws -> [(name: String, log: TuneLog)] {
    try [("amd-zen5", PackageResources.amd_zen5_json)].map { name, bytes in
      (name, try TuneLog(data: Data(bytes), path: "the log \(name) of this compiler"))
    }
  }
}

/// The logs that a compilation may follow, first those that count before others.
public struct TuneLogs: Sendable {
  /// Each with its file's path, or the name of one that comes with the compiler.
  private let logs: [(name: String, log: TuneLog)]
  /// Why the user's own log, which nobody named, is left out.
  public let unusable: TuneLogError?

  /// - Parameters:
  ///   - path: the only log to look into. Without it, the user's own is asked first, and what it lacks
  ///     is taken from the logs that come with the compiler.
  ///   - userPath: the user's own log; it need not exist.
  /// - Throws: `TuneLogError` for a log that was named.
  public init(path: String?, userPath: String? = TuneLogPlaces.userPath()) throws {
    if let path {
      logs = [(path, try TuneLog(path: path))]
      unusable = nil
      return
    }
    let shipped = try TuneLogPlaces.shipped().map {
      (name: "the compiler's own log \($0.name)", log: $0.log)
    }
    do {
      let own = try userPath.map { (name: $0, log: try TuneLog(continuing: $0)) }
      logs = [own].compactMap(\.self) + shipped
      unusable = nil
    } catch let error as TuneLogError {
      logs = shipped
      unusable = error
    }
  }

  /// Whether any log has measurements for a machine and compiler, but of other kernels than these.
  public func areOutdated(for machine: Machine, compiler: MeasuredCompiler?) -> Bool {
    logs.contains { $0.log.isOutdated(for: machine, compiler: compiler) }
  }

  /// What was measured for a machine; nil if no log has a record for it and the compiler.
  ///
  /// - Parameter compiler: the C compiler that will be used; nil if none will, and any may have been.
  public func record(for machine: Machine, compiler: MeasuredCompiler?) -> FoundRecord? {
    var found: FoundRecord?
    for (name, log) in logs {
      guard let index = log.index(of: machine, compiler: compiler) else { continue }
      let record = log.records[index]
      found =
        found.map {
          FoundRecord(
            record: $0.record.completed(by: record), sources: $0.sources + [name])
        } ?? FoundRecord(record: record, sources: [name])
    }
    return found
  }
}

/// The record that a compilation uses, and where it was found.
public struct FoundRecord: Sendable {
  public var record: TuneLog.Record
  /// The files' paths, or names of logs that come with the compiler.
  public var sources: [String]
}

extension TuneLog.Record {
  /// The number of threads whose measurements stand for `wanted`: the nearest, of two the smaller.
  public func threads(nearest wanted: Int) -> Int? {
    threadCounts.min { (abs($0 - wanted), $0) < (abs($1 - wanted), $1) }
  }
}
