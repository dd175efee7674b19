import Foundation
import TestSupport
import Testing

/// The network of the checkpoints in Tests/Data/checkpoints.
private let network = """
  model net(batch = 1) {
    x = input[batch, 3, 4, 4] |> conv: conv(4, 1) |> bn: bn |> relu
    return x |> globalavgpool |> flatten |> fc: linear(2)
  }

  """

@Suite struct `Weights from PyTorch` {
  private let folder: TemporaryFolder
  private let spec: String

  init() throws {
    folder = try TemporaryFolder()
    spec = try folder.file("net.spec", network)
  }

  private func run(_ weights: String?, _ arguments: String..., spec: String? = nil) throws
    -> Outcome
  {
    let weights = weights.map { ["--weights", project("Tests/Data/checkpoints/" + $0)] } ?? []
    return try RunningProgram(
      resnetcPath,
      ["run", spec ?? self.spec, "--input", "seeded", "--interpret", "--json"] + weights + arguments
    ).wait()
  }

  private func outputs(_ outcome: Outcome) throws -> [[Double]] {
    try #require(try outcome.json()["outputs"] as? [[Double]], "\(outcome.errors)")
  }

  @Test func `are the same in every wrapper`() throws {
    let plain = try outputs(try run("plain.pth"))
    for name in ["training.pth", "model.pth", "protocol4.pth", "rezipped.pth"] {
      let outcome = try run(name)
      #expect(try outputs(outcome) == plain)
      #expect(outcome.errors == "")
    }
    for (name, prefix) in [("module-prefix.pth", "module."), ("model-prefix.pth", "model.")] {
      let outcome = try run(name)
      #expect(try outputs(outcome) == plain)
      #expect(outcome.errors.contains("note: the names in "))
      #expect(outcome.errors.contains("begin with \"\(prefix)\", which is passed over"))
    }
  }

  @Test func `are chosen with a key where there are several`() throws {
    let plain = try outputs(try run("plain.pth"))
    let refused = try run("state-dict-ema.pth")
    #expect(refused.code == 1)
    #expect(refused.errors.contains("choose one with --weights-key:\n  state_dict (8 tensors)\n"))
    #expect(try outputs(try run("state-dict-ema.pth", "--weights-key", "state_dict")) == plain)
    #expect(try outputs(try run("state-dict-ema.pth", "--weights-key", "state_dict_ema")) != plain)
    #expect(try run("plain.pth", "--weights-key", "model").code == 1)
  }

  @Test func `fit another network's names after renaming, as the error says`() throws {
    let other = try folder.file(
      "other.spec", network.replacingOccurrences(of: "conv: conv", with: "stem.conv: conv"))
    let refused = try run("plain.pth", spec: other)
    #expect(refused.code == 1)
    #expect(
      refused.errors.contains(
        #""stem.conv.weight" [4, 3, 1, 1] of block stem is missing in the file; did you mean "#
          + #""conv.weight"?"#), "\(refused.errors)")
    #expect(refused.errors.contains("--rename '^=stem.'"), "\(refused.errors)")
    let renamed = try run("plain.pth", "--rename", #"^conv\.=stem.conv."#, spec: other)
    #expect(try outputs(renamed) == outputs(try run("plain.pth")))
  }

  @Test func `are taken from beside the spec`() throws {
    let plain = try outputs(try run("plain.pth"))
    let data = try Data(
      contentsOf: URL(fileURLWithPath: project("Tests/Data/checkpoints/plain.pth")))
    _ = try folder.file("net.pth", [UInt8](data))
    #expect(try outputs(try run(nil)) == plain)
  }

  @Test(arguments: [
    ("refused-hostile.pth", "posix.system"), ("refused-module.pth", "__main__.Network"),
    ("refused-legacy.pth", "save it again"), ("refused-big-endian.pth", "big-endian"),
    ("refused-compressed.pth", "compressed"), ("refused-torchscript.pth", "TorchScript"),
    ("refused-empty.pth", "no dictionary of tensors"), ("make.py", "make.py: "),
  ])
  func `are refused with one error`(name: String, words: String) throws {
    let outcome = try run(name)
    #expect(outcome.code == 1)
    #expect(outcome.output == "")
    #expect(outcome.errors.contains(words), "\(outcome.errors)")
    #expect(outcome.errors.split(separator: "\n").count == 1)
  }

  @Test func `need a file for the options that change them`() throws {
    for arguments in [["--rename", "a=b"], ["--weights-key", "model"]] {
      let common = ["run", spec, "--input", "seeded", "--interpret"]
      for weights in [[], ["--weights", "seeded"]] {
        let outcome = try RunningProgram(resnetcPath, common + weights + arguments).wait()
        #expect(outcome.code == 64)
        #expect(outcome.errors.contains("--weights"), "\(outcome.errors)")
      }
    }
    let outcome = try run("plain.pth", "--rename", "(=x")
    #expect(outcome.code == 64)
    #expect(outcome.errors.contains("is no regular expression"), "\(outcome.errors)")
  }
}
