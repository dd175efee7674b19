import GraphIR
import ResNetCompiler

/// Generated code beside another runtime: a row an output, then the times of both.
struct PeerReport {
  var network: CompiledNetwork
  var isa: String
  var threads: Int
  var peerVersion: String
  var python: String
  var times: PeerTimes
  /// Of the outputs, relative to the largest magnitude.
  var tolerance: Double
  /// Of generated code, of the other runtime, and of the interpreter.
  var outputs: [Tensor]
  var peerOutputs: [Tensor]
  var expected: [Tensor]

  private typealias Deviation = LayerErrors.Deviation

  private var peerName: String { "ONNX Runtime" }

  /// An output's name, shape, and how far generated code is from the other runtime, and both from
  /// the interpreter.
  private var rows: [(name: String, shape: Shape, apart: Deviation, own: Double, peer: Double)] {
    network.runtime.outputs.enumerated().map { index, output in
      (
        output.name, output.shape,
        Deviation(outputs[index].elements, from: peerOutputs[index].elements),
        Deviation(outputs[index].elements, from: expected[index].elements).relative,
        Deviation(peerOutputs[index].elements, from: expected[index].elements).relative
      )
    }
  }

  /// Whether every output is near enough to the other runtime's.
  var passes: Bool { rows.allSatisfy { $0.apart.relative <= tolerance } }

  private var batch: Int { network.runtime.inputShape.batch }

  var text: String {
    let rows = rows
    var errors = TextTable([
      ("output", .left), ("shape", .left), ("apart", .right), ("resnetc", .right),
      (peerName, .right),
    ])
    for row in rows {
      errors.append([
        row.name, Show.shape(row.shape.dimensions),
        Show.scientific(row.apart.relative) + (row.apart.relative <= tolerance ? "" : "!"),
        Show.scientific(row.own), Show.scientific(row.peer),
      ])
    }
    var table = TextTable([
      ("", .left), ("min ms", .right), ("median ms", .right), ("images/s", .right),
    ])
    for (name, times) in [("resnetc", times.own), (peerName + " " + peerVersion, times.peer)] {
      table.append([
        name, Show.milliseconds(times.minimum), Show.milliseconds(times.median),
        Show.fixed(Double(batch) / times.median, 1),
      ])
    }
    table.append(["ratio", Show.fixed(ratio(\.minimum), 2), Show.fixed(ratio(\.median), 2)])
    let worst = rows.map(\.apart.relative).max() ?? 0
    return """
      \(errors.text())
      \(table.text())
      \(network.plan.modelName): batch \(batch), \(threads) thread(s) bound to processors, \(isa); \
      \(times.own.count) runs each, in turns
      errors beside the interpreter; \(passes ? "within" : "PAST") tolerance: \
      apart \(Show.scientific(worst)) of \(Show.scientific(tolerance))

      """
  }

  /// How many times longer the other runtime takes.
  private func ratio(_ time: (RunTimes) -> Double) -> Double { time(times.peer) / time(times.own) }

  var json: JSON {
    func object(_ times: RunTimes) -> JSON {
      .object([
        ("min_ms", .double(times.minimum * 1e3)), ("median_ms", .double(times.median * 1e3)),
      ])
    }
    let outputs = rows.map { row -> JSON in
      .object([
        ("name", .string(row.name)), ("max_absolute_difference", .double(row.apart.absolute)),
        ("max_relative_difference", .double(row.apart.relative)),
        ("resnetc_relative_error", .double(row.own)), ("peer_relative_error", .double(row.peer)),
      ])
    }
    return .object([
      ("model", .string(network.plan.modelName)), ("batch", .integer(batch)),
      ("threads", .integer(threads)), ("isa", .string(isa)), ("peer", .string(peerName)),
      ("peer_version", .string(peerVersion)), ("python", .string(python)),
      ("tolerance", .double(tolerance)), ("passes", .bool(passes)), ("outputs", .array(outputs)),
      ("runs", .integer(times.own.count)), ("resnetc", object(times.own)),
      ("onnxruntime", object(times.peer)), ("ratio_of_minima", .double(ratio(\.minimum))),
      ("ratio_of_medians", .double(ratio(\.median))),
    ])
  }
}
