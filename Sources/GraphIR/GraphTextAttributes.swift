import Diagnostics

/// One attribute of an operation in the textual form: a flag, or a key with a setting.
private struct Attribute<Root> {
  var key: String
  var isFlag: Bool
  var isRequired: Bool
  /// Reads the setting, of which a flag has none, into the operation's payload.
  var read: (inout GraphTextParser, inout Root) throws -> Void

  static func flag(_ key: String, _ path: WritableKeyPath<Root, Bool>, means value: Bool = true)
    -> Self
  {
    Attribute(key: key, isFlag: true, isRequired: false) { _, root in root[keyPath: path] = value }
  }

  static func setting<Value>(
    _ key: String, _ path: WritableKeyPath<Root, Value>, required: Bool = false,
    _ read: @escaping (inout GraphTextParser) throws -> Value
  ) -> Self {
    Attribute(key: key, isFlag: false, isRequired: required) { parser, root in
      root[keyPath: path] = try read(&parser)
    }
  }

  static func required<Value>(
    _ key: String, _ path: WritableKeyPath<Root, Value>,
    _ read: @escaping (inout GraphTextParser) throws -> Value
  ) -> Self {
    setting(key, path, required: true, read)
  }
}

// The attributes of each payload. A payload whose attributes are all read is complete.
extension Attribute<Convolution> {
  static var all: [Self] {
    [
      .required("weight", \.weight, Setting.string), .setting("bias", \.bias, Setting.string),
      .required("channels", \.outputChannels, Setting.integer),
      .required("kernel", \.kernel, Setting.extent), .setting("stride", \.stride, Setting.extent),
      .setting("pad", \.padding, Setting.padding), .setting("dilation", \.dilation, Setting.extent),
      .setting("groups", \.groups, Setting.integer),
      .setting("input_norm", \.inputNorm, Setting.norm),
      .setting("projection", \.projection, Setting.projection),
      .setting("norms", \.outputNorms, Setting.norms), .flag("scaled", \.epilogue.scales),
      .flag("residual", \.epilogue.addsResidual), .flag("relu", \.epilogue.relu),
      .setting("max_pool", \.epilogue.maxPool, Setting.pooling),
    ]
  }
}

extension Attribute<Projection> {
  static var all: [Self] {
    [
      .required("weight", \.weight, Setting.string), .setting("bias", \.bias, Setting.string),
      .required("channels", \.channels, Setting.integer), .setting("norms", \.norms, Setting.norms),
    ]
  }
}

extension Attribute<BatchNorm> {
  static var all: [Self] {
    [.required("norm", \.norm, Setting.norm), .flag("relu", \.relu)]
  }
}

extension Attribute<Pooling> {
  static var all: [Self] {
    [
      .required("kernel", \.kernel, Setting.extent), .setting("stride", \.stride, Setting.extent),
      .setting("pad", \.padding, Setting.padding), .setting("dilation", \.dilation, Setting.extent),
      .flag("ceil", \.ceilMode),
    ]
  }
}

extension Attribute<AveragePooling> {
  static var all: [Self] {
    Attribute<Pooling>.all.map { attribute in
      Attribute(key: attribute.key, isFlag: attribute.isFlag, isRequired: attribute.isRequired) {
        try attribute.read(&$0, &$1.window)
      }
    } + [.flag("exclude_padding", \.countIncludesPadding, means: false)]
  }
}

extension Attribute<ChannelPadding> {
  static var all: [Self] {
    [
      .required("before", \.before, Setting.integer), .required("after", \.after, Setting.integer),
      .setting("stride", \.stride, Setting.extent),
    ]
  }
}

extension Attribute<SpatialPadding> {
  static var all: [Self] {
    [
      .required("pad", \.padding, Setting.padding),
      .setting("value", \.value) { try Setting.number(&$0, Float.init) },
    ]
  }
}

extension Attribute<Constant> {
  static var all: [Self] {
    [.required("name", \.name, Setting.string), .required("shape", \.shape, Setting.shape)]
  }
}

/// The constants of an activation, by the names that the textual form gives them.
private struct ActivationConstants {
  var slope: Float = 0
  var offset: Float = 0
  var lower: Float = 0
  var upper: Float = 0
}

extension Attribute<ActivationConstants> {
  static func constant(_ key: String, _ path: WritableKeyPath<Root, Float>) -> Self {
    .required(key, path) { try Setting.number(&$0, Float.init) }
  }
}

extension Attribute<Linear> {
  static var all: [Self] {
    [
      .required("weight", \.weight, Setting.string), .setting("bias", \.bias, Setting.string),
      .required("features", \.outputFeatures, Setting.integer), .flag("pooled", \.pooled),
    ]
  }
}

