import Foundation
import ModelFiles
import Pictures
import Testing

private func decode(_ bytes: [UInt8]) throws -> Picture {
  try bytes.withUnsafeBytes { try Picture(decoding: $0, name: "picture") }
}

private func message(_ body: () throws -> Picture) -> String {
  do {
    _ = try body()
    return ""
  } catch {
    return "\(error)"
  }
}

@Suite struct `A PNG picture` {
  @Test(arguments: [1, 2, 4, 8, 16], [false, true])
  func `may be grey of any depth, interlaced or not`(depth: Int, interlaced: Bool) throws {
    let maximum = 1 << depth - 1
    let encoder = PNGEncoder(
      width: 11, height: 9, type: .grey, bitDepth: depth, interlaced: interlaced)
    func sample(_ x: Int, _ y: Int) -> Int { (x * 7919 + y * 104_729) & maximum }
    let picture = try decode(encoder.encode { x, y, _ in sample(x, y) })
    #expect((picture.width, picture.height) == (11, 9))
    for (index, found) in picture.pixels.enumerated() {
      let value = sample(index / 3 % 11, index / 33)
      #expect(Int(found) == (value * 255 * 2 + maximum) / (2 * maximum))
    }
  }

  @Test(arguments: [PNGEncoder.ColorType.rgb, .rgba, .greyAlpha], [8, 16])
  func `loses its alpha and keeps its colours`(type: PNGEncoder.ColorType, depth: Int) throws {
    let unit = depth == 16 ? 257 : 1
    func sample(_ x: Int, _ y: Int, _ channel: Int) -> Int { x * 40 + y * 10 + channel }
    let encoder = PNGEncoder(width: 5, height: 4, type: type, bitDepth: depth)
    let picture = try decode(
      encoder.encode { x, y, channel in
        let isAlpha = channel == type.channels - 1 && type != .rgb
        return isAlpha ? x : sample(x, y, channel) * unit
      })
    let expected = (0..<60).map { index in
      UInt8(sample(index / 3 % 5, index / 15, type == .greyAlpha ? 0 : index % 3))
    }
    #expect(picture.pixels == expected)
  }

  @Test(arguments: [1, 2, 4, 8])
  func `may have a palette, with transparency and a gamma that are ignored`(depth: Int) throws {
    let colors: [[UInt8]] = [[1, 2, 3], [250, 128, 7]]
    var encoder = PNGEncoder(width: 3, height: 2, type: .palette, bitDepth: depth)
    encoder.extraChunks = [
      ("gAMA", [0, 1, 0x86, 0xA0]), ("PLTE", colors.flatMap(\.self)), ("tRNS", [0, 100]),
    ]
    let picture = try decode(encoder.encode { x, y, _ in (x + y) % 2 })
    #expect(picture.pixels == [0, 1, 0, 1, 0, 1].flatMap { colors[$0] })
  }

  @Test func `is refused if it is truncated, anywhere`() throws {
    let whole = PNGEncoder(width: 5, height: 4, type: .rgb, bitDepth: 8).encode { x, _, _ in x }
    for count in 8..<whole.count {
      #expect(throws: PictureError.truncated(name: "picture", format: "PNG")) {
        try decode(Array(whole.prefix(count)))
      }
    }
  }

  @Test func `is refused if it is damaged, with libpng's reason`() throws {
    var bytes = PNGEncoder(width: 5, height: 4, type: .rgb, bitDepth: 8).encode { x, _, _ in x }
    bytes[bytes.count - 13] ^= 1  // in the checksum of the data
    #expect(throws: PictureError.damaged(name: "picture", format: "PNG", reason: "IDAT: CRC error"))
    {
      try decode(bytes)
    }
  }

  @Test func `is refused if its header announces too many pixels, or none`() {
    var encoder = PNGEncoder(width: 1_000_000, height: 135, type: .rgb, bitDepth: 8)
    encoder.omitsData = true
    #expect(throws: PictureError.tooLarge(name: "picture", width: 1_000_000, height: 135)) {
      try decode(encoder.encode { _, _, _ in 0 })
    }
    encoder.height = 0
    #expect(message { try decode(encoder.encode { _, _, _ in 0 }) }.contains("is damaged"))
  }
}

@Suite struct `A JPEG picture` {
  @Test(
    arguments: [
      ("grey.jpg", [40, 40, 40], [200, 200, 200]),
      ("progressive.jpg", [10, 120, 230], [250, 60, 20]),
      ("cmyk.jpg", [255, 0, 0], [0, 155, 155]),
    ] as [(String, [UInt8], [UInt8])])
  func `may be grey, progressive or CMYK`(name: String, left: [UInt8], right: [UInt8]) throws {
    let picture = try testPicture(name)
    #expect((picture.width, picture.height) == (32, 16))
    // Quantisation moves plain colours by up to 2 levels at this quality.
    #expect(difference(Array(picture.pixels.prefix(3)), left).largest <= 2)
    #expect(difference(Array(picture.pixels.suffix(3)), right).largest <= 2)
  }

  @Test func `is refused if it is truncated`() throws {
    let whole = try testData("china.jpg")
    for count in [3, 100, 1000, whole.count / 2, whole.count - 100] {
      #expect(throws: PictureError.truncated(name: "picture", format: "JPEG"), "\(count) bytes") {
        try decode(Array(whole.prefix(count)))
      }
    }
  }

  @Test func `is refused if it is too large, or has no pixels`() throws {
    var bytes = try testData("grey.jpg")
    let frame = try #require(bytes.indices.first { bytes[$0...].starts(with: [0xFF, 0xC0]) })
    bytes.replaceSubrange((frame + 5)..<(frame + 9), with: [0xF0, 0x00, 0xF0, 0x00])
    #expect(throws: PictureError.tooLarge(name: "picture", width: 0xF000, height: 0xF000)) {
      try decode(bytes)
    }
    bytes.replaceSubrange((frame + 5)..<(frame + 9), with: [0, 0, 0, 0])
    #expect(throws: PictureError.self) { try decode(bytes) }
  }

  @Test func `never crashes the decoder, whatever bytes are changed`() throws {
    let whole = try testData("progressive.jpg")
    for position in whole.indices.dropFirst(3) {
      var bytes = whole
      bytes[position] = UInt8(truncatingIfNeeded: position &* 31) ^ 0xFF
      _ = try? decode(bytes)
    }
  }
}

@Suite struct `A picture` {
  @Test func `is told by its content, not its name`() throws {
    let png = PNGEncoder(width: 1, height: 1, type: .grey, bitDepth: 8).encode { _, _, _ in 9 }
    let path = NSTemporaryDirectory() + "picture-\(UUID().uuidString).jpg"
    try Data(png).write(to: URL(fileURLWithPath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    #expect(try Picture(path: path).pixels == [9, 9, 9])
  }

  @Test func `is not made of other bytes`() {
    for bytes in [Array("GIF89a, a text".utf8), [0x89], [0xFF, 0xD8]] {
      #expect(throws: PictureError.notAPicture(name: "picture")) { try decode(bytes) }
    }
    #expect(throws: FileAccessError.missing(path: "/missing.png")) {
      try Picture(path: "/missing.png")
    }
    #expect(throws: PictureError.wrongPixelCount(width: 2, height: 2, bytes: 11)) {
      try Picture(width: 2, height: 2, pixels: [UInt8](repeating: 0, count: 11))
    }
  }
}
