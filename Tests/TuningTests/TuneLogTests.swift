import Foundation
import KernelPlanning
import MachineModel
import Testing

@testable import Tuning

let testMachine = Machine(
  name: "Example 9000", processor: Processor(vendor: "Vendor", family: 1, model: 2),
  instructionSet: .avx2, cores: 2, caches: [.init(level: 1, bytes: 32 << 10)])
let testCompiler = MeasuredCompiler(name: "clang", version: "14.0.6")

func testRecord(
  _ layers: [String: [String: [String: Int]]] = [:], machine: Machine = testMachine,
  compiler: MeasuredCompiler = testCompiler
) -> TuneLog.Record {
  TuneLog.Record(
    machine: MeasuredMachine(machine), compiler: compiler,
    rates: MeasuredRates(gigahertz: 4, memoryGBps: 20, sharedMemoryGBps: 35), layers: layers)
}

@Suite("A tuning log")
struct TuneLogTests {
  private let record = testRecord([
    "conv": ["1": ["nhwc direct 6x1x16": 2000, "nhwc winograd4 2x1x16 blocks=8": 1000]]
  ])

  @Test("comes back from its text, and equal logs have equal texts")
  func roundTrip() throws {
    let log = TuneLog(records: [record, testRecord()])
    let text = try log.text
    let read = try TuneLog(data: Data(text.utf8), path: "log")
    #expect(read == log)
    #expect(try read.text == text)
  }

  @Test("keeps the least of several measurements, to the nanosecond")
  func least() throws {
    var record = testRecord()
    let way = try #require(LayerConfiguration("nhwc direct 6x1x16 split=2x1"))
    for seconds in [3e-6, 1.5e-6, 2e-6] { record.note("conv", way, threads: 2, seconds: seconds) }
    #expect(record.seconds("conv", way, threads: 2) == 1.5e-6)
    #expect(record.seconds("conv", way, threads: 1) == nil)
    #expect(record.threadCounts == [2])
    #expect(
      record.measurements(threads: 2).layers == [
        "conv": [.init(configuration: way, seconds: 1.5e-6)]
      ])
  }

  @Test("remembers the plan that proved the fastest, by network, accuracy and threads")
  func plans() throws {
    func plan(
      _ way: String, network: String = "net", accuracy: Accuracy = .standard, threads: Int = 1
    ) -> ProvenPlan {
      ProvenPlan(
        network: network, accuracy: accuracy, threads: threads, layers: ["conv": [way]])
    }
    var record = record
    let others = [
      plan("o", network: "other"), plan("o", accuracy: .relaxed), plan("o", threads: 2),
    ]
    for plan in others + [plan("first"), plan("second")] { record.note(plan) }
    #expect(record.plans.count == 4 && record.plans.contains(plan("second")))
    #expect(record.layers == self.record.layers)
    #expect(record.measurements(threads: 2).plans == [plan("o", threads: 2)])
    let log = TuneLog(records: [record])
    #expect(try TuneLog(data: Data(log.text.utf8), path: "log") == log)
    var own = testRecord()
    own.note(plan("own"))
    #expect(own.completed(by: record).plans.contains(plan("own")))
    #expect(own.completed(by: record).plans.count == 4)
  }

  @Test("fits the machine that it was measured on, whatever that is called, and no other")
  func machines() {
    let log = TuneLog(records: [record])
    #expect(log.index(of: testMachine, compiler: testCompiler) == 0)
    var other = testMachine
    other.name = "Example 9001"
    #expect(log.index(of: other, compiler: testCompiler) == 0)
    let changes: [(inout Machine) -> Void] = [
      { $0.processor = Processor(vendor: "Vendor", family: 1, model: 3) },
      { $0.instructionSet = .portable }, { $0.caches = [.init(level: 1, bytes: 48 << 10)] },
    ]
    for change in changes {
      var other = testMachine
      change(&other)
      #expect(log.index(of: other, compiler: testCompiler) == nil)
    }
  }

  @Test("fits the kernels that it was measured with; one that does not name them fits none")
  func kernels() throws {
    for revision in [kernelRevision - 1, kernelRevision + 1] {
      var other = record
      other.kernels = revision
      let log = TuneLog(records: [other])
      #expect(log.index(of: testMachine, compiler: testCompiler) == nil)
      #expect(log.isOutdated(for: testMachine, compiler: testCompiler))
      let both = TuneLog(records: [other, record])
      #expect(both.index(of: testMachine, compiler: testCompiler) == 1)
      #expect(!both.isOutdated(for: testMachine, compiler: testCompiler))
    }
    let text = try TuneLog(records: [record]).text
      .replacing("\"kernels\" : \(kernelRevision),", with: "")
    #expect(try TuneLog(data: Data(text.utf8), path: "a").records[0].kernels == 0)
  }

  @Test("fits the C compiler by name and major version; where none is used, any")
  func compilers() {
    let log = TuneLog(records: [record])
    func fits(_ name: String, _ version: String) -> Bool {
      log.index(of: testMachine, compiler: MeasuredCompiler(name: name, version: version)) == 0
    }
    #expect(fits("clang", "14.0.1"))
    #expect(!fits("clang", "15.0.6"))
    #expect(!fits("gcc", "14.0.6"))
    #expect(log.index(of: testMachine, compiler: nil) == 0)
  }

  @Test(
    "names compilers as they name themselves",
    arguments: [
      ("Debian clang version 14.0.6", "14.0.6"), ("gcc (Debian 12.2.0-14) 12.2.0", "12.2.0"),
      ("Ubuntu clang version 18.1.3 (1ubuntu1)", "18.1.3"), ("a compiler", "a compiler"),
    ])
  func versions(line: String, version: String) {
    #expect(MeasuredCompiler(name: "x", versionLine: line).version == version)
  }

  @Test(
    "that is damaged or something else is refused with one line that says what to do",
    arguments: [
      ("", "it is not JSON"), ("{}", "there is no 'format'"),
      (#"{"format": "other", "version": 1}"#, "its format is called 'other'"),
      (#"{"format": "resnetc tuning log", "version": "1"}"#, "another kind at 'version'"),
      (#"{"format": "resnetc tuning log", "version": 1}"#, "there is no 'records'"),
    ])
  func damaged(text: String, reason: String) throws {
    let error = #expect(throws: TuneLogError.self) {
      try TuneLog(data: Data(text.utf8), path: "a.json")
    }
    let message = "\(try #require(error))"
    #expect(message.hasPrefix("a.json: this is not a tuning log ("))
    #expect(message.contains(reason))
    #expect(message.contains("--tune-log"))
    #expect(!message.contains("\n"))
  }

  @Test("with entries that make no sense is refused")
  func nonsense() throws {
    for layers in [
      ["conv": ["1": ["direct": 5]]], ["conv": ["0": ["nhwc direct": 5]]],
      ["conv": ["1": ["nhwc direct 6x1": 5]]], ["conv": ["1": ["nhwc direct 6x1x16": 0]]],
      ["conv": ["1": ["nhwc direct split=2x1 6x1x16": 5]]],
      ["conv": ["4": ["nhwc direct 6x1x16 split=4611686018427387904x4": 5]]],
    ] {
      let text = try TuneLog(records: [testRecord(layers)]).text
      #expect(throws: TuneLogError.self) { try TuneLog(data: Data(text.utf8), path: "a") }
    }
  }

  @Test("with rates that no machine has is refused", arguments: [0, -4.5])
  func rates(gigahertz: Double) throws {
    var record = testRecord()
    record.rates.gigahertz = gigahertz
    let text = try TuneLog(records: [record]).text
    #expect(throws: TuneLogError.self) { try TuneLog(data: Data(text.utf8), path: "a") }
  }

  @Test("of a later version is told from a damaged one")
  func version() {
    let text = #"{"format": "resnetc tuning log", "version": 2, "whatever": 1}"#
    #expect(throws: TuneLogError.unknownVersion(path: "a", version: 2)) {
      try TuneLog(data: Data(text.utf8), path: "a")
    }
  }

  @Test("that comes with the compiler can be read")
  func shipped() throws {
    for (_, log) in try TuneLogPlaces.shipped() {
      #expect(try log == TuneLog(data: Data(log.text.utf8), path: "again"))
      #expect(log.records.allSatisfy { $0.kernels == kernelRevision })
      #expect(!log.records.isEmpty && log.records.allSatisfy { !$0.layers.isEmpty })
    }
  }
}

