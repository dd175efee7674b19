import Foundation
import Pictures

/// The files under Tests/Data/pictures; NOTICE.md there says where they are from.
func testPicture(_ name: String) throws -> Picture {
  try Picture(path: testDataPath(name))
}

func testDataPath(_ name: String) -> String {
  URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Data/pictures/\(name)").path
}

func testData(_ name: String) throws -> [UInt8] {
  Array(try Data(contentsOf: URL(fileURLWithPath: testDataPath(name))))
}

/// A picture of noise: byte i is the top byte of the i-th output of SplitMix64 from state 0.
func noise(width: Int, height: Int) throws -> Picture {
  let pixels = (1...(width * height * 3)).map { index -> UInt8 in
    var z = UInt64(index) &* 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return UInt8((z ^ (z >> 31)) >> 56)
  }
  return try Picture(width: width, height: height, pixels: pixels)
}

/// The largest and the mean difference of two lists of bytes.
func difference(_ a: [UInt8], _ b: [UInt8]) -> (largest: Int, mean: Double) {
  guard a.count == b.count, !a.isEmpty else { return (256, 256) }
  let differences = zip(a, b).map { abs(Int($0) - Int($1)) }
  return (differences.max() ?? 0, Double(differences.reduce(0, +)) / Double(a.count))
}

/// The 64-bit FNV-1a hash.
func fnv1a64(_ bytes: [UInt8]) -> UInt64 {
  bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
}
