import Foundation
import KernelPlanning
import MachineModel
import ModelFiles

/// What was measured: the seconds of layers, each in several ways, on one or more machines.
///
/// The file is JSON with sorted keys, so that equal logs have equal bytes; times are in nanoseconds.
public struct TuneLog: Equatable, Sendable {
  /// One record for each machine and C compiler.
  public var records: [Record]

  public init(records: [Record] = []) {
    self.records = records
  }

  /// What was measured on one machine with one C compiler.
  public struct Record: Equatable, Sendable, Codable {
    public var machine: MeasuredMachine
    public var compiler: MeasuredCompiler
    public var rates: MeasuredRates
    /// `kernelRevision` of the compiler that measured.
    public var kernels: Int
    /// Nanoseconds by layer, number of threads, and configuration.
    public var layers: [String: [String: [String: Int]]]
    /// The plans that were the fastest of several timed as wholes.
    public var plans: [ProvenPlan]

    public init(
      machine: MeasuredMachine, compiler: MeasuredCompiler, rates: MeasuredRates,
      layers: [String: [String: [String: Int]]] = [:], plans: [ProvenPlan] = [],
      kernels: Int = kernelRevision
    ) {
      self.machine = machine
      self.compiler = compiler
      self.rates = rates
      self.kernels = kernels
      self.layers = layers
      self.plans = plans
    }

    /// Logs of earlier compilers have no plans, and do not say with which kernels they were measured.
    public init(from decoder: Decoder) throws {
      let values = try decoder.container(keyedBy: CodingKeys.self)
      machine = try values.decode(MeasuredMachine.self, forKey: .machine)
      compiler = try values.decode(MeasuredCompiler.self, forKey: .compiler)
      rates = try values.decode(MeasuredRates.self, forKey: .rates)
      kernels = try values.decodeIfPresent(Int.self, forKey: .kernels) ?? 0
      layers = try values.decode([String: [String: [String: Int]]].self, forKey: .layers)
      plans = try values.decodeIfPresent([ProvenPlan].self, forKey: .plans) ?? []
    }
  }

  static let format = "resnetc tuning log"
  static let version = 1
}

// MARK: Measurements

extension TuneLog.Record {
  /// The numbers of threads that anything was measured with, ascending.
  public var threadCounts: [Int] {
    Set(layers.values.flatMap(\.keys).compactMap { Int($0) }).sorted()
  }

  /// The seconds of every layer with so many threads, and the plans that proved the fastest.
  public func measurements(threads: Int) -> LayerMeasurements {
    LayerMeasurements(
      plans: plans.filter { $0.threads == threads },
      layers: layers.compactMapValues { byThreads in
        let entries = (byThreads["\(threads)"] ?? [:]).sorted { $0.key < $1.key }
          .compactMap { text, nanoseconds in
            LayerConfiguration(text).map {
              LayerMeasurements.Entry(
                configuration: $0, seconds: Double(nanoseconds) / 1e9)
            }
          }
        return entries.isEmpty ? nil : entries
      })
  }

  /// The seconds of one way to compute a layer, if it was measured.
  public func seconds(_ layer: String, _ configuration: LayerConfiguration, threads: Int) -> Double?
  {
    layers[layer]?["\(threads)"]?[configuration.description].map { Double($0) / 1e9 }
  }

  /// Notes a measurement; of several the least counts, since what disturbs can only slow down.
  ///
  /// - Parameter replacing: whether it counts whatever was measured before.
  public mutating func note(
    _ layer: String, _ configuration: LayerConfiguration, threads: Int, seconds: Double,
    replacing: Bool = false
  ) {
    let nanoseconds = max(Int((seconds * 1e9).rounded()), 1)
    let known =
      replacing
      ? Int.max : layers[layer]?["\(threads)"]?[configuration.description] ?? Int.max
    layers[layer, default: [:]]["\(threads)", default: [:]][configuration.description] = min(
      known, nanoseconds)
  }

  /// Notes that a plan proved the fastest; for its layers it counts instead of an earlier one of the
  /// same network, accuracy and number of threads.
  public mutating func note(_ plan: ProvenPlan) {
    if let index = plans.firstIndex(where: plan.isAlike) {
      plans[index].layers.merge(plan.layers) { $1 }
    } else {
      plans.append(plan)
      plans.sort {
        ($0.network, $0.accuracy, $0.threads) < ($1.network, $1.accuracy, $1.threads)
      }
    }
  }

  /// This record with what another has besides. Where both have measured a layer with as many
  /// threads, this one counts.
  func completed(by other: Self) -> Self {
    var result = self
    for (layer, byThreads) in other.layers {
      result.layers[layer, default: [:]].merge(byThreads) { own, _ in own }
    }
    result.plans = other.plans
    for plan in plans { result.note(plan) }
    return result
  }
}

extension TuneLog {
  /// The index of the record for a machine, these kernels and, if one is given, a compiler; the first
  /// that fits.
  public func index(of machine: Machine, compiler: MeasuredCompiler?) -> Int? {
    index(of: machine, compiler: compiler) { $0 == kernelRevision }
  }

  /// Whether the log has a record for a machine and compiler, but of other kernels than these.
  public func isOutdated(for machine: Machine, compiler: MeasuredCompiler?) -> Bool {
    index(of: machine, compiler: compiler) == nil
      && index(of: machine, compiler: compiler) { $0 != kernelRevision } != nil
  }

  private func index(
    of machine: Machine, compiler: MeasuredCompiler?, kernels: (Int) -> Bool
  ) -> Int? {
    records.firstIndex {
      $0.machine.fits(MeasuredMachine(machine)) && (compiler.map($0.compiler.fits) ?? true)
        && kernels($0.kernels)
    }
  }
}

