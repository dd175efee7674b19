// Written by resnetc 0.1.0 for the network resnet8_cifar10.
// Network c0985e5f100fc3f9. Do not edit: compile the spec again instead.
import CResNet8Cifar10

/// The order of the bytes of one pixel. A fourth byte is not looked at.
public enum PixelFormat: String, Hashable, Sendable, CaseIterable {
  case rgb
  case rgba
  case bgr
  case bgra

  /// Bytes of one pixel: 3 or 4.
  public var byteCount: Int {
    switch self {
    case .rgb, .bgr: 3
    case .rgba, .bgra: 4
    }
  }

  /// Of a row with no gap after it. A width out of range is found when the picture is used.
  func rowByteCount(_ width: Int) -> Int {
    width.multipliedReportingOverflow(by: byteCount).partialValue
  }

  var cFormat: resnet8_cifar10_pixel_format {
    switch self {
    case .rgb: RESNET8_CIFAR10_RGB
    case .rgba: RESNET8_CIFAR10_RGBA
    case .bgr: RESNET8_CIFAR10_BGR
    case .bgra: RESNET8_CIFAR10_BGRA
    }
  }
}

/// A picture of 8-bit channels.
public struct Picture: Hashable, Sendable {
  /// The rows, `rowStride` bytes apart: from top to bottom, or from bottom to top if that is
  /// negative.
  public var bytes: [UInt8]
  public var width: Int
  public var height: Int
  public var format: PixelFormat
  /// Bytes from a row to the one below it; negative for bottom-up pictures.
  public var rowStride: Int

  /// - Parameters:
  ///   - bytes: the rows.
  ///   - width: pixels in a row.
  ///   - height: rows.
  ///   - format: the order of the bytes of a pixel.
  ///   - rowStride: bytes from a row to the one below it, unless rows follow one another at once;
  ///     negative for bottom-up pictures, whose top row is the last in memory.
  public init(
    bytes: [UInt8], width: Int, height: Int, format: PixelFormat = .rgb, rowStride: Int? = nil
  ) {
    self.bytes = bytes
    self.width = width
    self.height = height
    self.format = format
    self.rowStride = rowStride ?? format.rowByteCount(width)
  }
}

/// A picture in memory that someone else owns, such as a decoder's or a camera's buffer; valid as
/// long as that memory is.
public struct PixelBuffer {
  /// The rows, `rowStride` bytes apart: from top to bottom, or from bottom to top if that is
  /// negative.
  public var pixels: UnsafeRawBufferPointer
  public var width: Int
  public var height: Int
  public var format: PixelFormat
  /// Bytes from a row to the one below it; negative for bottom-up pictures.
  public var rowStride: Int

  /// - Parameters:
  ///   - pixels: the rows.
  ///   - width: pixels in a row.
  ///   - height: rows.
  ///   - format: the order of the bytes of a pixel.
  ///   - rowStride: bytes from a row to the one below it, unless rows follow one another at once;
  ///     negative for bottom-up pictures, whose top row is the last in memory.
  public init(
    pixels: UnsafeRawBufferPointer, width: Int, height: Int, format: PixelFormat = .rgb,
    rowStride: Int? = nil
  ) {
    self.pixels = pixels
    self.width = width
    self.height = height
    self.format = format
    self.rowStride = rowStride ?? format.rowByteCount(width)
  }

  /// What the C library takes, once it is certain that all pixels lie in the memory.
  func cPicture() throws(ModelError) -> resnet8_cifar10_picture {
    // Within the limit no product overflows.
    let limit = 1 << 24
    guard (1...limit).contains(width), (1...limit).contains(height) else { throw .invalidPicture }
    let rowBytes = format.rowByteCount(width)
    guard let distance = Int(exactly: rowStride.magnitude), distance >= rowBytes,
      pixels.count >= rowBytes, height - 1 <= (pixels.count - rowBytes) / distance,
      let base = pixels.baseAddress
    else { throw .invalidPicture }
    let top = base + (rowStride < 0 ? (height - 1) * distance : 0)
    return resnet8_cifar10_picture(
      pixels: top.assumingMemoryBound(to: UInt8.self), width: Int32(width), height: Int32(height),
      row_stride: rowStride, format: format.cFormat)
  }
}
