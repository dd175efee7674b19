import Diagnostics
import SpecLanguage
import Testing

/// The generator of Steele, Lea and Flood (2014), so that a failure can be run again.
private struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// The spec with a few bytes, words or lines changed.
private func mutated(_ text: String, with random: inout SplitMix64) -> String {
  let pieces = [
    "(", ")", "[", "]", "{", "}", "|>", "if", "else", "for", "block", "model", "#", "\"", "\n", "-",
    "0", "9223372036854775807", "1e308", "0..<", "//", "x", "not", "a.0:", ".", ",", "é", "\u{0}",
    "return", "input[1, 3, 8, 8]", " # c\n", "\\", "=", "%",
  ]
  var bytes = Array(text.utf8)
  for _ in 0..<Int.random(in: 1...4, using: &random) {
    let place = Int.random(in: 0...bytes.count, using: &random)
    let end = min(place + Int.random(in: 0...8, using: &random), bytes.count)
    switch Int.random(in: 0..<4, using: &random) {
    case 0: bytes.removeSubrange(place..<end)
    case 1: bytes.insert(contentsOf: bytes[place..<end], at: place)
    case 2:
      bytes.insert(contentsOf: (pieces.randomElement(using: &random) ?? "").utf8, at: place)
    default:
      let piece = pieces.randomElement(using: &random) ?? ""
      bytes.replaceSubrange(place..<end, with: piece.utf8)
    }
  }
  return String(decoding: bytes, as: UTF8.self)
}

@Suite struct `Damaged specs` {
  private static let library = [
    "blocks/resnet.spec", "blocks/cifar.spec", "cifar_resnet20_b.spec", "resnet8-cifar10.spec",
    "preact_cifar_resnet110.spec",
  ]

  @Test(arguments: 0..<6)
  func `yield a model or an error in the file, never a crash`(seed: UInt64) throws {
    var random = SplitMix64(state: seed)
    var files: [String: String] = [:]
    for path in Self.library { files[path] = try readFile("\(specFolder)/\(path)") }
    for _ in 0..<60 {
      var damaged = files
      let victim = Self.library[Int.random(in: 0..<Self.library.count, using: &random)]
      let text = mutated(files[victim] ?? "", with: &random)
      damaged[victim] = text
      let root = victim.hasPrefix("blocks") ? "cifar_resnet20_b.spec" : victim
      let result = compileSpec(path: root) { path in
        guard let text = damaged[path] else { throw FileError(description: "no such file") }
        return text
      }
      #expect((result.model == nil) == result.diagnostics.containsError)
      for range in result.diagnostics.compactMap(\.range) {
        let file = try #require(result.files.first { $0.path == range.file })
        #expect(0 <= range.lower && range.lower <= range.upper)
        #expect(range.upper <= file.text.utf8.count)
      }
      #expect(!result.renderedDiagnostics().contains("\u{0}"))

      if let once = format(text) {
        #expect(format(once) == once, "formatting twice differs from once for:\n\(text)")
        #expect(
          once.count(of: "#") >= text.count(of: "#"), "a comment was lost from:\n\(text)")
      }
    }
  }
}

extension String {
  fileprivate func count(of character: Character) -> Int { filter { $0 == character }.count }
}
