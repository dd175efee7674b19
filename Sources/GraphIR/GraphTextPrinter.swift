// The textual form of a graph, printed. `GraphTextParser` reads it back; the two are kept inverse
// by a test over random graphs.
//
//     graph tiny {
//       %0 = input() : f32[1,3,8,8] "input"
//       %1 = conv(%0) weight="conv1.weight" channels=16 kernel=3x3 pad=1 norms=[bn("bn1")] relu
//         : f32[1,16,8,8] "conv1"
//       return %1
//     }
//
// (In print, a node is one line.) An attribute at its default is left out: stride 1x1, padding 0,
// dilation 1x1, one group, ε = 1e-5, and every flag that is false.

extension NodeID: CustomStringConvertible {
  /// The value as the textual form names it, such as `%3`.
  public var description: String { "%\(index)" }
}

extension Graph: CustomStringConvertible {
  /// The textual form, without source ranges.
  public var description: String { text() }

  /// The graph in its textual form, which `Graph(parsing:)` reads back to an equal graph.
  ///
  /// - Parameter includingSources: also print the places in the spec that each node came from;
  ///   without them they are lost on reading back.
  public func text(includingSources: Bool = false) -> String {
    var lines = ["graph \(GraphText.word(name)) {"]
    for id in nodeIDs {
      lines.append("  \(id) = " + GraphText.line(of: self[id], sources: includingSources))
    }
    let results = outputs.map(\.description).joined(separator: ", ")
    lines.append(results.isEmpty ? "  return" : "  return \(results)")
    lines.append("}")
    return lines.joined(separator: "\n") + "\n"
  }
}

/// How the parts of a graph are written.
enum GraphText {
  static func line(of node: Node, sources: Bool) -> String {
    let inputs = node.inputs.map(\.description).joined(separator: ", ")
    var line = "\(node.op.mnemonic)(\(inputs))"
    for attribute in attributes(of: node.op) { line += " " + attribute }
    line += " : \(node.type) \(quoted(node.name))"
    if sources, !node.sources.isEmpty {
      line += " from "
      line += node.sources.map { "\(quoted($0.file)):\($0.lower)..\($0.upper)" }
        .joined(separator: ", ")
    }
    return line
  }

  static func attributes(of op: Op) -> [String] {
    switch op {
    case .input, .relu, .multiply, .globalAveragePool, .flatten, .concatenate, .softmax:
      return []
    case .constant(let constant):
      return ["name=\(quoted(constant.name))", "shape=\(list(constant.shape.dimensions))"]
    case .activation(let activation):
      return attributes(of: activation)
    case .scaledAdd(let add):
      return flag("relu", add.relu)
    case .reshape(let shape), .expand(let shape):
      return ["shape=\(list(shape.dimensions))"]
    case .transpose(let transposition):
      return ["order=\(list(transposition.permutation))"]
    case .convolution(let conv):
      return attributes(of: conv)
    case .batchNorm(let batchNorm):
      return ["norm=\(norm(batchNorm.norm))"] + flag("relu", batchNorm.relu)
    case .add(let add):
      return flag("relu", add.relu)
    case .maxPool(let pool):
      return attributes(of: pool)
    case .averagePool(let pool):
      return attributes(of: pool.window) + flag("exclude_padding", !pool.countIncludesPadding)
    case .padChannels(let pad):
      return ["before=\(pad.before)", "after=\(pad.after)"] + unlessOne("stride", pad.stride)
    case .pad(let pad):
      let isPlainZero = pad.value.bitPattern == Float(0).bitPattern
      return ["pad=\(padding(pad.padding))"] + (isPlainZero ? [] : ["value=\(pad.value)"])
    case .linear(let linear):
      return ["weight=\(quoted(linear.weight))"]
        + (linear.bias.map { ["bias=\(quoted($0))"] } ?? [])
        + ["features=\(linear.outputFeatures)"] + flag("pooled", linear.pooled)
    }
  }

