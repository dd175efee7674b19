import GraphIR

/// How the elements of an image tensor lie in memory.
public enum Layout: String, Hashable, Sendable, CaseIterable {
  /// Channel planes of pixels.
  case nchw
  /// Pixels of channels.
  case nhwc
  /// Planes of `panelWidth` channels: NCHW16c.
  case blocked
}

/// Output channels that one packed weight panel and one channel block hold: the width of the widest
/// vector register the emitted code uses (16 float32 lanes), for every instruction set, so that one
/// weights file and one arena serve all of them.
public let panelWidth = 16

func roundUp(_ value: Int, to multiple: Int) -> Int { (value + multiple - 1) / multiple * multiple }

/// The exact place of each element of an activation buffer. All strides and offsets count float32
/// elements.
///
/// A buffer may carry a halo: rows and columns of zeros around each image, so that a padded
/// convolution reads its border like any other pixel. Channels are stored in multiples of
/// `panelWidth` where kernels write whole vectors; the surplus channels are zero.
public struct BufferFormat: Hashable, Sendable {
  public var layout: Layout
  public var batch: Int
  public var channels: Int
  public var height: Int
  public var width: Int
  public var halo: Padding
  /// Channels as stored: `channels`, or the next multiple of `panelWidth`.
  public var storedChannels: Int

  /// The format of a tensor that kernels write (`[batch, channels, height, width]`, or a matrix as
  /// images of one pixel).
  public init(_ shape: Shape, layout: Layout, halo: Padding = .zero) {
    self.layout = layout
    batch = shape.batch
    channels = shape.channels
    height = shape.height
    width = shape.width
    self.halo = halo
    storedChannels =
      layout == .nchw ? shape.channels : roundUp(shape.channels, to: panelWidth)
  }

  /// The format of the network's input, which only the input conversion writes: in NHWC its few
  /// channels are stored without filling.
  public static func networkInput(_ shape: Shape, layout: Layout, halo: Padding) -> BufferFormat {
    var format = BufferFormat(shape, layout: layout, halo: halo)
    if layout == .nhwc { format.storedChannels = shape.channels }
    return format
  }

  /// Row-major without halo: what callers pass and receive. Of an image, NCHW.
  public static func dense(_ shape: Shape) -> BufferFormat {
    BufferFormat(shape, layout: .nchw)
  }

  /// An image in a caller's array that has the channels last; `shape` has them first.
  static func denseChannelsLast(_ shape: Shape) -> BufferFormat {
    .networkInput(shape, layout: .nhwc, halo: .zero)
  }

  public var paddedHeight: Int { halo.top + height + halo.bottom }
  public var paddedWidth: Int { halo.left + width + halo.right }

  /// From a pixel to its right neighbour.
  public var pixelStride: Int {
    switch layout {
    case .nchw: 1
    case .nhwc: storedChannels
    case .blocked: panelWidth
    }
  }

  /// From a pixel to the one below.
  public var rowStride: Int { paddedWidth * pixelStride }
  /// One plane: all pixels of one channel (NCHW), one channel block (blocked) or all (NHWC).
  public var planeStride: Int { paddedHeight * rowStride }
  /// Planes in an image.
  public var planes: Int {
    switch layout {
    case .nchw: storedChannels
    case .nhwc: 1
    case .blocked: storedChannels / panelWidth
    }
  }
  public var imageStride: Int { planes * planeStride }
  /// From one channel to the next within a panel of `panelWidth` channels.
  public var channelStride: Int { layout == .nchw ? planeStride : 1 }
  /// From one panel of `panelWidth` channels to the next.
  public var panelStride: Int {
    switch layout {
    case .nchw: panelWidth * planeStride
    case .nhwc: panelWidth
    case .blocked: planeStride
    }
  }
  /// The offset of channel 0 of pixel (0, 0) of image 0.
  public var origin: Int { halo.top * rowStride + halo.left * pixelStride }
  public var elementCount: Int { batch * imageStride }
  public var byteCount: Int { elementCount * 4 }

  /// The offset of one element from the start of the buffer.
  public func offset(image: Int, channel: Int, row: Int, column: Int) -> Int {
    origin + image * imageStride + channel / panelWidth * panelStride
      + channel % panelWidth * channelStride + row * rowStride + column * pixelStride
  }

  /// Whether pixels follow each other at one stride across rows and images.
  public var pixelsAreUniform: Bool {
    rowStride == width * pixelStride && (batch == 1 || imageStride == height * rowStride)
  }
}
