import Foundation
import GraphIR
import ModelFiles
import OnnxExport
import Toolchain

/// Why another runtime cannot be compared with.
enum PeerError: Error, CustomStringConvertible {
  case noPython(name: String)
  /// Python lacks a package.
  case missing(package: String, python: String)
  /// The runtime's own words.
  case refused(String)
  /// The program broke its own rules.
  case misunderstood(String)

  var description: String {
    switch self {
    case .noPython(let name):
      "there is no Python '\(name)'; install Python 3 with the packages onnxruntime and numpy, or name "
        + "one that has them with --python or RESNETC_PYTHON"
    case .missing(let package, let python):
      "\(python) has no package \(package); install what is needed with "
        + "'\(python) -m pip install onnxruntime numpy', or name another Python with --python or "
        + "RESNETC_PYTHON"
    case .refused(let reason): "ONNX Runtime cannot run the model: \(reason)"
    case .misunderstood(let answer): "the program that runs ONNX Runtime answered: \(answer)"
    }
  }
}

/// ONNX Runtime in a process of its own, with a network and one input: `onnxruntime_peer.py`.
final class OnnxRuntimePeer {
  let version: String
  private let conversation: Conversation
  private let folder: TemporaryFolder
  /// Of the outputs.
  private let shapes: [Shape]

  /// How long loading the model or a request may take.
  private static let timeout = 600.0

  private struct Answer: Decodable {
    var version: String?
    var missing: String?
    var error: String?
    var seconds: [Double]?
    var shapes: [[Int]]?
  }

  /// Exports the network and has ONNX Runtime load it.
  ///
  /// - Parameters:
  ///   - python: the path of Python.
  ///   - input: one batch, as callers pass it.
  /// - Throws: `PeerError`, `OnnxExportError`, `WriteError`, `ToolchainError`, or what the weights throw.
  init(
    python: String, graph: Graph, export: OnnxExport, weights: Weights, input: [Float],
    threads: Int
  ) throws {
    let folder = try TemporaryFolder()
    self.folder = folder
    shapes = graph.outputs.map { graph[$0].type.shape }
    func path(_ name: String) -> String { folder.url.appendingPathComponent(name).path }
    try export.write(from: weights, toFile: path("model.onnx"))
    try input.map(\.bitPattern.littleEndian).withUnsafeBytes {
      try writeAtomically($0, to: path("input.raw"))
    }
    let script = path("onnxruntime_peer.py")
    try writeAtomically(PackageResources.onnxruntime_peer_py, to: script)
    conversation = try Conversation([python, "-B", script, folder.url.path, "\(threads)"])
    let answer = try Self.decode(try conversation.nextLine(timeout: Self.timeout))
    if let package = answer.missing { throw PeerError.missing(package: package, python: python) }
    guard let version = answer.version else { throw PeerError.misunderstood("\(answer)") }
    self.version = version
  }

  /// Runs the network, and then once more so many times.
  ///
  /// - Returns: the seconds of each of the latter.
  func run(times count: Int) throws -> [Double] {
    guard let seconds = try ask("run \(count)").seconds, seconds.count == count else {
      throw PeerError.misunderstood("no times")
    }
    return seconds
  }

  /// The results of the last run.
  func outputs() throws -> [Tensor] {
    let answer = try ask("outputs")
    guard answer.shapes == shapes.map(\.dimensions) else {
      throw PeerError.misunderstood("outputs of the shapes \(answer.shapes ?? [])")
    }
    return try shapes.enumerated().map { index, shape in
      let data = try Data(contentsOf: folder.url.appendingPathComponent("\(index).raw"))
      guard data.count == 4 * shape.elementCount else {
        throw PeerError.misunderstood("\(data.count) bytes for an output of \(shape)")
      }
      return Tensor(
        shape,
        data.withUnsafeBytes { bytes in
          (0..<shape.elementCount).map { index in
            Float(
              bitPattern: UInt32(
                littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self)))
          }
        })
    }
  }

  private func ask(_ request: String) throws -> Answer {
    try Self.decode(try conversation.ask(request, timeout: Self.timeout))
  }

  private static func decode(_ line: String) throws -> Answer {
    guard let answer = try? JSONDecoder().decode(Answer.self, from: Data(line.utf8)) else {
      throw PeerError.misunderstood(line)
    }
    if let error = answer.error { throw PeerError.refused(error) }
    return answer
  }
}
