import GraphIR

/// A tensor of an exported model: one of the state dict, or what is made of several.
struct ExportedTensor: Sendable {
  var name: String
  var shape: Shape
  var contents: Contents

  enum Contents: Sendable {
    /// As the state dict has it.
    case stored(ParameterSpec)
    case weight(FoldedConvolution)
    case bias(FoldedConvolution)
  }

  var byteCount: Int { 4 * shape.elementCount }
}

/// A convolution whose weights include the norms around it, or a 1×1 convolution before it.
struct FoldedConvolution: Equatable, Sendable {
  /// What decides the weights; where they are used is left out.
  let convolution: Convolution
  let inputChannels: Int

  /// - Returns: nil if the weights are those of the state dict.
  init?(_ conv: Convolution, inputChannels: Int) {
    guard conv.inputNorm != nil || conv.projection != nil || !conv.outputNorms.isEmpty else {
      return nil
    }
    var alone = conv
    (alone.stride, alone.padding, alone.dilation) = (Extent(1), .zero, Extent(1))
    alone.epilogue = Epilogue()
    convolution = alone
    self.inputChannels = inputChannels
  }

  var weightShape: Shape {
    [
      convolution.outputChannels, inputChannels / convolution.groups, convolution.kernel.height,
      convolution.kernel.width,
    ]
  }

  var biasShape: Shape { [convolution.outputChannels] }

  /// The name of the bias, which the state dict need not have: `conv1.bias` beside `conv1.weight`.
  var biasName: String {
    if let bias = convolution.bias { return bias }
    let ending = ".weight"
    let weight = convolution.weight
    return (weight.hasSuffix(ending) ? String(weight.dropLast(ending.count)) : weight) + ".bias"
  }

  func weights(from source: some ParameterSource) throws -> FoldedWeights {
    try FoldedWeights(convolution, inputChannels: inputChannels, from: source)
  }
}

/// Computes the elements of tensors, one at a time.
struct TensorElements<Source: ParameterSource> {
  let source: Source
  /// Of the convolution folded last, whose weights come before its bias.
  private var bias: (convolution: FoldedConvolution, elements: [Double])?

  init(_ source: Source) { self.source = source }

  /// The elements, row-major.
  ///
  /// - Throws: what the source throws for a tensor that it lacks or refuses, `FoldingError`, or
  ///   `OnnxExportError.elementCount`.
  mutating func elements(of tensor: ExportedTensor) throws -> [Float] {
    let elements: [Float]
    switch tensor.contents {
    case .stored(let parameter):
      elements = try source.values(of: parameter)
    case .weight(let convolution):
      let folded = try convolution.weights(from: source)
      elements = folded.weight.map(Float.init)
      bias = (convolution, folded.bias)
    case .bias(let convolution):
      let known = bias.flatMap { $0.convolution == convolution ? $0.elements : nil }
      elements = try (known ?? convolution.weights(from: source).bias).map(Float.init)
    }
    guard elements.count == tensor.shape.elementCount else {
      throw OnnxExportError.elementCount(
        tensor: tensor.name, expected: tensor.shape.elementCount, found: elements.count)
    }
    if case .stored = tensor.contents { return elements }
    guard elements.allSatisfy(\.isFinite) else { throw FoldingError.overflow(tensor: tensor.name) }
    return elements
  }
}
