/// Why bytes are no usable picture.
public enum PictureError: Error, Equatable, CustomStringConvertible {
  /// Neither PNG nor JPEG.
  case notAPicture(name: String)
  case truncated(name: String, format: String)
  /// The reason is the decoding library's, in its words.
  case damaged(name: String, format: String, reason: String)
  case tooLarge(name: String, width: Int, height: Int)
  case wrongPixelCount(width: Int, height: Int, bytes: Int)

  public var description: String {
    switch self {
    case .notAPicture(let name): "\(name): this is not a PNG or JPEG picture"
    case .truncated(let name, let format): "\(name): the \(format) picture is truncated"
    case .damaged(let name, let format, let reason):
      "\(name): the \(format) picture is damaged: \(reason)"
    case .tooLarge(let name, let width, let height):
      "\(name): the picture has \(width) × \(height) pixels; "
        + "at most \(Picture.maximalPixelCount) pixels are taken"
    case .wrongPixelCount(let width, let height, let bytes):
      "\(bytes) bytes are no picture of \(width) × \(height) RGB pixels"
    }
  }
}
