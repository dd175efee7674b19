import CImageCodecs
import ModelFiles

/// A picture of 8-bit RGB pixels.
public struct Picture: Equatable, Sendable {
  public let width: Int
  public let height: Int
  /// Rows from top to bottom, without gaps: `height × width × 3` bytes, red first.
  public let pixels: [UInt8]

  /// The most pixels a picture may have. Past it a few bytes of a hostile file would take gigabytes
  /// to decode; the largest cameras stay below.
  public static let maximalPixelCount = 1 << 27

  /// A picture of the given pixels.
  ///
  /// - Throws: `PictureError.wrongPixelCount` unless there are `width × height × 3` bytes and at
  ///   least one pixel.
  public init(width: Int, height: Int, pixels: [UInt8]) throws {
    guard width > 0, height > 0, width <= Self.maximalPixelCount / height,
      pixels.count == width * height * 3
    else {
      throw PictureError.wrongPixelCount(width: width, height: height, bytes: pixels.count)
    }
    (self.width, self.height, self.pixels) = (width, height, pixels)
  }

  /// Reads a PNG or JPEG file. See `init(decoding:name:)`.
  ///
  /// - Throws: `FileAccessError`, `PictureError`.
  public init(path: String) throws {
    self = try MappedFile(path: path).withBytes { try Picture(decoding: $0, name: path) }
  }

  /// Decodes a PNG or JPEG picture, told apart by its first bytes.
  ///
  /// PNG: every colour type and bit depth; alpha is dropped, not composited. JPEG: grey, colour and
  /// CMYK. Gamma, colour profiles and EXIF orientation are ignored, as by the libraries that networks
  /// are trained with.
  ///
  /// - Parameter name: what errors call the picture.
  /// - Throws: `PictureError`.
  public init(decoding bytes: UnsafeRawBufferPointer, name: String) throws {
    guard let codec = Codec(firstBytesOf: bytes) else {
      throw PictureError.notAPicture(name: name)
    }
    let bytes = bytes.bindMemory(to: UInt8.self)
    var report = image_codec_report()
    try check(codec.readSize(bytes.baseAddress, bytes.count, &report), codec, report, name: name)
    let (width, height) = (Int(report.width), Int(report.height))
    guard width > 0, height > 0, width <= Self.maximalPixelCount / height else {
      throw PictureError.tooLarge(name: name, width: width, height: height)
    }
    pixels = try [UInt8](unsafeUninitializedCapacity: width * height * 3) { buffer, initialized in
      let status = codec.decode(bytes.baseAddress, bytes.count, buffer.baseAddress, &report)
      try check(status, codec, report, name: name)
      initialized = width * height * 3
    }
    (self.width, self.height) = (width, height)
  }
}

/// One of the two decoders.
private struct Codec {
  typealias ReadSize = (
    UnsafePointer<UInt8>?, Int, UnsafeMutablePointer<image_codec_report>?
  ) -> image_codec_status
  typealias Decode = (
    UnsafePointer<UInt8>?, Int, UnsafeMutablePointer<UInt8>?,
    UnsafeMutablePointer<image_codec_report>?
  ) -> image_codec_status

  var format: String
  var readSize: ReadSize
  var decode: Decode

  /// The decoder for a picture that starts so; nil if it is none.
  init?(firstBytesOf bytes: UnsafeRawBufferPointer) {
    if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
      (format, readSize, decode) = ("PNG", png_read_size, png_decode_rgb)
    } else if bytes.starts(with: [0xFF, 0xD8, 0xFF]) {
      (format, readSize, decode) = ("JPEG", jpeg_read_size, jpeg_decode_rgb)
    } else {
      return nil
    }
  }
}

private func check(
  _ status: image_codec_status, _ codec: Codec, _ report: image_codec_report, name: String
) throws {
  switch status {
  case IMAGE_CODEC_OK: return
  case IMAGE_CODEC_TRUNCATED: throw PictureError.truncated(name: name, format: codec.format)
  case IMAGE_CODEC_WRONG_SIZE:
    throw PictureError.damaged(
      name: name, format: codec.format, reason: "its size changed while it was read")
  default:
    let reason = withUnsafeBytes(of: report.message) {
      String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
    }
    throw PictureError.damaged(name: name, format: codec.format, reason: reason)
  }
}
