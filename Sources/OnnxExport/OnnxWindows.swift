import GraphIR
import OnnxSchema

/// What works on windows of an image, and paddings.
extension OnnxGraphBuilder {
  mutating func appendConvolution(_ conv: Convolution, _ inputs: [OnnxValue]) {
    var x = append(
      "Conv", [inputs[0].name] + operands,
      [
        .integers("dilations", conv.dilation.list), .integer("group", conv.groups),
        .integers("kernel_shape", conv.kernel.list), .integers("pads", conv.padding.list),
        .integers("strides", conv.stride.list),
      ])
    nameAfterNode()
    if conv.epilogue.scales, let factors = inputs.last { x = append("Mul", [x, factors.name]) }
    if conv.epilogue.addsResidual { x = append("Add", [x, inputs[1].name]) }
    if conv.epilogue.relu { x = append("Relu", [x]) }
    guard let pool = conv.epilogue.maxPool else { return }
    var whole = conv
    whole.epilogue = Epilogue()
    // A graph that was verified has a shape for it.
    let shape =
      (try? inferType(of: .convolution(whole), inputs: [TensorType(inputs[0].shape)]).shape) ?? []
    appendMaxPool(pool, OnnxValue(x, shape))
  }

  @discardableResult
  mutating func appendMaxPool(_ pool: Pooling, _ x: OnnxValue) -> String {
    var (pool, x) = (pool.withAgreedRounding(on: x.shape), x.name)
    if !pool.padding.isLess(than: pool.kernel) {
      // ONNX Runtime refuses that, which only a dilated window can have.
      x = appendPad(x, pool.padding, value: -.infinity)
      pool.padding = .zero
    }
    return append("MaxPool", [x], pool.attributes + [.integers("dilations", pool.dilation.list)])
  }

  /// Padding that counts in the divisor becomes zeros of the image where windows reach beyond it:
  /// runtimes have disagreed about whether what lies there counts.
  ///
  /// - Throws: `OnnxExportError.noOperation`.
  mutating func appendAveragePool(
    _ averagePool: AveragePooling, _ image: OnnxValue, of node: Node
  ) throws(OnnxExportError) {
    var (x, counts) = (image.name, averagePool.countIncludesPadding)
    var pool = averagePool.window.withAgreedRounding(on: image.shape)
    let overhang = averagePool.window.overhang(on: image.shape)
    if counts, !overhang.isZero || !pool.padding.isLess(than: pool.kernel) {
      let padding = averagePool.window.padding
      if !padding.isZero { x = appendPad(x, padding, value: 0) }
      (pool.padding, pool.ceilMode, counts) = (overhang, false, false)
    }
    guard pool.padding.isLess(than: pool.kernel) else {
      throw .noOperation(
        node: node.name,
        reason: "ONNX Runtime has no average pool with a padding of its kernel's size or more")
    }
    var attributes = pool.attributes + [.integer("count_include_pad", counts ? 1 : 0)]
    if pool.dilation != Extent(1) {
      need(opset: 19)
      attributes.append(.integers("dilations", pool.dilation.list))
    }
    append("AveragePool", [x], attributes)
  }

  @discardableResult
  mutating func appendPad(_ x: String, _ padding: Padding, value: Float) -> String {
    appendPad(
      x, before: [0, 0, padding.top, padding.left], after: [0, 0, padding.bottom, padding.right],
      value: value)
  }

  private mutating func appendPad(
    _ x: String, before: [Int], after: [Int], value: Float
  ) -> String {
    append("Pad", [x, constant("pads", before + after), constant("value", value)])
  }

  /// Rows and columns are left out by a max-pool whose window is one pixel, which runtimes do in any
  /// layout.
  mutating func appendChannelPadding(_ padding: ChannelPadding, _ x: OnnxValue) {
    var name = x.name
    if padding.stride != Extent(1) {
      name = appendMaxPool(Pooling(kernel: Extent(1), stride: padding.stride), x)
    }
    _ = appendPad(
      name, before: [0, padding.before, 0, 0], after: [0, padding.after, 0, 0], value: 0)
  }
}

extension Extent {
  fileprivate var list: [Int] { [height, width] }
}

extension Padding {
  /// In the order of ONNX: all beginnings, then all ends.
  fileprivate var list: [Int] { [top, left, bottom, right] }

  fileprivate func isLess(than kernel: Extent) -> Bool {
    max(top, bottom) < kernel.height && max(left, right) < kernel.width
  }
}

extension Pooling {
  /// Rows and columns that windows reach beyond the padded image, as they can when their number is
  /// rounded up.
  fileprivate func overhang(on shape: Shape) -> Padding {
    // A graph that was verified has a shape for it.
    let result = (try? inferType(of: .maxPool(self), inputs: [TensorType(shape)]).shape) ?? shape
    let bottom =
      (result.height - 1) * stride.height + span.height
      - (padding.top + shape.height + padding.bottom)
    let right =
      (result.width - 1) * stride.width + span.width - (padding.left + shape.width + padding.right)
    return Padding(top: 0, left: 0, bottom: max(bottom, 0), right: max(right, 0))
  }

  /// The same windows in words that all versions of ONNX understand alike. They round the number of
  /// windows up differently where the last would start outside the image and its leading padding; so
  /// this rounds down, and the other windows that reach beyond the image become padding.
  fileprivate func withAgreedRounding(on shape: Shape) -> Pooling {
    guard ceilMode else { return self }
    let overhang = overhang(on: shape)
    func comesOutEven(_ size: Int, _ span: Int, _ stride: Int) -> Bool {
      (size - span).isMultiple(of: stride)
    }
    let height = padding.top + shape.height + padding.bottom
    let width = padding.left + shape.width + padding.right
    if overhang.bottom > 0 || comesOutEven(height, span.height, stride.height),
      overhang.right > 0 || comesOutEven(width, span.width, stride.width)
    {
      return self
    }
    var pool = self
    pool.ceilMode = false
    pool.padding.bottom += overhang.bottom
    pool.padding.right += overhang.right
    return pool
  }

  /// What maximum and average have in common.
  fileprivate var attributes: [Onnx_AttributeProto] {
    [
      .integer("ceil_mode", ceilMode ? 1 : 0), .integers("kernel_shape", kernel.list),
      .integers("pads", padding.list), .integers("strides", stride.list),
    ]
  }
}