  private static func attributes(of conv: Convolution) -> [String] {
    var all = ["weight=\(quoted(conv.weight))"]
    if let bias = conv.bias { all.append("bias=\(quoted(bias))") }
    all.append("channels=\(conv.outputChannels)")
    all.append("kernel=\(extent(conv.kernel))")
    all += unlessOne("stride", conv.stride)
    if !conv.padding.isZero { all.append("pad=\(padding(conv.padding))") }
    all += unlessOne("dilation", conv.dilation)
    if conv.groups != 1 { all.append("groups=\(conv.groups)") }
    if let inputNorm = conv.inputNorm { all.append("input_norm=\(norm(inputNorm))") }
    if let projection = conv.projection {
      all.append("projection=(\(attributes(of: projection).joined(separator: " ")))")
    }
    all += norms(conv.outputNorms)
    all += flag("scaled", conv.epilogue.scales)
    all += flag("residual", conv.epilogue.addsResidual) + flag("relu", conv.epilogue.relu)
    if let pool = conv.epilogue.maxPool {
      all.append("max_pool=(\(attributes(of: pool).joined(separator: " ")))")
    }
    return all
  }

  private static func attributes(of projection: Projection) -> [String] {
    ["weight=\(quoted(projection.weight))"]
      + (projection.bias.map { ["bias=\(quoted($0))"] } ?? [])
      + ["channels=\(projection.channels)"] + norms(projection.norms)
  }

  private static func attributes(of activation: Activation) -> [String] {
    switch activation {
    case .leakyReLU(let slope): ["slope=\(slope)"]
    case .clip(let lower, let upper): ["lower=\(lower)", "upper=\(upper)"]
    case .sigmoid: []
    case .hardSigmoid(let slope, let offset): ["slope=\(slope)", "offset=\(offset)"]
    }
  }

  private static func attributes(of pool: Pooling) -> [String] {
    ["kernel=\(extent(pool.kernel))"] + unlessOne("stride", pool.stride)
      + (pool.padding.isZero ? [] : ["pad=\(padding(pool.padding))"])
      + unlessOne("dilation", pool.dilation) + flag("ceil", pool.ceilMode)
  }

  private static func norms(_ norms: [Normalization]) -> [String] {
    norms.isEmpty ? [] : ["norms=[\(norms.map(norm).joined(separator: ", "))]"]
  }

  /// `[1,64,7,7]`
  private static func list(_ numbers: [Int]) -> String {
    "[" + numbers.map(String.init).joined(separator: ",") + "]"
  }

  private static func flag(_ name: String, _ isSet: Bool) -> [String] { isSet ? [name] : [] }

  private static func unlessOne(_ name: String, _ value: Extent) -> [String] {
    value == Extent(1) ? [] : ["\(name)=\(extent(value))"]
  }

  private static func extent(_ value: Extent) -> String { "\(value.height)x\(value.width)" }

  /// One number if all sides are equal, otherwise top, left, bottom, right.
  private static func padding(_ p: Padding) -> String {
    p == Padding(p.top) ? "\(p.top)" : "\(p.top),\(p.left),\(p.bottom),\(p.right)"
  }

  /// `bn("prefix")` where the four vectors have PyTorch's names, otherwise each name in full.
  private static func norm(_ norm: Normalization) -> String {
    let prefix = String(norm.weight.dropLast(".weight".count))
    let names =
      Normalization(prefix: prefix, epsilon: norm.epsilon) == norm
      ? quoted(prefix)
      : "weight=\(quoted(norm.weight)), bias=\(quoted(norm.bias)), "
        + "mean=\(quoted(norm.runningMean)), var=\(quoted(norm.runningVariance))"
    return norm.epsilon == 1e-5 ? "bn(\(names))" : "bn(\(names), eps=\(norm.epsilon))"
  }

  /// The string as one bare word if it can be, otherwise quoted.
  static func word(_ string: String) -> String {
    let isBare =
      !string.isEmpty && string.utf8.allSatisfy(GraphTextLexer.isWordByte)
    return isBare ? string : quoted(string)
  }

  static func quoted(_ string: String) -> String {
    var result = "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case "\r": result += "\\r"
      case _ where scalar.value < 0x20 || scalar.value == 0x7F:
        result += "\\u{\(String(scalar.value, radix: 16))}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
