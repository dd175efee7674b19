/// A network with what a person needs to use it: how a picture becomes its input and what its
/// classes are called.
public struct Model: Equatable, Sendable {
  public var graph: Graph
  public var preprocessing: Preprocessing?
  /// The names of the classes, in the order of the first output; empty if the spec names none.
  public var labels: [String]

  public init(graph: Graph, preprocessing: Preprocessing? = nil, labels: [String] = []) {
    self.graph = graph
    self.preprocessing = preprocessing
    self.labels = labels
  }
}

/// How an 8-bit picture becomes one image of the input tensor:
/// resize, centre crop to the input's extent, order the channels, then
/// `(pixel · scale − mean[c]) / std[c]`.
public struct Preprocessing: Equatable, Sendable {
  /// How a picture's sides are changed before the centre crop.
  public enum Resize: Hashable, Sendable {
    /// The picture is taken at its own size.
    case none
    /// The short side becomes this many pixels; the long side keeps the ratio, truncated to an
    /// integer.
    case shortSide(Int)
    /// Both sides are set, whatever the ratio.
    case exact(Extent)
  }

  /// Which of a picture's colours is the input's channel 0; the other two follow in order.
  public enum ChannelOrder: String, Hashable, Sendable, CaseIterable {
    case rgb
    case bgr
  }

  public var resize: Resize
  public var channelOrder: ChannelOrder
  public var scale: Double
  /// One value a channel, in the order of `channelOrder`.
  public var mean: [Double]
  /// One value a channel, in the order of `channelOrder`.
  public var standardDeviation: [Double]

  public init(
    resize: Resize = .none, channelOrder: ChannelOrder = .rgb, scale: Double = 1.0 / 255,
    mean: [Double] = [0, 0, 0], standardDeviation: [Double] = [1, 1, 1]
  ) {
    self.resize = resize
    self.channelOrder = channelOrder
    self.scale = scale
    self.mean = mean
    self.standardDeviation = standardDeviation
  }
}
