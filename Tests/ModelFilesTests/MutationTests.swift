import Foundation
import GraphIR
import ModelFiles
import TestSupport
import Testing

/// Damaged copies of real files of every format: each is read in full or refused with words, at once.
@Suite struct `A damaged file of weights` {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Opens a file and reads all tensors that are no larger than the file's own could be.
  ///
  /// - Returns: whether the file was accepted.
  @discardableResult
  private func read(_ path: String) -> Bool {
    var isAccepted = true
    let start = processorSeconds()
    do {
      let file = try openTensors(path: path)
      for (index, tensor) in file.contents.enumerated()
      where tensor.shape.elementCount < 1_000_000 {
        _ = try? file.values(at: index)
      }
    } catch {
      isAccepted = false
      #expect("\(error)".hasPrefix(folder.path), "\(error)")
    }
    #expect(processorSeconds() - start < 1, "\(path)")
    return isAccepted
  }

  private func mutants(
    of bytes: [UInt8], count: Int, seed: UInt64, in range: Range<Int>? = nil, name: String
  ) throws {
    var random = SeededGenerator(state: seed)
    for _ in 0..<count {
      read(
        try folder.file(name, mutated(bytes, in: range ?? 0..<bytes.count, &random)))
    }
  }

  @Test(arguments: [
    "plain.pth", "protocol4.pth", "training.pth", "model-ema.pth", "parameters.pth", "views.pth",
    "shared.pth", "types.pth", "rezipped.pth", "refused-hostile.pth", "refused-module.pth",
    "refused-torchscript.pth",
  ])
  func `that torch has saved is no danger`(name: String) throws {
    let bytes = try readBytes(checkpoint(name))
    let directory = try #require(bytes.firstRange(of: [0x50, 0x4B, 1, 2])?.lowerBound)
    try mutants(of: bytes, count: 100, seed: 1, name: "x.pth")
    // A file is mostly data and padding; what is read first stands at its end and its start.
    try mutants(of: bytes, count: 150, seed: 2, in: directory..<bytes.count, name: "x.pth")
  }

  @Test(arguments: ["plain.pth", "training.pth", "views.pth", "parameters.pth", "protocol5.pth"])
  func `is no danger if its pickle is damaged`(name: String) throws {
    let bytes = try readBytes(checkpoint(name))
    let entries = try unzip(bytes)
    let whole = try #require(entries.first { $0.name.hasSuffix("/data.pkl") }).data
    // Only the pickle is changed, in an archive that is whole, so that its length can change too.
    func archive(_ pickle: [UInt8]) -> [UInt8] {
      zip(entries.map { ($0.name, $0.name.hasSuffix("/data.pkl") ? pickle : $0.data) })
    }
    var random = SeededGenerator(state: 3)
    var accepted = read(try folder.file("x.pth", archive(whole))) ? 1 : 0
    #expect(accepted == 1)
    for _ in 0..<400 {
      let pickle = mutated(whole, in: 0..<whole.count, &random)
      accepted += read(try folder.file("x.pth", archive(pickle))) ? 1 : 0
    }
    // Some changes do no harm, such as one to a name; if all were refused, little would be read.
    #expect((5...300).contains(accepted), "\(accepted)")
  }

  @Test func `of the safetensors format is no danger`() throws {
    let path =
      URL(fileURLWithPath: checkpointFolder).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().path
      + "/Specs/resnet8-cifar10.safetensors"
    let bytes = try readBytes(path)
    let header = 8 + bytes[0..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
    // Few, since each is a third of a megabyte; and many of the header with the data left out.
    try mutants(of: bytes, count: 40, seed: 4, in: 0..<header, name: "x.safetensors")
    try mutants(of: Array(bytes.prefix(header)), count: 1500, seed: 5, name: "x.safetensors")
  }

  @Test func `that is an index is no danger`() throws {
    _ = try folder.file(
      "a.safetensors",
      safetensors(
        #"{"w": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}"#, data: bytes(of: [1])))
    let index = #"{"metadata": {"total_size": 4}, "weight_map": {"w": "a.safetensors"}}"#
    read(try folder.file("x.index.json", Array(index.utf8)))
    try mutants(of: Array(index.utf8), count: 1000, seed: 6, name: "x.index.json")
  }
}
