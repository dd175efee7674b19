import Foundation
import TestSupport
import Testing

/// What every error must be: the exit code, nothing on standard output, and words on standard error.
private func expectError(
  _ outcome: Outcome, code: Int32 = 1, _ words: String...,
  at location: Testing.SourceLocation = #_sourceLocation
) {
  #expect(outcome.code == code, "\(outcome.errors)", sourceLocation: location)
  #expect(outcome.output == "", sourceLocation: location)
  for word in words {
    #expect(outcome.errors.contains(word), "\(outcome.errors)", sourceLocation: location)
  }
}

/// The bytes of the trained weights with a text in the header replaced by one as long.
private func weights(replacing changes: (String, String)...) throws -> [UInt8] {
  var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: resnet8Weights)))
  for (old, new) in changes {
    #expect(old.utf8.count == new.utf8.count)
    let range = try #require(bytes.firstRange(of: Array(old.utf8)), "\(old)")
    bytes.replaceSubrange(range, with: new.utf8)
  }
  return bytes
}

@Suite struct `A spec with errors` {
  private let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private func compile(_ text: String) throws -> Outcome {
    let spec = try folder.file("net.spec", text)
    let outcome = try resnetc("compile", "net.spec", in: folder.path)
    #expect(try folder.contents() == ["net.spec"], "\(spec)")
    return outcome
  }

  @Test func `is refused with the place of each, several at once`() throws {
    let outcome = try compile(
      """
      model bad(batch = 1) {
        x = input[batch, 3, 8, 8] |> c1: cnv(8, 3)
        return x |> rleu
      }

      """)
    expectError(
      outcome, "net.spec:2:36: error: unknown operation", "did you mean 'conv'?",
      "net.spec:3:15: error: ", "did you mean 'relu'?")
  }

  @Test func `is refused for its syntax`() throws {
    expectError(try compile("model bad(batch = 1 {\n}\n"), "net.spec:1:21: error: expected")
  }

  @Test func `is refused for its shapes, both shown at their places`() throws {
    let outcome = try compile(
      """
      model bad(batch = 1) {
        a = input[batch, 3, 8, 8] |> c1: conv(8, 3)
        b = a |> c2: conv(16, 3, pad: 1)
        return a |> add(b)
      }

      """)
    expectError(
      outcome, "net.spec:4:15: error: ", "net.spec:2:32: note: 'c1' has the shape [1, 8, 6, 6]",
      "net.spec:3:12: note: 'c2' has the shape [1, 16, 6, 6]")
  }

  @Test func `is refused on standard input, if missing, and for a parameter it has not`() throws {
    expectError(try resnetc("inspect", "-", input: "model"), "<stdin>:1:")
    expectError(
      try resnetc("inspect", "missing.spec"),
      "resnetc: error: cannot read 'missing.spec': there is no such file")
    expectError(
      try resnetc("inspect", "-", input: "\n"), "<stdin>:1:1: error: the file defines no model")
    expectError(
      try resnetc("inspect", resnet8, "--set", "bach=2"), "--set:1:1: error: ",
      "did you mean 'batch'?")
  }
}

@Suite struct `Weights that do not fit` {
  private let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private func compile(_ bytes: [UInt8]) throws -> Outcome {
    let file = try folder.file("w.safetensors", bytes)
    let outcome = try resnetc(
      "compile", resnet8, "--weights", file, "-o", folder.path + "/out")
    #expect(try folder.contents() == ["w.safetensors"])
    return outcome
  }

