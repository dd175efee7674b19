import GraphIR

/// Builds the kernel that computes a node between buffers of given formats.
struct KernelSelection {
  var graph: Graph

  /// - Parameters:
  ///   - inputs: one format an input of the node; for what is read from the caller, that of the
  ///     caller's array; for a constant, that of the weights file.
  func kernel(
    for id: NodeID, algorithm: Algorithm, inputs: [BufferFormat], output: BufferFormat
  ) -> Kernel {
    let node = graph[id]
    let x = inputs[0]
    if graph.isReadFromCaller(id) { return .copy(Copy(from: x, to: output)) }
    if graph.isWrittenToCaller(id) {
      return .copy(Copy(from: x, to: graph.callerFormat(written: id).format))
    }
    switch node.op {
    case .input, .constant:
      return .copy(Copy(from: x, to: output))
    case .flatten, .reshape:
      return .rearrangement(
        Rearrangement(
          reshaping: graph[node.inputs[0]].type.shape, in: x, to: node.type.shape, in: output))
    case .transpose(let transposition):
      return .rearrangement(
        Rearrangement(
          transposing: graph[node.inputs[0]].type.shape, in: x, by: transposition, to: output))
    case .expand:
      return .rearrangement(
        Rearrangement(
          expanding: graph[node.inputs[0]].type.shape, in: x, to: node.type.shape, in: output))
    case .concatenate:
      return .concatenation(Concatenation(inputs: inputs, output: output))
    case .convolution(let conv):
      let residual = conv.epilogue.addsResidual ? inputs[1] : nil
      let result = conv.resultExtent(of: x)
      if case .winograd(let outputs, let kernelTransform) = algorithm,
        let (rows, columns) = conv.winogradAxes(outputs: outputs, channels: x.storedChannels)
      {
        return .winograd(
          WinogradConvolution(
            input: x, output: output, resultHeight: result.height, resultWidth: result.width,
            residual: residual, padding: conv.padding, rows: rows, columns: columns,
            relu: conv.epilogue.relu, pool: conv.epilogue.maxPool, kernelTransform: kernelTransform)
        )
      }
      if algorithm == .grouped {
        return .grouped(
          GroupedConvolution(
            input: x, output: output, kernel: conv.kernel, stride: conv.stride,
            padding: conv.padding, dilation: conv.dilation,
            groupWidth: conv.outputChannels / conv.groups, residual: residual,
            relu: conv.epilogue.relu))
      }
      var kernel = convolution(conv, x, output, residual: residual, result: result)
      kernel.factors = conv.epilogue.scales ? inputs.last : nil
      return .convolution(kernel)
    case .linear(let linear):
      let conv = Convolution(
        outputChannels: linear.outputFeatures, kernel: Extent(1), weight: linear.weight,
        bias: linear.bias)
      guard linear.pooled else {
        return .convolution(convolution(conv, x, output, residual: nil, result: Extent(1)))
      }
      let means = BufferFormat([x.batch, x.channels], layout: .nhwc)
      return .pooledLinear(
        PooledLinear(
          pool: GlobalPool(input: x, output: means),
          product: convolution(conv, means, output, residual: nil, result: Extent(1))))
    case .batchNorm(let norm):
      var map = Elementwise(x: x, output: output)
      map.affine = true
      map.relu = norm.relu
      return .elementwise(map)
    case .relu:
      var map = Elementwise(x: x, output: output)
      map.relu = true
      return .elementwise(map)
    case .activation(let activation):
      var map = Elementwise(x: x, output: output)
      map.activation = activation
      return .elementwise(map)
    case .add(let add):
      var map = Elementwise(x: x, output: output)
      map.addend = inputs[1]
      map.relu = add.relu
      return .elementwise(map)
    case .multiply:
      var map = Elementwise(x: x, output: output)
      let isOfOneShape = graph[node.inputs[1]].type.shape == node.type.shape
      map.factor = isOfOneShape ? .elements(inputs[1]) : .channels(inputs[1])
      return .elementwise(map)
    case .scaledAdd(let add):
      var map = Elementwise(x: x, output: output)
      map.factor = .channels(inputs[1])
      map.addend = inputs[2]
      map.relu = add.relu
      return .elementwise(map)
    case .maxPool(let window):
      return .pool(PoolKernel(kind: .maximum, window: window, input: x, output: output))
    case .averagePool(let pool):
      return .pool(
        PoolKernel(
          kind: .average(countIncludesPadding: pool.countIncludesPadding), window: pool.window,
          input: x, output: output))
    case .globalAveragePool:
      return .globalPool(GlobalPool(input: x, output: output))
    case .padChannels(let pad):
      var copy = Copy(from: x, to: output)
      copy.channelShift = pad.before
      copy.stride = pad.stride
      return .copy(copy)
    case .pad(let pad):
      var copy = Copy(from: x, to: output)
      copy.rowShift = pad.padding.top
      copy.columnShift = pad.padding.left
      copy.fill = pad.value
      return .copy(copy)
    case .softmax:
      return .softmax(SoftmaxKernel(input: x, output: output))
    }
  }

  /// - Parameter result: the convolution's result, before a fused pool.
  private func convolution(
    _ conv: Convolution, _ x: BufferFormat, _ output: BufferFormat, residual: BufferFormat?,
    result: Extent
  ) -> DirectConvolution {
    let ranges = channelRanges(conv, input: x)
    return DirectConvolution(
      input: x, output: output, resultHeight: result.height, resultWidth: result.width,
      kernel: conv.kernel, stride: conv.stride, padding: conv.padding, dilation: conv.dilation,
      groups: conv.groups, reduction: Reduction(conv, input: x, channels: ranges.count),
      firstChannel: ranges.first, residual: residual, relu: conv.epilogue.relu,
      pool: conv.epilogue.maxPool)
  }

  /// The channels that each panel of output channels reads. All panels read equally many: a panel
  /// that spans several narrow groups reads the channels of all of them, with zero weights between
  /// (block-diagonal packing), and where channels lie in blocks it reads whole blocks.
  private func channelRanges(_ conv: Convolution, input: BufferFormat) -> (first: [Int], count: Int)
  {
    let panels = (conv.outputChannels + panelWidth - 1) / panelWidth
    if conv.groups == 1 {
      // Filling channels are skipped, except where a run of channels goes on with the next pixel.
      let skipsFilling =
        input.layout == .nchw || (input.layout == .nhwc && conv.kernel.width == 1)
      let count = skipsFilling ? input.channels : input.storedChannels
      return ([Int](repeating: 0, count: panels), count)
    }
    let groupInputs = input.channels / conv.groups
    let groupOutputs = conv.outputChannels / conv.groups
    let align = input.layout == .blocked ? panelWidth : 1
    let ranges = (0..<panels).map { panel in
      let lastOutput = min((panel + 1) * panelWidth, conv.outputChannels) - 1
      let lower = panel * panelWidth / groupOutputs * groupInputs / align * align
      return lower..<roundUp((lastOutput / groupOutputs + 1) * groupInputs, to: align)
    }
    let count = ranges.map(\.count).max() ?? 0
    // A short range is extended, to the left where it ends at the last channel.
    return (ranges.map { min($0.lowerBound, input.storedChannels - count) }, count)
  }
}

extension Convolution {
  /// The extent of the result before a fused pool.
  func resultExtent(of input: BufferFormat) -> Extent {
    Extent(
      height: (input.height + padding.top + padding.bottom - (kernel.height - 1) * dilation.height
        - 1) / stride.height + 1,
      width: (input.width + padding.left + padding.right - (kernel.width - 1) * dilation.width - 1)
        / stride.width + 1)
  }
}
