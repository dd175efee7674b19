import GraphIR
import KernelPlanning
import MachineModel

/// What `elementwise.c` needs.
struct ElementwiseView {
  /// The strides of one operand.
  struct Operand {
    var image: Int
    var plane: Int
    var row: Int

    init(_ format: BufferFormat) {
      image = format.imageStride
      plane = format.planeStride
      row = format.rowStride
    }
  }

  /// Channels that fill the last panel, which stay zero.
  struct Filling {
    var first: Int
    /// Whether channel `c` of the plane is one of them, in C.
    var condition: String
  }

  var comment: [LineView]
  var name: String
  /// The function's, in lines.
  var parameters: [LineView]
  var height: Int
  var width: Int
  var planes: Int
  /// Channels that lie in a plane side by side.
  var planeChannels: Int
  /// Whether pixels lie side by side, not channels.
  var planar: Bool
  var x: Operand
  var elementFactor: Operand?
  var channelFactor: Operand?
  var addend: Operand?
  var out: Operand
  var affine: Bool
  /// What is done to a vector `v`, one line of C each.
  var operations: [LineView]
  var filling: Filling?

  init(
    _ map: Elementwise, _ instructionSet: InstructionSet, name: String, comment: [String]
  ) {
    let output = map.output
    self.name = name
    self.comment = blockComment(comment)
    let operands = [
      "in", map.factor == nil ? nil : "factor", map.addend == nil ? nil : "addend",
    ].compactMap(\.self)
    let parameters =
      operands.map { "const float *\($0)," }
      + (map.affine ? ["const float *restrict scale,", "const float *restrict shift,"] : [])
      + ["float *out,", "struct share share"]
    self.parameters = CExpression.wrapped(
      parameters, prefix: "", suffix: ") {", indent: 4, hanging: 0
    ).map(LineView.init)
    height = output.height
    width = output.width
    planes = output.planes
    planeChannels = output.pixelStride
    planar = output.layout == .nchw
    x = Operand(map.x)
    switch map.factor {
    case .elements(let format): elementFactor = Operand(format)
    case .channels(let format):
      var factor = Operand(format)
      factor.plane = planar ? format.channelStride : format.panelStride
      channelFactor = factor
    case nil: break
    }
    addend = map.addend.map(Operand.init)
    out = Operand(output)
    affine = map.affine
    operations = map.operations(instructionSet).map(LineView.init)
    if map.changesZero, output.storedChannels > output.channels {
      filling = Filling(
        first: output.layout == .nhwc ? output.channels : output.channels % panelWidth,
        condition: "c < \(planeChannels)"
          + (output.planes == 1 ? "" : " && plane == \(output.planes - 1)"))
    }
  }
}

extension Elementwise {
  /// One line of C for each operation on the vector `v`.
  fileprivate func operations(_ set: InstructionSet) -> [String] {
    let planar = output.layout == .nchw
    /// A vector of an operand that lies as x does.
    func element(_ name: String) -> String {
      planar ? "load_some(\(name) + i, count)" : "\(set.load)(\(name) + i)"
    }
    /// A vector of numbers of which each channel has one.
    func channel(_ name: String, _ offset: String) -> String {
      planar ? name : "\(set.load)(\(offset))"
    }
    var lines: [String] = []
    if affine {
      let (scale, shift) = (channel("k", "k + c"), channel("d", "d + c"))
      lines.append("v = \(set.fma)(v, \(scale), \(shift));")
    }
    let operand: String? =
      switch factor {
      case .elements: element("f")
      case .channels: channel("f", "f + c")
      case nil: nil
      }
    switch (operand, addend) {
    case (let factor?, _?): lines.append("v = \(set.fma)(v, \(factor), \(element("b")));")
    case (let factor?, nil): lines.append("v = \(set.mul)(v, \(factor));")
    case (nil, _?): lines.append("v = \(set.add)(v, \(element("b")));")
    case (nil, nil): break
    }
    if relu { lines.append("v = \(set.max)(\(set.zero)(), v); /* in this order a NaN stays */") }
    return lines + (activation?.operations(set) ?? [])
  }
}

extension Activation {
  /// The function of the vector `v` in C. Bounds come before values, so that a NaN stays.
  fileprivate func operations(_ set: InstructionSet) -> [String] {
    func constant(_ value: Float) -> String { "\(set.broadcast)(\(CExpression.float(value)))" }
    func clipped(_ lower: Float, _ upper: Float) -> [String] {
      [
        lower > -.infinity ? "v = \(set.max)(\(constant(lower)), v);" : nil,
        upper < .infinity ? "v = \(set.min)(\(constant(upper)), v);" : nil,
      ].compactMap(\.self)
    }
    switch self {
    case .leakyReLU(let slope):
      return [
        "const \(set.vectorType) negative = \(set.min)(\(set.zero)(), v);",
        "v = \(set.fma)(\(constant(slope)), negative, \(set.max)(\(set.zero)(), v));",
      ]
    case .clip(let lower, let upper): return clipped(lower, upper)
    case .sigmoid: return ["v = sigmoid(v);"]
    case .hardSigmoid(let slope, let offset):
      return ["v = \(set.fma)(\(constant(slope)), v, \(constant(offset)));"] + clipped(0, 1)
    }
  }
}

extension Elementwise {
  /// What is done, in words.
  var title: String {
    var words = parts.joined(separator: ", ").replacing("_", with: " ")
    switch activation {
    case .leakyReLU(let slope): words += " with slope \(slope)"
    case .clip(let lower, let upper): words += " to \(lower) … \(upper)"
    case .hardSigmoid(let slope, let offset): words += " \(slope) · x + \(offset)"
    case .sigmoid, nil: break
    }
    return words.prefix(1).uppercased() + words.dropFirst()
  }
}
