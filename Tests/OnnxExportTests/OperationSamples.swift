import GraphIR

/// Graphs of one operation each, over what its attributes can be.
enum OperationSamples {
  static var all: [(String, Graph)] {
    get throws {
      try images.map {
        ($0, try graph("%0 = input() : f32[2,6,9,8] \"x\"\n%1 = \($0) \"y\"\nreturn %1"))
      }
        + others.map { ($0, try graph($0)) }
        + windows.map { ("\($0)", try single($0)) }.filter { !$0.1.outputs.isEmpty }
    }
  }

  /// On one image.
  private static let images = [
    "relu(%0)", "leaky_relu(%0) slope=0.1", "clip(%0) lower=-0.5 upper=0.75",
    "clip(%0) lower=1 upper=-1", "sigmoid(%0)", "hard_sigmoid(%0) slope=0.3 offset=0.4",
    "softmax(%0)", "flatten(%0)", "global_average_pool(%0)", "reshape(%0) shape=[3,4,72]",
    "transpose(%0) order=[0,2,3,1]", "transpose(%0) order=[3,1,0,2]",
    "expand(%0) shape=[3,2,6,9,8]", "concatenate(%0)", "concatenate(%0, %0, %0)",
    "multiply(%0, %0)", "add(%0, %0)", "add(%0, %0) relu", "pad(%0) pad=1,0,2,3",
    "pad(%0) pad=2 value=-1.5", "pad(%0) pad=0,1,0,0 value=-inf",
    "pad_channels(%0) before=1 after=2", "pad_channels(%0) before=0 after=3 stride=2x2",
    "pad_channels(%0) before=2 after=0 stride=2x3", "batch_norm(%0) norm=bn(\"bn\", eps=0.01)",
    "batch_norm(%0) norm=bn(\"bn\") relu", "linear(%0) weight=\"w\" features=5 pooled",
    "linear(%0) weight=\"w\" bias=\"b\" features=5 pooled",
    "conv(%0) weight=\"w\" bias=\"b\" channels=4 kernel=3x2 stride=2x1 pad=1,0,2,1 dilation=1x2",
    "conv(%0) weight=\"w\" channels=6 kernel=3x3 pad=1 groups=3",
    "conv(%0) weight=\"w\" channels=12 kernel=1x1 groups=6 relu",
    "conv(%0) weight=\"w\" channels=4 kernel=1x1 input_norm=bn(\"a\") norms=[bn(\"b\"), bn(\"c\")]",
    "conv(%0, %0) weight=\"w\" channels=6 kernel=3x3 pad=1 residual relu",
    "conv(%0) weight=\"w\" channels=6 kernel=3x3 stride=2x2 pad=1 norms=[bn(\"b\")] relu "
      + "max_pool=(kernel=3x3 stride=2x2 pad=1)",
    "conv(%0, %0) weight=\"w\" channels=6 kernel=1x1 residual max_pool=(kernel=2x2 stride=3x2 ceil)",
  ]

  /// Of several nodes, and on what is no image.
  private static let others = [
    """
    %0 = input() : f32[2,3,4,5] "x"
    %1 = global_average_pool(%0) "factors"
    %2 = multiply(%0, %1) "y"
    %3 = scaled_add(%0, %1, %2) "z"
    %4 = scaled_add(%0, %1, %3) relu "end"
    return %2, %3, %4
    """,
    """
    %0 = input() : f32[2,3,4] "x"
    %1 = input() : f32[2,3,1,1] "factors"
    %2 = multiply(%0, %1) "y"
    %3 = softmax(%2) "softmax"
    %4 = batch_norm(%3) norm=bn("bn") "bn"
    return %4
    """,
    """
    %0 = input() : f32[2,12] "x"
    %1 = softmax(%0) "softmax"
    %2 = linear(%1) weight="w" features=7 "linear"
    %3 = batch_norm(%2) norm=bn("bn") "bn"
    %4 = linear(%3) weight="v" bias="b" features=2 "end"
    return %4
    """,
    """
    %0 = constant() name="table" shape=[1,3,1,1] "table"
    %1 = input() : f32[2,3,4,4] "x"
    %2 = expand(%0) shape=[2,3,4,4] "expanded"
    %3 = add(%1, %2) "sum"
    %4 = concatenate(%3, %1) "joined"
    return %4, %0
    """,
    """
    %0 = input() : f32[1,3,2,2] "x"
    %1 = input() : f32[1,3,2,2] "y"
    %2 = add(%1, %0) "sum"
    return %2, %0, %2, %1
    """,
    """
    %0 = input() : f32[1,1] "x"
    %1 = reshape(%0) shape=[] "number"
    %2 = sigmoid(%1) "y"
    %3 = flatten(%2) "z"
    return %3
    """,
    """
    %0 = input() : f32[3] "x"
    %1 = expand(%0) shape=[2,3] "rows"
    %2 = transpose(%1) order=[1,0] "columns"
    %3 = reshape(%2) shape=[6] "list"
    return %3
    """,
  ]

  /// Every maximum and average of windows that a small image can have, as far as they differ in what
  /// is beyond the image.
  private static var windows: [Op] {
    var all: [Op] = []
    for (kernel, stride, dilation) in [(2, 2, 1), (3, 2, 1), (3, 3, 1), (2, 1, 2), (2, 2, 3)] {
      for padding in [
        Padding(0), Padding(1), Padding(top: 0, left: 1, bottom: 1, right: 0), Padding(2),
      ] {
        for ceil in [false, true] {
          let pool = Pooling(
            kernel: Extent(kernel), stride: Extent(stride), padding: padding,
            dilation: Extent(dilation), ceilMode: ceil)
          all.append(.maxPool(pool))
          all.append(.averagePool(AveragePooling(window: pool)))
          guard max(padding.top, padding.bottom) < kernel else { continue }
          all.append(.averagePool(AveragePooling(window: pool, countIncludesPadding: false)))
        }
      }
    }
    return all
  }

  /// A graph of one operation on an odd and an even side; one that a window does not fit in is left
  /// out of it.
  private static func single(_ op: Op) throws -> Graph {
    var graph = Graph(name: "windows")
    for (index, sides) in [(7, 8), (5, 6), (6, 9)].enumerated() {
      let x = graph.appendInput(TensorType([1, 2, sides.0, sides.1]), name: "x\(index)")
      guard let y = try? graph.append(op, [x], name: "y\(index)") else { continue }
      graph.outputs.append(y)
    }
    return graph
  }
}