// MARK: Files

/// Why a tuning log cannot be used.
public enum TuneLogError: Error, Equatable, CustomStringConvertible {
  /// There is no such file, or it cannot be read.
  case unreadable(path: String, reason: String)
  /// The file is not a tuning log, or it was damaged.
  case notALog(path: String, reason: String)
  /// A later compiler wrote the log.
  case unknownVersion(path: String, version: Int)
  /// What is measured could not be written down.
  case unwritable(WriteError)

  /// What is wrong, without what to do about it.
  public var problem: String {
    switch self {
    case .unreadable(let path, let reason): "\(path): \(reason)"
    case .notALog(let path, let reason): "\(path): this is not a tuning log (\(reason))"
    case .unknownVersion(let path, let version):
      "\(path): this tuning log has version \(version), and this compiler reads version "
        + "\(TuneLog.version)"
    case .unwritable(let error): "\(error)"
    }
  }

  public var description: String {
    switch self {
    case .unreadable: problem
    case .notALog:
      problem + "; name another with --tune-log, or remove it and run 'resnetc tune' again"
    case .unknownVersion:
      problem + "; name another with --tune-log, or leave it out with --no-tune-log"
    case .unwritable: problem + "; name another file with --tune-log"
    }
  }
}

extension TuneLog {
  /// The outermost object of the file.
  private struct File: Codable {
    var format: String
    var version: Int
    var records: [Record]
  }

  /// What of the file has to be understood before the rest.
  private struct Header: Decodable {
    var format: String
    var version: Int
  }

  /// That of a processor with every network in `Specs` takes 0.2 MB.
  private static let maximalFileSize = 16 << 20

  /// The log in a file.
  ///
  /// - Throws: `TuneLogError`.
  public init(path: String) throws {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw TuneLogError.unreadable(path: path, reason: "there is no such file")
    }
    guard !isFolder.boolValue, let file = FileHandle(forReadingAtPath: path),
      let data = try? file.read(upToCount: Self.maximalFileSize + 1) ?? Data()
    else {
      throw TuneLogError.unreadable(path: path, reason: "it cannot be read, or is no file")
    }
    guard data.count <= Self.maximalFileSize else {
      throw TuneLogError.notALog(
        path: path, reason: "it has more than \(Self.maximalFileSize >> 20) MB")
    }
    try self.init(data: data, path: path)
  }

  /// The log in a file, or an empty one if there is no such file.
  ///
  /// - Throws: `TuneLogError`.
  public init(continuing path: String) throws {
    if FileManager.default.fileExists(atPath: path) {
      try self.init(path: path)
    } else {
      self.init()
    }
  }

  /// The log in the bytes of a file.
  ///
  /// - Throws: `TuneLogError`.
  public init(data: Data, path: String) throws {
    do {
      let header = try JSONDecoder().decode(Header.self, from: data)
      guard header.format == Self.format else {
        throw TuneLogError.notALog(path: path, reason: "its format is called '\(header.format)'")
      }
      guard header.version == Self.version else {
        throw TuneLogError.unknownVersion(path: path, version: header.version)
      }
      records = try JSONDecoder().decode(File.self, from: data).records
    } catch let error as DecodingError {
      throw TuneLogError.notALog(path: path, reason: error.reason)
    }
    for record in records {
      let rates = record.rates
      guard
        [rates.gigahertz, rates.memoryGBps, rates.sharedMemoryGBps].allSatisfy({
          $0 > 0 && $0 < 1e6
        })
      else { throw TuneLogError.notALog(path: path, reason: "its rates make no sense") }
      for (layer, byThreads) in record.layers {
        for (threads, entries) in byThreads {
          let lie = entries.first { LayerConfiguration($0.key) == nil || $0.value <= 0 }
          guard Int(threads).map({ $0 > 0 }) ?? false, lie == nil else {
            throw TuneLogError.notALog(
              path: path, reason: "'\(lie?.key ?? threads)' under '\(layer)' makes no sense")
          }
        }
      }
    }
  }

  /// The text of the file.
  public var text: String {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      let file = File(format: Self.format, version: Self.version, records: records)
      return String(decoding: try encoder.encode(file), as: UTF8.self) + "\n"
    }
  }

  /// Writes the file whole or not at all; its folder is made if need be.
  ///
  /// - Throws: `TuneLogError`.
  public func write(to path: String) throws {
    Self.makeFolder(of: path)
    let text = try text
    try Self.reporting { try writeAtomically(text, to: path) }
  }

  /// Finds out, before anything is measured, whether a log can be continued at a path. Its folder is
  /// made if need be.
  ///
  /// - Throws: `TuneLogError`.
  public static func checkContinuable(_ path: String) throws {
    _ = try TuneLog(continuing: path)
    makeFolder(of: path)
    try reporting { try checkWritable(path) }
  }

  /// A failure shows when the file is written.
  static func makeFolder(of path: String) {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
    try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  private static func reporting(_ body: () throws -> Void) throws {
    do { try body() } catch let error as WriteError { throw TuneLogError.unwritable(error) }
  }
}

extension DecodingError {
  fileprivate var reason: String {
    func place(_ context: Context) -> String {
      context.codingPath.isEmpty
        ? "" : " at '" + context.codingPath.map(\.stringValue).joined(separator: "/") + "'"
    }
    switch self {
    case .keyNotFound(let key, let context):
      return "there is no '\(key.stringValue)'" + place(context)
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      return "the value is of another kind" + place(context)
    case .dataCorrupted(let context):
      return context.codingPath.isEmpty ? "it is not JSON" : "damaged" + place(context)
    @unknown default:
      return "it cannot be decoded"
    }
  }
}
