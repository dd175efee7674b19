import GraphIR
import OnnxFiles

extension OnnxOperator {
  /// Where values come from without an input.
  static let constants = [
    OnnxOperator(
      "Constant", inputs: 0, "numbers",
      attributes: ["value", "value_float", "value_floats", "value_int", "value_ints"], constant),
    OnnxOperator(
      "ConstantOfShape", inputs: 1, "a constant shape", attributes: ["value"], constantOfShape),
    OnnxOperator(
      "Cast", inputs: 1, "of float to float, and of constants to float, integers or bool",
      attributes: ["round_mode", "saturate", "to"]
    ) { call, builder in
      guard let code = try call.int("to"), let type = OnnxElementType(code: code) else {
        throw NodeFault("it does not say to which type")
      }
      return try cast(try call.input(0), to: type, &builder)
    },
    OnnxOperator("CastLike", inputs: 2, "as Cast", attributes: ["round_mode", "saturate"]) {
      call, builder in
      // What the network computes is float.
      var type = OnnxElementType.float
      if case .constant(let model) = try call.input(1) { type = model.type }
      return try cast(try call.input(0), to: type, &builder)
    },
    OnnxOperator("Range", inputs: 3, "of constants", range),
  ]

  private static func range(
    _ call: NodeCall, _ builder: inout GraphBuilder
  ) throws -> ImportedValue {
    let name = call.node.outputs.first ?? call.name
    let numbers = try (0..<3).map { try call.constant($0, "bounds and step") }
    guard numbers.allSatisfy({ $0.count == 1 && $0.type == numbers[0].type }) else {
      throw NodeFault("its bounds and step should be single numbers of one type")
    }
    func steps(_ distance: Double, by step: Double) throws -> Int {
      guard let count = Int(exactly: (distance / step).rounded(.up)) else {
        throw NodeFault("its step or a bound is no number that is understood")
      }
      try builder.spend(max(0, count))
      return max(0, count)
    }
    if numbers[0].isInteger {
      let values = try numbers.map { try $0.integers()[0] }
      let limit = 1 << 40
      guard values.allSatisfy({ (-limit...limit).contains($0) }) else {
        throw NodeFault("its step or a bound is too large")
      }
      let count = try steps(Double(values[1] - values[0]), by: Double(values[2]))
      return .constant(
        ConstantTensor(
          [count], integers: (0..<count).map { values[0] + $0 * values[2] },
          type: numbers[0].type, name: name))
    }
    let values = try numbers.map { try $0.floats()[0] }
    let count = try steps(Double(values[1]) - Double(values[0]), by: Double(values[2]))
    return .constant(
      ConstantTensor(
        [count], floats: (0..<count).map { values[0] + Float($0) * values[2] }, name: name))
  }

  private static func constant(
    _ call: NodeCall, _ builder: inout GraphBuilder
  ) throws -> ImportedValue {
    let name = call.node.outputs.first ?? call.name
    guard let attribute = call.node.attributes.first else { throw NodeFault("it has no value") }
    switch attribute.value {
    case .tensor(let tensor):
      guard tensor.shape.isComputable else {
        throw NodeFault("its value has the shape \(tensor.shape), which is too large")
      }
      return .constant(ConstantTensor(tensor, name: name))
    case .float(let value): return .constant(ConstantTensor([], floats: [value], name: name))
    case .floats(let values):
      return .constant(ConstantTensor([values.count], floats: values, name: name))
    case .int(let value): return .constant(ConstantTensor([], integers: [value], name: name))
    case .ints(let values):
      return .constant(ConstantTensor([values.count], integers: values, name: name))
    case .string, .strings, .other: throw NodeFault("its value is not one of numbers")
    }
  }

  private static func constantOfShape(
    _ call: NodeCall, _ builder: inout GraphBuilder
  ) throws -> ImportedValue {
    let name = call.node.outputs.first ?? call.name
    let shape = Shape(try call.integers(0, "shape") ?? [])
    guard shape.isComputable else {
      throw NodeFault(
        "its shape is \(shape): extents have to be 0 or more, and elements fewer than 2^40")
    }
    try builder.spend(shape.elementCount)
    guard case .tensor(let value)? = call.node.attribute("value") else {
      if call.node.attribute("value") != nil { throw NodeFault("its value should be a tensor") }
      return .constant(try ConstantTensor.filled(shape, with: 0, name: name))
    }
    guard value.shape.elementCount == 1 else { throw NodeFault("its value should be one number") }
    if value.elementType.isInteger {
      let values = [Int](repeating: try value.intValues()[0], count: shape.elementCount)
      return .constant(
        ConstantTensor(shape, integers: values, type: value.elementType, name: name))
    }
    return .constant(
      try ConstantTensor.filled(shape, with: try value.floatValues()[0], name: name))
  }

  private static func cast(
    _ value: ImportedValue, to type: OnnxElementType, _ builder: inout GraphBuilder
  ) throws -> ImportedValue {
    switch value {
    case .node(let id):
      guard type == .float else {
        throw NodeFault(
          "it converts what the network computes to \(type.rawValue); only float is understood")
      }
      return .node(id)
    case .constant(let tensor):
      return .constant(try converted(tensor, to: type, &builder))
    }
  }

  private static func converted(
    _ tensor: ConstantTensor, to type: OnnxElementType, _ builder: inout GraphBuilder
  ) throws -> ConstantTensor {
    if tensor.type == type { return tensor }
    if tensor.type.isFloatingPoint, type == .float { return tensor.asFloat() }
    guard type == .float || type.isInteger, tensor.isInteger || tensor.type.isFloatingPoint else {
      throw NodeFault(
        "it converts the constant \(quoted(tensor.name)) from \(tensor.type.rawValue) to "
          + "\(type.rawValue); float, integers and bool are understood")
    }
    try builder.spend(tensor.count)
    if type == .float {
      return ConstantTensor(
        tensor.shape, floats: try tensor.integers().map { Float($0) }, name: tensor.name)
    }
    let integers =
      try tensor.isInteger
      ? tensor.integers()
      : tensor.floats().map { type == .bool ? ($0 == 0 ? 0 : 1) : Int(clamping: $0) }
    return ConstantTensor(
      tensor.shape, integers: type == .bool ? integers.map { $0 == 0 ? 0 : 1 } : integers,
      type: type, name: tensor.name)
  }
}

extension Int {
  /// The number without its fraction; the nearest there is of one that is too large, and 0 of none.
  fileprivate init(clamping value: Float) {
    if let exact = Int(exactly: value.rounded(.towardZero)) {
      self = exact
    } else {
      self = value.isNaN ? 0 : value < 0 ? .min : .max
    }
  }
}