extension Op {
  /// Every name that `mnemonic` can give.
  static let mnemonics = [
    "input", "constant", "conv", "batch_norm", "relu", "leaky_relu", "clip", "sigmoid",
    "hard_sigmoid", "add", "multiply", "scaled_add", "max_pool", "average_pool",
    "global_average_pool", "pad_channels", "pad", "flatten", "reshape", "transpose", "expand",
    "concatenate", "linear", "softmax",
  ]
}

extension Pooling {
  fileprivate static let blank = Pooling(kernel: Extent(1), stride: Extent(1))
}

extension GraphTextParser {
  /// The attributes of the operation whose name and operands have been read.
  mutating func operation(_ mnemonic: String, at start: GraphTextToken) throws -> Op {
    func read<Root>(_ blank: Root, _ attributes: [Attribute<Root>], by parser: inout Self) throws
      -> Root
    {
      try parser.payload(blank, attributes, of: mnemonic, at: start)
    }
    let blankNorm = Normalization(prefix: "")
    switch mnemonic {
    case "conv":
      let blank = Convolution(outputChannels: 1, kernel: Extent(1), weight: "")
      return .convolution(try read(blank, Attribute.all, by: &self))
    case "batch_norm":
      return .batchNorm(try read(BatchNorm(blankNorm), Attribute.all, by: &self))
    case "constant":
      return .constant(try read(Constant(name: "", shape: []), Attribute.all, by: &self))
    case "leaky_relu":
      let read = try read(
        ActivationConstants(), [.constant("slope", \.slope)], by: &self)
      return .activation(.leakyReLU(slope: read.slope))
    case "clip":
      let read = try read(
        ActivationConstants(), [.constant("lower", \.lower), .constant("upper", \.upper)],
        by: &self)
      return .activation(.clip(lower: read.lower, upper: read.upper))
    case "hard_sigmoid":
      let read = try read(
        ActivationConstants(), [.constant("slope", \.slope), .constant("offset", \.offset)],
        by: &self)
      return .activation(.hardSigmoid(slope: read.slope, offset: read.offset))
    case "add": return .add(try read(Add(), [.flag("relu", \.relu)], by: &self))
    case "scaled_add":
      return .scaledAdd(try read(ScaledAdd(), [.flag("relu", \.relu)], by: &self))
    case "reshape":
      return .reshape(try read(Shape([]), [.required("shape", \.self, Setting.shape)], by: &self))
    case "expand":
      return .expand(try read(Shape([]), [.required("shape", \.self, Setting.shape)], by: &self))
    case "transpose":
      return .transpose(
        try read(
          Transposition([]), [.required("order", \.permutation, Setting.integers)], by: &self))
    case "max_pool": return .maxPool(try read(.blank, Attribute.all, by: &self))
    case "average_pool":
      let blank = AveragePooling(window: .blank)
      return .averagePool(try read(blank, Attribute.all, by: &self))
    case "pad_channels":
      let blank = ChannelPadding(before: 0, after: 0)
      return .padChannels(try read(blank, Attribute.all, by: &self))
    case "pad": return .pad(try read(SpatialPadding(.zero), Attribute.all, by: &self))
    case "linear":
      let blank = Linear(outputFeatures: 1, weight: "", bias: nil)
      return .linear(try read(blank, Attribute.all, by: &self))
    default:
      _ = try read((), [], by: &self)
      switch mnemonic {
      case "input": return .input
      case "relu": return .relu
      case "sigmoid": return .activation(.sigmoid)
      case "multiply": return .multiply
      case "concatenate": return .concatenate
      case "global_average_pool": return .globalAveragePool
      case "flatten": return .flatten
      case "softmax": return .softmax
      default: throw error("there is no operation '\(mnemonic)'", at: start)
      }
    }
  }

  /// Attributes, in any order and each at most once, put into `blank`.
  private mutating func payload<Root>(
    _ blank: Root, _ attributes: [Attribute<Root>], of owner: String, at start: GraphTextToken
  ) throws -> Root {
    var root = blank
    var seen: Set<String> = []
    while case .word(let key) = current.kind {
      guard let attribute = attributes.first(where: { $0.key == key }) else {
        let keys = attributes.map(\.key)
        let near = nearestName(to: key, among: keys).map { "did you mean '\($0)'?" }
        let known = keys.isEmpty ? "it takes none" : "it takes \(keys.joined(separator: ", "))"
        throw error("\(owner) has no attribute '\(key)'; \(near ?? known)")
      }
      guard seen.insert(key).inserted else { throw error("'\(key)' is given twice") }
      advance()
      if !attribute.isFlag { try take("=", in: "after '\(key)'") }
      try attribute.read(&self, &root)
    }
    for attribute in attributes where attribute.isRequired && !seen.contains(attribute.key) {
      throw error("\(owner) needs the attribute '\(attribute.key)'", at: start)
    }
    return root
  }

