import Foundation
import GraphIR
import ModelFiles
import OnnxExport
import OnnxSchema
import Testing

/// What is in an exported file, read back from its bytes.
@Suite("An exported model")
struct StructureTests {
  @Test("has a network's names, shapes and tensors")
  func names() throws {
    let model = try model(
      graph(
        """
        %0 = input() : f32[2,3,8,8] "image"
        %1 = conv(%0) weight="stem.conv.weight" bias="stem.conv.bias" channels=4 kernel=3x3 pad=1 \
        stride=2 "stem.conv"
        %2 = batch_norm(%1) norm=bn("stem.bn", eps=0.001) "stem.bn"
        %3 = relu(%2) "relu"
        %4 = global_average_pool(%3) "pool"
        %5 = flatten(%4) "embedding"
        %6 = linear(%5) weight="fc.weight" features=10 "fc"
        return %6, %5
        """, named: "net"))
    #expect(
      model.text == """
        stem.conv = Conv(image, stem.conv.weight, stem.conv.bias) dilations=[1, 1] group=1 \
        kernel_shape=[3, 3] pads=[1, 1, 1, 1] strides=[2, 2]
        stem.bn = BatchNormalization(stem.conv, stem.bn.weight, stem.bn.bias, \
        stem.bn.running_mean, stem.bn.running_var) epsilon=0.001
        relu = Relu(stem.bn)
        pool = GlobalAveragePool(relu)
        embedding = Flatten(pool) axis=1
        fc = Gemm(embedding, fc.weight) transB=1
        """)
    #expect(model.graph.name == "net")
    #expect(model.graph.node.map(\.name) == model.graph.node.flatMap(\.output))
    #expect(model.graph.input.map(\.described) == ["image [2, 3, 8, 8]"])
    #expect(model.graph.output.map(\.described) == ["fc [2, 10]", "embedding [2, 4]"])
    #expect(
      model.graph.valueInfo.map(\.described) == [
        "stem.conv [2, 4, 4, 4]", "stem.bn [2, 4, 4, 4]", "relu [2, 4, 4, 4]", "pool [2, 4, 1, 1]",
      ])
    #expect(
      model.graph.initializer.map { "\($0.name) \($0.dims)" } == [
        "stem.conv.weight [4, 3, 3, 3]", "stem.conv.bias [4]", "stem.bn.weight [4]",
        "stem.bn.bias [4]", "stem.bn.running_mean [4]", "stem.bn.running_var [4]",
        "fc.weight [10, 4]",
      ])
    let weight = try #require(model.graph.initializer.last)
    #expect(
      weight.rawData.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
        == SeededWeights().values(of: ParameterSpec(name: "fc.weight", shape: [10, 4])))
  }

  @Test("carries texts for who runs it")
  func properties() throws {
    let graph = try graph("%0 = input() : f32[1,3,8,8] \"x\"\n%1 = relu(%0) \"y\"\nreturn %1")
    let export = try OnnxExport(
      graph, properties: ["labels": "[]", "a": "b"], producerVersion: "1.2.3")
    var bytes = Data()
    try export.write(from: SeededWeights()) { bytes.append(contentsOf: $0) }
    let model = try Onnx_ModelProto(serializedBytes: bytes)
    #expect(model.metadataProps.map { "\($0.key)=\($0.value)" } == ["a=b", "labels=[]"])
  }

  @Test("says who wrote it, for which versions of ONNX")
  func versions() throws {
    let usual = try model(
      graph("%0 = input() : f32[1,3,8,8] \"x\"\n%1 = relu(%0) \"y\"\nreturn %1"))
    #expect(usual.producerName == "resnetc")
    #expect(usual.producerVersion == "1.2.3")
    #expect(usual.docString.hasPrefix("The network g, written by resnetc 1.2.3."))
    #expect(usual.opsetImport.map(\.version) == [17])
    #expect(usual.irVersion == 8)

    let dilated = try model(
      graph(
        """
        %0 = input() : f32[1,3,8,8] "x"
        %1 = average_pool(%0) kernel=2x2 dilation=2 "y"
        return %1
        """))
    #expect(dilated.opsetImport.map(\.version) == [19])
    #expect(dilated.irVersion == 9)
  }

  /// On an image `[1, 6, 7, 8]` called x; the result is y.
  static let operations: [(text: String, operations: String)] = [
    ("clip(%0) lower=0 upper=6", "y = Clip(x, 0.0, 6.0)"),
    ("leaky_relu(%0) slope=0.5", "y = LeakyRelu(x) alpha=0.5"),
    ("hard_sigmoid(%0) slope=0.25 offset=0.5", "y = HardSigmoid(x) alpha=0.25 beta=0.5"),
    ("add(%0, %0) relu", "y.add = Add(x, x)\ny = Relu(y.add)"),
    ("softmax(%0)", "y = Softmax(x) axis=1"),
    ("reshape(%0) shape=[6,56]", "y = Reshape(x, [6, 56])"),
    ("transpose(%0) order=[0,2,3,1]", "y = Transpose(x) perm=[0, 2, 3, 1]"),
    ("expand(%0) shape=[3,6,7,8]", "y = Expand(x, [3, 6, 7, 8])"),
    ("concatenate(%0, %0)", "y = Concat(x, x) axis=1"),
    ("pad(%0) pad=1,2,3,4 value=-inf", "y = Pad(x, [0, 0, 1, 2, 0, 0, 3, 4], -inf)"),
    ("pad_channels(%0) before=1 after=2", "y = Pad(x, [0, 1, 0, 0, 0, 2, 0, 0], 0.0)"),
    (
      "pad_channels(%0) before=1 after=2 stride=2x2",
      """
      y.maxpool = MaxPool(x) ceil_mode=0 kernel_shape=[1, 1] pads=[0, 0, 0, 0] strides=[2, 2] \
      dilations=[1, 1]
      y = Pad(y.maxpool, [0, 1, 0, 0, 0, 2, 0, 0], 0.0)
      """
    ),
    (
      "linear(%0) weight=\"w\" bias=\"b\" features=5 pooled",
      """
      y.globalaveragepool = GlobalAveragePool(x)
      y.flatten = Flatten(y.globalaveragepool) axis=1
      y = Gemm(y.flatten, w, b) transB=1
      """
    ),
    (
      "conv(%0, %0) weight=\"w\" channels=6 kernel=1x1 groups=2 input_norm=bn(\"a\") "
        + "norms=[bn(\"b\")] residual relu max_pool=(kernel=2x2 stride=2x2)",
      """
      y.conv = Conv(x, w, w.bias) dilations=[1, 1] group=2 kernel_shape=[1, 1] pads=[0, 0, 0, 0] \
      strides=[1, 1]
      y.add = Add(y.conv, x)
      y.relu = Relu(y.add)
      y = MaxPool(y.relu) ceil_mode=0 kernel_shape=[2, 2] pads=[0, 0, 0, 0] strides=[2, 2] \
      dilations=[1, 1]
      """
    ),
    (
      "average_pool(%0) kernel=2x2 stride=2x2 ceil exclude_padding",
      "y = AveragePool(x) ceil_mode=1 kernel_shape=[2, 2] pads=[0, 0, 0, 0] strides=[2, 2] "
        + "count_include_pad=0"
    ),
    (
      "max_pool(%0) kernel=4x4 stride=2x2 pad=1 ceil",
      "y = MaxPool(x) ceil_mode=1 kernel_shape=[4, 4] pads=[1, 1, 1, 1] strides=[2, 2] "
        + "dilations=[1, 1]"
    ),
    // A third window of columns would start outside the image.
    (
      "max_pool(%0) kernel=4x4 stride=2x5 pad=1 ceil",
      "y = MaxPool(x) ceil_mode=0 kernel_shape=[4, 4] pads=[1, 1, 2, 1] strides=[2, 5] "
        + "dilations=[1, 1]"
    ),
    (
      "max_pool(%0) kernel=2x2 pad=2 dilation=3",
      """
      y.pad = Pad(x, [0, 0, 2, 2, 0, 0, 2, 2], -inf)
      y = MaxPool(y.pad) ceil_mode=0 kernel_shape=[2, 2] pads=[0, 0, 0, 0] strides=[1, 1] \
      dilations=[3, 3]
      """
    ),
    // The last window of columns reaches beyond the padding, where nothing counts.
    (
      "average_pool(%0) kernel=3x3 stride=2x2 pad=1 ceil",
      """
      y.pad = Pad(x, [0, 0, 1, 1, 0, 0, 1, 1], 0.0)
      y = AveragePool(y.pad) ceil_mode=0 kernel_shape=[3, 3] pads=[0, 0, 0, 1] strides=[2, 2] \
      count_include_pad=0
      """
    ),
  ]

  @Test("has the operations that do what a node does", arguments: operations)
  func operation(text: String, operations: String) throws {
    let graph = try graph("%0 = input() : f32[1,6,7,8] \"x\"\n%1 = \(text) \"y\"\nreturn %1")
    #expect(try model(graph).text == operations)
  }

  @Test("repeats factors along what they are for")
  func factors() throws {
    let graph = try graph(
      """
      %0 = input() : f32[2,3,5] "x"
      %1 = input() : f32[2,3,1,1] "s"
      %2 = multiply(%0, %1) "y"
      return %2
      """)
    #expect(
      try model(graph).text == "y.reshape = Reshape(s, [2, 3, 1])\ny = Mul(x, y.reshape)")
  }

  @Test("copies outputs that are inputs, tensors or outputs already")
  func outputs() throws {
    let graph = try graph(
      """
      %0 = input() : f32[1,3,1,1] "x"
      %1 = constant() name="table" shape=[1,3,1,1] "t"
      %2 = add(%0, %1) "y"
      return %2, %2, %0, %1
      """)
    #expect(
      try model(graph).text == """
        y = Add(x, table)
        y_2 = Identity(y)
        x_2 = Identity(x)
        t = Identity(table)
        """)
  }

  @Test("calls outputs as the model does")
  func outputNames() throws {
    let graph = try graph(
      """
      %0 = input() : f32[1,3,1,1] "x"
      %1 = relu(%0) "layer1.0.relu"
      %2 = relu(%1) "layer1"
      return %1, %2, %1
      """)
    let export = try OnnxExport(
      graph, outputNames: ["layer1", "end", "copy"], producerVersion: "1.2.3")
    var bytes = Data()
    try export.write(from: SeededWeights()) { bytes.append(contentsOf: $0) }
    let model = try Onnx_ModelProto(serializedBytes: bytes)
    #expect(model.text == "layer1 = Relu(x)\nend = Relu(layer1)\ncopy = Identity(layer1)")
    #expect(model.graph.output.map(\.name) == ["layer1", "end", "copy"])
  }

  @Test("gives no two values one name")
  func unique() throws {
    let graph = try graph(
      """
      %0 = input() : f32[1,3,4,4] "w"
      %1 = conv(%0) weight="w" channels=3 kernel=1x1 relu "y"
      %2 = relu(%1) "y.conv"
      return %2
      """)
    #expect(
      try model(graph).text == """
        y = Conv(w_2, w) dilations=[1, 1] group=1 kernel_shape=[1, 1] pads=[0, 0, 0, 0] \
        strides=[1, 1]
        y.relu = Relu(y)
        y.conv = Relu(y.relu)
        """)
  }

  @Test("is refused where ONNX has no operation")
  func refusals() throws {
    let wide = try graph(
      """
      %0 = input() : f32[1,3,8,8] "x"
      %1 = average_pool(%0) kernel=2x2 pad=2 dilation=3 exclude_padding "pool"
      return %1
      """)
    let error = #expect(throws: OnnxExportError.self) { try exported(wide) }
    #expect(
      "\(try #require(error))" == "\"pool\" cannot be exported to ONNX: ONNX Runtime has no "
        + "average pool with a padding of its kernel's size or more")
    let half = try graph("%0 = input() : f16[1,5] \"x\"\n%1 = softmax(%0) \"y\"\nreturn %1")
    #expect(throws: OnnxExportError.self) { try exported(half) }
  }
}

extension Onnx_ValueInfoProto {
  fileprivate var described: String {
    let isFloat = type.tensorType.elemType == Onnx_TensorProto.DataType.float.rawValue
    return "\(name) \(type.tensorType.shape.dim.map(\.dimValue))" + (isFloat ? "" : " of no floats")
  }
}
