import Foundation
import ModelFiles
import TestSupport
import Testing

/// Outputs that have no row for each row of the input.
@Suite struct `An output with another batch than the input` {
  private let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  /// One operation on `x` that changes the batch, with what it makes of the seeded input.
  struct Case: CustomTestStringConvertible {
    var operation: String
    var input: [Int]
    var shape: [Int]
    var axes: [Int] = []
    var attributes: [[UInt8]] = []
    var expected: [Float]

    var testDescription: String { operation }
  }

  private static let cases: [Case] = [
    Case(
      operation: "ReduceSum", input: [2, 4, 9, 9], shape: [4, 9], axes: [0, 3],
      attributes: [OnnxBytes.integer("keepdims", 0)], expected: sums()),
    Case(
      operation: "Pad", input: [3, 2, 4, 5], shape: [2, 2, 4, 5], axes: [-1, 0, 0, 0, 0, 0, 0, 0],
      expected: Array(seededInput([3, 2, 4, 5]).dropFirst(40))),
    Case(
      operation: "ReduceMax", input: [9], shape: [], attributes: [OnnxBytes.integer("keepdims", 0)],
      expected: [seededInput([9]).max() ?? 0]),
  ]

  /// Of `[2, 4, 9, 9]` over the first dimension and the last.
  private static func sums() -> [Float] {
    var sums = [Float](repeating: 0, count: 36)
    for (index, value) in seededInput([2, 4, 9, 9]).enumerated() { sums[index / 9 % 36] += value }
    return sums
  }

  @Test(arguments: cases)
  func `is reported whole`(_ example: Case) throws {
    var model = OnnxBytes(input: example.input)
    if !example.axes.isEmpty { model.integers("axes", example.axes) }
    model.node(
      example.operation, example.axes.isEmpty ? ["x"] : ["x", "axes"], ["y"],
      attributes: example.attributes)
    let file = try folder.file("net.onnx", model.bytes)
    let expected = example.expected.map(Double.init)
    for options in [["--json"], ["--json", "--interpret"]] {
      let outcome = try RunningProgram(
        resnetcPath, ["run", file, "--input", "seeded"] + options
      ).wait()
      #expect(outcome.code == 0, "\(outcome.errors)")
      let json = try outcome.json()
      #expect(json["output_shapes"] as? [String: [Int]] == ["y": example.shape])
      #expect(json["whole_outputs"] as? [String] == ["y"])
      let found = try #require(json["outputs"] as? [[Double]])
      #expect(found.map(\.count) == [expected.count])
      #expect(zip(found.joined(), expected).allSatisfy { abs($0 - $1) < 1e-4 })
    }
    let table = try resnetc("run", file, "--input", "seeded")
    #expect(table.code == 0, "\(table.errors)")
    let lines = table.output.split(separator: "\n").map { $0.split(separator: " ") }
    #expect(lines.count == 2)
    #expect(
      lines.last?.dropLast(3).map(String.init) == [
        "seeded[0]", "…", "seeded[\(example.input[0] - 1)]", "y",
        example.shape.isEmpty ? "scalar" : example.shape.map(String.init).joined(separator: "×"),
      ])
  }

  @Test func `is reported once for each batch, beside the rows of another`() throws {
    let spec = """
      model rows() {
        x = input[2, 3, 6, 5] |> relu
        return (x, x |> reshape((6, 30)))
      }
      """
    let rows = folder.path + "/rows.npy"
    let values = seededInput([3, 3, 6, 5])
    try NumpyArray(shape: [3, 3, 6, 5], values: values).write(to: rows)
    let arguments = ["run", "-", "--weights", "seeded", "--input", rows]
    let json = try RunningProgram(resnetcPath, arguments + ["--json"], input: spec).wait().json()
    #expect(json["whole_outputs"] as? [String] == ["reshape"])
    #expect(json["output_shapes"] as? [String: [Int]] == ["x": [3, 6, 5], "reshape": [6, 30]])
    let outputs = try #require(json["named_outputs"] as? [String: [[Double]]])
    let (x, reshaped) = (try #require(outputs["x"]), try #require(outputs["reshape"]))
    #expect(x.flatMap(\.self).map(Float.init) == values.map { max($0, 0) })
    // The second batch is filled with its last row.
    #expect(reshaped == [x[0] + x[1], x[2] + x[2]])

    let table = try RunningProgram(resnetcPath, arguments, input: spec).wait().output
    let lines = table.split(separator: "\n").dropFirst().map { $0.split(separator: " ") }
    #expect(
      lines.map { $0.dropLast(3).map(String.init) } == [
        ["\(rows)[0]", "x", "3×6×5"], ["\(rows)[1]", "x", "3×6×5"], ["\(rows)[2]", "x", "3×6×5"],
        ["\(rows)[0]", "…", "\(rows)[1]", "reshape", "6×30"],
        ["\(rows)[2]", "reshape", "6×30"],
      ])
  }
}
