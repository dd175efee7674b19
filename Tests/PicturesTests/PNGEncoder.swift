/// Writes PNG files of any colour type and bit depth, uncompressed: what the decoder's tests read.
struct PNGEncoder {
  enum ColorType: UInt8 {
    case grey = 0
    case rgb = 2
    case palette = 3
    case greyAlpha = 4
    case rgba = 6

    var channels: Int {
      switch self {
      case .grey, .palette: 1
      case .greyAlpha: 2
      case .rgb: 3
      case .rgba: 4
      }
    }
  }

  var width: Int
  var height: Int
  var type: ColorType
  var bitDepth: Int
  var interlaced = false
  /// Leaves the pixels out: a header that promises what does not follow.
  var omitsData = false
  /// Chunks between the header and the data, such as a palette.
  var extraChunks: [(name: String, bytes: [UInt8])] = []

  /// - Parameter sample: the value of a channel of a pixel, by x, y and channel.
  func encode(_ sample: (Int, Int, Int) -> Int) -> [UInt8] {
    var file: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    let header =
      bigEndian(UInt32(width)) + bigEndian(UInt32(height))
      + [UInt8(bitDepth), type.rawValue, 0, 0, interlaced ? 1 : 0]
    file += chunk("IHDR", header)
    for (name, bytes) in extraChunks { file += chunk(name, bytes) }
    file += chunk("IDAT", zlibStored(omitsData ? [] : rows(sample)))
    return file + chunk("IEND", [])
  }

  /// The filtered rows (filter 0), of the whole picture or of each pass of Adam7.
  private func rows(_ sample: (Int, Int, Int) -> Int) -> [UInt8] {
    let passes =
      interlaced
      ? [
        (0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
        (0, 1, 1, 2),
      ] : [(0, 0, 1, 1)]
    var bytes: [UInt8] = []
    for (left, top, stepX, stepY) in passes where left < width {
      for y in stride(from: top, to: height, by: stepY) {
        bytes.append(0)
        var bits = 0
        var count = 0
        for x in stride(from: left, to: width, by: stepX) {
          for channel in 0..<type.channels {
            bits = bits << bitDepth | sample(x, y, channel)
            count += bitDepth
            while count >= 8 {
              count -= 8
              bytes.append(UInt8(bits >> count & 0xFF))
            }
          }
        }
        if count > 0 { bytes.append(UInt8(bits << (8 - count) & 0xFF)) }
      }
    }
    return bytes
  }

  private func zlibStored(_ bytes: [UInt8]) -> [UInt8] {
    let count = UInt16(bytes.count)
    var (a, b): (UInt32, UInt32) = (1, 0)
    for byte in bytes {
      a = (a + UInt32(byte)) % 65521
      b = (b + a) % 65521
    }
    let lengths = [count, ~count].flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
    return [0x78, 0x01, 0x01] + lengths + bytes + bigEndian(b << 16 | a)
  }

  private func chunk(_ name: String, _ bytes: [UInt8]) -> [UInt8] {
    let body = Array(name.utf8) + bytes
    var crc: UInt32 = ~0
    for byte in body {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc >> 1 ^ (crc & 1 == 1 ? 0xEDB8_8320 : 0) }
    }
    return bigEndian(UInt32(bytes.count)) + body + bigEndian(~crc)
  }

  private func bigEndian(_ value: UInt32) -> [UInt8] {
    withUnsafeBytes(of: value.bigEndian, Array.init)
  }
}
