import Foundation
import KernelPlanning
import Testing

@testable import Tuning

@Suite("A shared tuning log")
final class SharedTuneLogTests {
  private let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("tune-\(UUID().uuidString)").path
  private var path: String { folder + "/log.json" }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  private func open() throws -> SharedTuneLog {
    let record = testRecord()
    return try SharedTuneLog(
      path: path, machine: record.machine, compiler: record.compiler, rates: record.rates)
  }

  private static func measurement(
    _ layer: String, seconds: Double, isFinal: Bool = false
  ) throws -> SharedTuneLog.Measurement {
    SharedTuneLog.Measurement(
      layer: layer, configuration: try #require(LayerConfiguration("nhwc direct 1x1x16")),
      threads: 1, seconds: seconds, isFinal: isFinal)
  }

  /// Nanoseconds by layer in the file, which has only one record.
  private func saved() throws -> [String: Int] {
    let log = try TuneLog(path: path)
    #expect(log.records.count == 1)
    return try #require(log.records.first).layers.compactMapValues {
      $0["1"]?["nhwc direct 1x1x16"]
    }
  }

  @Test("keeps what another wrote since it was read, and then knows it")
  func merges() throws {
    var (one, other) = (try open(), try open())
    try one.note(Self.measurement("a", seconds: 5e-9))
    try other.note(Self.measurement("b", seconds: 6e-9))
    #expect(one.record.layers["a"] != nil)
    try one.save()
    try other.save()
    #expect(try saved() == ["a": 5, "b": 6])
    #expect(one.record.layers["b"] == nil)
    try one.save()
    #expect(one.record.layers.keys.sorted() == ["a", "b"])
    #expect(try open().record == one.record)
  }

  @Test("takes the least of two measurements, unless one is final; saves each once")
  func replaces() throws {
    var (one, other) = (try open(), try open())
    try one.note(Self.measurement("a", seconds: 5e-9))
    try one.save()
    try other.note(Self.measurement("a", seconds: 6e-9))
    try other.save()
    #expect(try saved() == ["a": 5])
    try other.note(Self.measurement("a", seconds: 7e-9, isFinal: true))
    try other.save()
    try one.save()
    #expect(try saved() == ["a": 7])
  }

  @Test("takes the place of what earlier kernels took, and lets that of later ones be")
  func kernels() throws {
    let others = [kernelRevision - 1, kernelRevision + 1].map { revision in
      var record = testRecord(["a": ["1": ["nhwc direct 1x1x16": 1]]])
      record.kernels = revision
      return record
    }
    try TuneLog(records: others).write(to: path)
    var log = try open()
    #expect(log.record.layers.isEmpty)
    try log.note(Self.measurement("a", seconds: 5e-9))
    try log.save()
    #expect(try TuneLog(path: path).records == [others[1], log.record])
  }

  @Test("has the greatest rates that anyone measured")
  func rates() throws {
    var (one, other) = (try open(), testRecord())
    try one.save()
    other.rates.gigahertz += 1
    other.rates.memoryGBps -= 1
    var faster = try SharedTuneLog(
      path: path, machine: other.machine, compiler: other.compiler, rates: other.rates)
    try faster.save()
    try one.save()
    let rates = try TuneLog(path: path).records[0].rates
    #expect(rates == testRecord().rates.maximum(other.rates) && rates.gigahertz == 5)
  }

  @Test("loses nothing when many write at once")
  func lock() async throws {
    try await withThrowingTaskGroup { group in
      for writer in 0..<8 {
        var log = try open()
        group.addTask {
          for round in 0..<10 {
            try log.note(Self.measurement("\(writer) \(round)", seconds: 1e-9))
            try log.save()
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(try saved().count == 80)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["log.json"])
  }
}