@Suite("Where logs are looked for")
struct TuneLogPlacesTests {
  private let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("tune-\(UUID().uuidString)").path

  @Test("is the user's cache folder")
  func cache() {
    #expect(
      TuneLogPlaces.userPath(environment: ["XDG_CACHE_HOME": "/c", "HOME": "/h"])
        == "/c/resnetc/tune.json")
    #expect(
      TuneLogPlaces.userPath(environment: ["XDG_CACHE_HOME": "c", "HOME": "/h"])
        == "/h/.cache/resnetc/tune.json")
    #expect(TuneLogPlaces.userPath(environment: [:]) == nil)
  }

  @Test("is one file if it is named, which has to exist; the user's need not")
  func named() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = folder + "/deeper/log.json"
    #expect(throws: TuneLogError.self) { try TuneLogs(path: path) }
    func find(path: String?, userPath: String?) throws -> FoundRecord? {
      try TuneLogs(path: path, userPath: userPath)
        .record(for: testMachine, compiler: testCompiler)
    }
    #expect(try find(path: nil, userPath: path) == nil)
    let record = testRecord(["conv": ["1": ["nhwc direct 6x1x16": 5]]])
    try TuneLog(records: [record]).write(to: path)
    for found in [try find(path: path, userPath: nil), try find(path: nil, userPath: path)] {
      #expect(found?.record == record)
      #expect(found?.sources == [path])
    }
  }

  @Test("is not the user's own if that cannot be read, unless it is named")
  func damaged() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = folder + "/log.json"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try Data("{".utf8).write(to: URL(fileURLWithPath: path))
    let logs = try TuneLogs(path: nil, userPath: path)
    #expect(try #require(logs.unusable).problem.hasPrefix("\(path): this is not a tuning log ("))
    #expect(throws: TuneLogError.self) { try TuneLogs(path: path, userPath: nil) }
    #expect(try TuneLogs(path: nil, userPath: nil).unusable == nil)
  }

  @Test("takes each layer from the first record that has it")
  func merging() {
    let own = testRecord(["a": ["1": ["nhwc direct 1x1x16": 5]]])
    let other = testRecord([
      "a": ["1": ["nhwc direct 2x1x16": 4], "2": ["nhwc direct 2x1x16": 3]],
      "b": ["1": ["nhwc direct 3x1x16": 2]],
    ])
    #expect(
      own.completed(by: other).layers == [
        "a": ["1": ["nhwc direct 1x1x16": 5], "2": ["nhwc direct 2x1x16": 3]],
        "b": ["1": ["nhwc direct 3x1x16": 2]],
      ])
  }

  @Test("takes the nearest number of threads that was measured")
  func threads() {
    let record = testRecord(["a": ["1": ["nhwc direct": 1], "4": ["nhwc direct": 1]]])
    #expect([1, 2, 3, 4, 8].map { record.threads(nearest: $0) } == [1, 1, 4, 4, 4])
    #expect(testRecord().threads(nearest: 1) == nil)
  }
}
