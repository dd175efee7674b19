/// A network with what a person needs to use it: how a picture becomes its input, and what its
/// results and classes are called.
public struct Model: Equatable, Sendable {
  public var graph: Graph
  public var preprocessing: Preprocessing?
  /// The names of the classes, in the order of the output `classOutput`; empty if none are known.
  public var labels: [String]
  /// What each of the graph's outputs is called, in their order.
  public var outputNames: [String]
  /// Which output has a score for each class; nil if none does.
  public var classOutput: Int?
  /// Every value within the network that a person has a name for, and can ask for as an output: see
  /// `selectOutputs`. The front end that made the graph fills it, and may give a value several
  /// names.
  public var values: [String: NodeID]
  /// Tensors of the parts that `selectOutputs` has dropped. The network does without them, and a
  /// state dict may hold them.
  public internal(set) var unusedParameters: [ParameterSpec] = []

  /// - Parameters:
  ///   - labels: names of classes, for the first output that has as many channels, each one value.
  ///     Without them, it is the first output with single values that has the classes. It has the
  ///     input's batch.
  ///   - outputNames: one for each output of the graph, if not the names of their nodes.
  public init(
    graph: Graph, preprocessing: Preprocessing? = nil, labels: [String] = [],
    outputNames: [String]? = nil, values: [String: NodeID] = [:]
  ) {
    self.graph = graph
    self.preprocessing = preprocessing
    self.labels = labels
    self.outputNames = outputNames ?? graph.outputs.map { graph[$0].name }
    self.values = values
    let batch = graph.inputs.first.map { graph[$0].type.shape.batch }
    classOutput = graph.outputs.firstIndex { output in
      let shape = graph[output].type.shape
      return shape.batch == batch && shape.elementCount == shape.batch * shape.channels
        && (labels.isEmpty || labels.count == shape.channels)
    }
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