  fileprivate mutating func pooling() throws -> Pooling {
    let start = current
    try take("(", in: "before the window of a fused max_pool")
    let pool = try payload(Pooling.blank, Attribute.all, of: "max_pool", at: start)
    try take(")", in: "after the window of a fused max_pool")
    return pool
  }
}

extension GraphTextParser {
  fileprivate mutating func projection() throws -> Projection {
    let start = current
    try take("(", in: "before a projection")
    let blank = Projection(channels: 1, weight: "")
    let projection = try payload(blank, Attribute.all, of: "projection", at: start)
    try take(")", in: "after a projection")
    return projection
  }
}

/// Readers of what can stand behind the `=` of an attribute.
private enum Setting {
  static func string(_ parser: inout GraphTextParser) throws -> String {
    try parser.string("a name in quotes")
  }

  static func integer(_ parser: inout GraphTextParser) throws -> Int {
    try parser.integer("a number")
  }

  static func number<Value>(_ parser: inout GraphTextParser, _ convert: (String) -> Value?) throws
    -> Value
  {
    guard case .word(let word) = parser.current.kind, let value = convert(word) else {
      throw parser.expected("a number such as '0.001' or '-inf'")
    }
    parser.advance()
    return value
  }

  /// `3x5`, or `3` for `3x3`.
  static func extent(_ parser: inout GraphTextParser) throws -> Extent {
    guard case .word(let word) = parser.current.kind else {
      throw parser.expected("an extent such as '3x3'")
    }
    let sides = word.split(separator: "x", omittingEmptySubsequences: false).map { Int32($0) }
    guard sides.count <= 2, let height = sides.first ?? nil, let width = sides.last ?? nil else {
      throw parser.expected("an extent such as '3x3'")
    }
    parser.advance()
    return Extent(height: Int(height), width: Int(width))
  }

  /// `1`, or top, left, bottom and right: `0,1,0,1`.
  static func padding(_ parser: inout GraphTextParser) throws -> Padding {
    let start = parser.current
    let sides = try parser.list { try $0.integer("a padding") }
    switch sides.count {
    case 1: return Padding(sides[0])
    case 4: return Padding(top: sides[0], left: sides[1], bottom: sides[2], right: sides[3])
    default:
      throw parser.error(
        "expected one padding for all sides or top,left,bottom,right; found \(sides.count) numbers",
        at: start)
    }
  }

  /// `[1,64,7,7]`, or `[]`.
  static func integers(_ parser: inout GraphTextParser) throws -> [Int] {
    try parser.take("[", in: "before a list of numbers")
    if parser.skip("]") { return [] }
    let numbers = try parser.list { try $0.integer("a number") }
    try parser.take("]", in: "after a list of numbers")
    return numbers
  }

  /// The dimensions of a tensor, whose elements can be counted.
  static func shape(_ parser: inout GraphTextParser) throws -> Shape {
    let start = parser.current
    let shape = Shape(try integers(&parser))
    guard shape.isAddressable else {
      throw parser.error(
        "the dimensions of \(shape) must be 1 or more and their product below 2^40", at: start)
    }
    return shape
  }

  static func pooling(_ parser: inout GraphTextParser) throws -> Pooling {
    try parser.pooling()
  }

  static func projection(_ parser: inout GraphTextParser) throws -> Projection {
    try parser.projection()
  }

  static func norms(_ parser: inout GraphTextParser) throws -> [Normalization] {
    try parser.take("[", in: "before the batch norms")
    let norms = try parser.list(norm)
    try parser.take("]", in: "after the batch norms")
    return norms
  }

  /// `bn("prefix")` or `bn(weight="…", bias="…", mean="…", var="…")`, each with an optional
  /// `, eps=…` behind.
  static func norm(_ parser: inout GraphTextParser) throws -> Normalization {
    guard parser.skip(keyword: "bn") else { throw parser.expected("a batch norm 'bn(…)'") }
    try parser.take("(", in: "after 'bn'")
    var norm = Normalization(prefix: "")
    if case .string(let prefix) = parser.current.kind {
      norm = Normalization(prefix: prefix)
      parser.advance()
    } else {
      func vector(_ key: String) throws -> String {
        guard parser.skip(keyword: key) else { throw parser.expected("'\(key)='") }
        try parser.take("=", in: "after '\(key)'")
        return try string(&parser)
      }
      norm.weight = try vector("weight")
      for (key, path) in [
        ("bias", \Normalization.bias), ("mean", \.runningMean), ("var", \.runningVariance),
      ] {
        try parser.take(",", in: "before '\(key)='")
        norm[keyPath: path] = try vector(key)
      }
    }
    if parser.skip(",") {
      guard parser.skip(keyword: "eps") else { throw parser.expected("'eps='") }
      try parser.take("=", in: "after 'eps'")
      norm.epsilon = try number(&parser, Double.init)
    }
    try parser.take(")", in: "after a batch norm")
    return norm
  }
}
