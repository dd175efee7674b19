import GraphIR

/// Why no code can be made that turns pictures into a network's input.
public enum PixelsViewError: Error, Equatable, CustomStringConvertible {
  /// Pictures have three channels; the network's input or the list of constants has not.
  case notThreeChannels(String)
  case cropLargerThanResized(crop: Extent, resized: Extent)
  /// The constants of a channel are not finite, or its standard deviation is 0.
  case badConstants(channel: Int)

  public var description: String {
    switch self {
    case .notThreeChannels(let found):
      "pictures have 3 channels, but \(found); leave out the preprocessing"
    case .cropLargerThanResized(let crop, let resized):
      "the input takes \(crop.width) × \(crop.height) pixels, but pictures are resized to only "
        + "\(resized.width) × \(resized.height); resize them to at least the input's size"
    case .badConstants(let channel):
      "the scale, mean and std of channel \(channel) make a value that is not finite in float32"
    }
  }
}

/// The view of `pixels.c`, which converts 8-bit pictures to a network's input.
public struct PixelsView: Equatable, Sendable {
  var bannerLines: [String]
  /// What C functions start with.
  var p: String
  /// What C constants start with.
  var macro: String
  /// The steps in words.
  var summary: String
  var cropWidth: Int
  var cropHeight: Int
  /// In float32 elements, like the other two strides.
  var channelStride: Int
  var rowStride: Int
  var pixelStride: Int
  var channelOrder: String
  /// The byte of an RGB pixel that becomes channel 0.
  var firstByte: Int
  /// Pillow's number: what 32 bits leave beside 8 of the pixel and 2 of headroom.
  var weightBits = 32 - 8 - 2
  var resizes: Bool
  /// Set for one way of resizing each; a section of the template.
  var shortSide: Int?
  var exact: ExactView?
  var channels: [ChannelView]

  struct ExactView: Equatable, Sendable {
    var width: Int
    var height: Int
  }

  struct ChannelView: Equatable, Sendable {
    var index: Int
    /// The C expression for the channel's byte in a pixel.
    var byte: String
    var scale: Double
    var mean: Double
    var standardDeviation: Double
    /// `value = pixel · gain + offset`: a C literal, and a sign with a C literal.
    var gain: String
    var offset: String
  }
}

extension PixelsView {
  /// - Parameters:
  ///   - inputShape: `[batch, 3, height, width]`.
  ///   - buffer: only its strides within an image are used: they may describe NCHW, NHWC, channel
  ///     blocks or any of these with a border.
  ///   - banner: lines for the top of the file.
  /// - Throws: `PixelsViewError`.
  public init(
    _ preprocessing: Preprocessing, inputShape: Shape, buffer: RuntimeDescription.InputBuffer,
    names: ModuleNames, banner: [String]
  ) throws(PixelsViewError) {
    guard inputShape.isImage, inputShape.channels == 3 else {
      throw .notThreeChannels("the network's input is \(inputShape)")
    }
    let (means, deviations) = (preprocessing.mean, preprocessing.standardDeviation)
    guard means.count == 3, deviations.count == 3 else {
      throw .notThreeChannels("there are \(means.count) means and \(deviations.count) stds")
    }
    let crop = Extent(height: inputShape.height, width: inputShape.width)
    let resizing: String
    switch preprocessing.resize {
    case .none:
      resizing = "no resizing"
    case .shortSide(let side):
      try Self.check(crop, fits: Extent(side))
      shortSide = side
      resizing = "short side to \(side)"
    case .exact(let extent):
      try Self.check(crop, fits: extent)
      exact = ExactView(width: extent.width, height: extent.height)
      resizing = "resized to \(extent.width) x \(extent.height)"
    }
    resizes = preprocessing.resize != .none
    let order = preprocessing.channelOrder.rawValue.uppercased()
    summary = "\(resizing), centre crop \(crop.width) x \(crop.height), \(order), to float32"
    channelOrder = order
    firstByte = preprocessing.channelOrder == .rgb ? 0 : 2

    var channels: [ChannelView] = []
    for (index, byte) in ["first_byte", "1", "2 - first_byte"].enumerated() {
      let gain = Float(preprocessing.scale / deviations[index])
      let offset = Float((0 - means[index]) / deviations[index])
      guard gain.isFinite, offset.isFinite else { throw .badConstants(channel: index) }
      channels.append(
        ChannelView(
          index: index, byte: byte, scale: preprocessing.scale, mean: means[index],
          standardDeviation: deviations[index], gain: "\(gain)f",
          offset: (offset < 0 ? "- " : "+ ") + "\(offset.magnitude)f"))
    }
    self.channels = channels
    bannerLines = banner
    p = names.cPrefix
    macro = names.cPrefix.uppercased()
    (cropWidth, cropHeight) = (crop.width, crop.height)
    channelStride = buffer.channelStride
    rowStride = buffer.rowStride
    pixelStride = buffer.pixelStride
  }

  private static func check(
    _ crop: Extent, fits resized: Extent
  ) throws(PixelsViewError) {
    guard crop.width <= resized.width, crop.height <= resized.height else {
      throw .cropLargerThanResized(crop: crop, resized: resized)
    }
  }
}

/// The C source `pixels.c` of a module: `PREFIX_picture_scratch_bytes` and
/// `PREFIX_convert_picture`, as the module's headers declare them.
///
/// - Returns: nil if the module takes no pictures.
/// - Throws: `PixelsViewError`, `TemplateError`.
public func pixelsSource(of description: RuntimeDescription) throws -> String? {
  guard let preprocessing = description.preprocessing else { return nil }
  let view = try PixelsView(
    preprocessing, inputShape: description.imageShape, buffer: description.inputBuffer,
    names: description.names, banner: description.banner)
  return try TemplateRenderer().render("pixels.c", view)
}
