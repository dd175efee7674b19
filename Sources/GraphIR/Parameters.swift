/// The name and shape of one tensor that a graph takes from the state dict.
public struct ParameterSpec: Hashable, Sendable {
  public var name: String
  public var shape: Shape

  public init(name: String, shape: Shape) {
    self.name = name
    self.shape = shape
  }
}

/// Where a graph's weights come from: a file, a formula, a test.
public protocol ParameterSource: Sendable {
  /// The elements of the tensor, row-major, as float32.
  ///
  /// - Throws: if the tensor is missing, has another shape, or holds a value that is not finite.
  func values(of parameter: ParameterSpec) throws -> [Float]
}

extension Graph {
  /// Every tensor the graph takes from the state dict, in order of first use, each once.
  public func parameters() -> [ParameterSpec] {
    var seen: Set<String> = []
    return nodes.flatMap(parameters(of:)).filter { seen.insert($0.name).inserted }
  }

  /// The tensors one node takes from the state dict.
  public func parameters(of node: Node) -> [ParameterSpec] {
    func vectors(_ norm: Normalization, _ channels: Int) -> [ParameterSpec] {
      [norm.weight, norm.bias, norm.runningMean, norm.runningVariance].map {
        ParameterSpec(name: $0, shape: [channels])
      }
    }
    func own(_ conv: Convolution, _ inputChannels: Int) -> [ParameterSpec] {
      var all = conv.inputNorm.map { vectors($0, inputChannels) } ?? []
      all.append(
        ParameterSpec(
          name: conv.weight,
          shape: [
            conv.outputChannels, inputChannels / conv.groups, conv.kernel.height,
            conv.kernel.width,
          ]))
      if let bias = conv.bias {
        all.append(ParameterSpec(name: bias, shape: [conv.outputChannels]))
      }
      return all + conv.outputNorms.flatMap { vectors($0, conv.outputChannels) }
    }
    if case .constant(let constant) = node.op {
      return [ParameterSpec(name: constant.name, shape: constant.shape)]
    }
    guard let x = node.inputs.first.map({ self[$0].type.shape }) else { return [] }
    switch node.op {
    case .convolution(let conv):
      guard let projection = conv.projection else { return own(conv, x.channels) }
      return own(projection.convolution, x.channels) + own(conv, projection.channels)
    case .batchNorm(let batchNorm):
      return vectors(batchNorm.norm, x.channels)
    case .linear(let linear):
      let features = linear.pooled ? x.channels : x.elementCount / max(x.batch, 1)
      var all = [ParameterSpec(name: linear.weight, shape: [linear.outputFeatures, features])]
      if let bias = linear.bias {
        all.append(ParameterSpec(name: bias, shape: [linear.outputFeatures]))
      }
      return all
    case .input, .constant, .relu, .activation, .add, .multiply, .scaledAdd, .maxPool, .averagePool,
      .globalAveragePool, .padChannels, .pad, .flatten, .reshape, .transpose, .expand, .concatenate,
      .softmax:
      return []
    }
  }
}
