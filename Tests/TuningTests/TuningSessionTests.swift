import KernelPlanning
import Testing

@testable import Tuning

@Suite("A tuning session")
struct TuningSessionTests {
  private static func option(_ text: String, _ predicted: Double) throws -> TunableLayer.Option {
    let configuration = try #require(LayerConfiguration(text))
    let method = configuration.candidate.split(separator: " ")[1]
    return TunableLayer.Option(
      configuration: configuration, method: String(method), predicted: predicted)
  }

  private let layers: [TunableLayer]
  init() throws {
    layers = [
      TunableLayer(
        key: "conv", nodes: ["a", "b"],
        options: [
          try Self.option("nhwc direct 1x1x16", 1.00), try Self.option("nhwc direct 2x1x16", 1.01),
          try Self.option("nhwc winograd4 1x1x16 blocks=2", 1.2),
          try Self.option("nhwc direct 3x1x16", 5),
        ]),
      TunableLayer(
        key: "other", nodes: ["c"], options: [try Self.option("nhwc direct 1x1x32", 1)]),
    ]
  }

  /// What the next variant does with nodes a, b and c.
  private func next(_ session: inout TuningSession, _ record: TuneLog.Record) -> [String]? {
    session.nextVariant(record)?.map(\.description)
  }

  private func note(
    _ record: inout TuneLog.Record, _ layer: String, _ text: String, _ seconds: Double
  ) throws {
    record.note(
      layer, try #require(LayerConfiguration(text)), threads: 1, seconds: seconds)
  }

  @Test("measures the most promising first, each method that has a chance, and then stops")
  func order() throws {
    var session = TuningSession(layers: layers, threads: 1)
    var record = testRecord()
    // The last candidate promises too little from the start: five times the best prediction.
    #expect(session.remaining(record) == 5)
    #expect(
      next(&session, record) == ["a=direct:1x1x16", "b=direct:1x1x16", "c=direct:1x1x32"])
    try note(&record, "conv", "nhwc direct 1x1x16", 2)
    try note(&record, "other", "nhwc direct 1x1x32", 2)
    // Everything takes twice as long as predicted; a method not tried yet may be an exception.
    #expect(session.remaining(record) == 2)
    #expect(
      next(&session, record) == [
        "a=winograd4:1x1x16:2", "b=winograd4:1x1x16:2", "c=direct:1x1x32",
      ])
    try note(&record, "conv", "nhwc winograd4 1x1x16 blocks=2", 4)
    #expect(next(&session, record)?.first == "a=direct:2x1x16")
    try note(&record, "conv", "nhwc direct 2x1x16", 1.9)
    #expect(next(&session, record) == nil)
    #expect(session.remaining(record) == 0)
  }

  @Test("goes on where another stopped")
  func resumes() throws {
    var record = testRecord()
    try note(&record, "conv", "nhwc direct 1x1x16", 2)
    try note(&record, "other", "nhwc direct 1x1x32", 2)
    var session = TuningSession(layers: layers, threads: 1)
    #expect(next(&session, record)?.first == "a=winograd4:1x1x16:2")
    // With another number of threads it is all new.
    var parallel = TuningSession(layers: layers, threads: 2)
    #expect(next(&parallel, record)?.first == "a=direct:1x1x16")
  }

  @Test("asks for nothing twice, even if the plan came out differently")
  func terminates() {
    var session = TuningSession(layers: layers, threads: 1)
    let record = testRecord()
    var count = 0
    while session.nextVariant(record) != nil { count += 1 }
    #expect(count == 4)
  }
}