  @Test func `are named all at once: missing, surplus, and with both shapes`() throws {
    let bytes = try weights(
      replacing: (#""fc.bias""#, #""fc.bios""#),
      (
        #""stem.conv.weight":{"dtype":"F32","shape":[16,3,3,3]"#,
        #""stem.conv.weight":{"dtype":"F32","shape":[16,3,9,1]"#
      ))
    expectError(
      try compile(bytes), "resnetc: error: ",
      #""stem.conv.weight" has shape [16, 3, 9, 1] in the file and [16, 3, 3, 3] in the network"#,
      #""fc.bias" [10] is missing in the file"#,
      #""fc.bios" [10] is in the file and not in the network"#)
  }

  @Test func `cannot give orders to the terminal by their names`() throws {
    let outcome = try compile(try weights(replacing: (#""fc.bias""#, #""\u001b1""#)))
    #expect(!outcome.errors.contains("\u{1B}"))
    #expect(outcome.errors.contains("\"\u{FFFD}1\" [10] is in the file"))
  }

  @Test(arguments: [Float.nan, .infinity])
  func `are refused if one is not finite`(value: Float) throws {
    var bytes = try weights()
    // The first tensor of the data, fc.bias, follows the header.
    let header = bytes[0..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
    withUnsafeBytes(of: value.bitPattern.littleEndian) {
      bytes.replaceSubrange((8 + header + 8)..<(8 + header + 12), with: $0)
    }
    expectError(try compile(bytes), #"tensor "fc.bias" holds \#(value) at [2]"#, "finite")
  }

  @Test func `are refused if cut short`() throws {
    let bytes = try weights()
    for count in [0, 4, 1000, bytes.count - 1] {
      expectError(try compile(Array(bytes.prefix(count))), "w.safetensors: ")
    }
  }

  @Test(arguments: [
    ("[0,40]", "[0,99]"), ("[0,40]", "[9,40]"), (#""F32","shape":[10]"#, #""Q32","shape":[10]"#),
    (#"{"__meta"#, #"{"__me\a"#), ("[40,2600]", "[40,9999]"),
  ])
  func `are refused if the header lies`(old: String, new: String) throws {
    expectError(try compile(try weights(replacing: (old, new))), "w.safetensors: ")
  }

  @Test func `are refused if the header claims to be endless`() throws {
    var bytes = try weights()
    for length in [[UInt8](repeating: 0xFF, count: 8), [0, 0, 0, 0, 0, 0, 0, 0x80]] {
      bytes.replaceSubrange(0..<8, with: length)
      expectError(try compile(bytes), "w.safetensors: ")
    }
  }

  @Test func `are those of another network`() throws {
    let outcome = try resnetc(
      "run", project("Specs/cifar_resnet20.spec"), "--input", "seeded", "--weights", resnet8Weights)
    expectError(outcome, "do not fit the network", "more")
  }
}

@Suite struct `Inputs that are none` {
  @Test func `are refused by name`() throws {
    let folder = try TemporaryFolder()
    expectError(
      try resnetc("run", resnet8, "--image", pictureFolder + "/00-cat.png", resnet8),
      "resnet8-cifar10.spec: this is not a PNG or JPEG picture")
    let cut = try folder.file(
      "cut.png",
      [UInt8](
        try Data(contentsOf: URL(fileURLWithPath: pictureFolder + "/00-cat.png"))
      ).dropLast(900))
    expectError(try resnetc("run", resnet8, "--image", cut), cut)
    expectError(
      try resnetc("run", resnet8, "--image", "nowhere.png"), "nowhere.png: there is no such file")
    expectError(try resnetc("run", resnet8, "--input", resnet8), "resnet8-cifar10.spec: ")
  }

  @Test func `are refused by a spec that does not say how pictures are used`() throws {
    expectError(
      try resnetc(
        "run", "-", "--image", pictureFolder + "/00-cat.png",
        input: "model m() {\n  return input[1, 3, 4, 4] |> relu\n}\n"),
      "the spec has no 'preprocess'")
  }

  @Test func `are refused where the constants for pictures make no number of float32`() throws {
    expectError(
      try resnetc(
        "run", "-", "--weights", "seeded", "--image", pictureFolder + "/00-cat.png",
        input: """
          model m() {
            preprocess(scale: 1e300)
            return input[1, 3, 4, 4] |> relu
          }
          """),
      "the scale, mean and std of channel 0 make a value that is not finite in float32")
  }

  @Test func `are refused for their shape, with both shown`() throws {
    let folder = try TemporaryFolder()
    let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }"
    let padded = header + String(repeating: " ", count: 117 - header.utf8.count) + "\n"
    let file = try folder.file(
      "a.npy",
      [0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0] + Array(padded.utf8)
        + [UInt8](repeating: 0, count: 48))
    expectError(
      try resnetc("run", resnet8, "--input", file), "shape [3, 4]", "[1, 3, 32, 32]")
  }
}

@Suite struct `A machine that cannot` {
  @Test func `has no C compiler with OpenMP: the message says what to install`() throws {
    let folder = try TemporaryFolder()
    let fake = try folder.script("cc", "echo 'no OpenMP here' >&2; exit 1")
    expectError(
      try resnetc("compile", resnet8, "--cc", fake, "-o", folder.path + "/out"),
      "cannot build and run an OpenMP program", "no OpenMP here",
      "apt-get install clang libomp-dev")
    expectError(
      try resnetc("compile", resnet8, "--cc", "/nowhere/cc", "-o", folder.path + "/out"),
      "/nowhere/cc")
    #expect(try folder.contents() == ["cc"])
  }

  @Test func `has no place to write to`() throws {
    let folder = try TemporaryFolder()
    expectError(
      try resnetc("compile", resnet8, "-o", "/proc/nowhere/out"), "cannot be written")
    let file = try folder.file("file", "")
    expectError(
      try resnetc("compile", resnet8, "-o", file), "this is a file; name a folder to write")
    expectError(
      try resnetc("compile", resnet8, "-o", folder.path), "was not written by resnetc")
    #expect(try folder.contents() == ["file"])
    let full = try RunningProgram(
      "/bin/sh", ["-c", "'\(resnetcPath)' fmt '\(resnet8)' > /dev/full"]
    ).wait()
    expectError(full, "standard output cannot be written")
  }
}

@Suite struct `A wrong command line` {
  @Test(arguments: [
    [], ["compile"], ["build", resnet8], ["run", resnet8],
    ["run", resnet8, "--image", "a.png", "--input", "seeded"],
    ["run", resnet8, "--input", "seeded", "--threads", "0"],
    ["bench", resnet8, "--runs", "3", "--seconds", "1"], ["bench", resnet8, "--isa", "mmx"],
    ["compile", resnet8, "--set", "batch"], ["compile", resnet8, "-o", ""],
    ["compile", resnet8, "--layout", "chwn"],
    ["inspect", resnet8, "--disable-pass", "fuse-rlu"],
    ["inspect", resnet8, "--print-after", "nothing"], ["fmt", "--check", "-i", resnet8],
  ])
  func `is told from wrong input by its exit code`(arguments: [String]) throws {
    let outcome = try RunningProgram(resnetcPath, arguments).wait()
    guard !arguments.isEmpty else {
      // Without a subcommand the program explains itself.
      #expect(outcome.code == 0)
      #expect(outcome.output.contains("SUBCOMMANDS:"))
      return
    }
    expectError(outcome, code: 64, "resnetc: error: ")
  }

  @Test(arguments: ["compile", "run", "compare", "bench", "inspect", "tune", "fmt"])
  func `finds an example in every subcommand's help`(subcommand: String) throws {
    let outcome = try resnetc(subcommand, "--help")
    #expect(outcome.code == 0)
    #expect(outcome.output.contains("Example:\n  resnetc \(subcommand) "))
  }

  @Test func `can be completed by a shell`() throws {
    let outcome = try resnetc("--generate-completion-script", "bash")
    #expect(outcome.code == 0)
    #expect(outcome.output.contains("no-winograd"))
  }
}
