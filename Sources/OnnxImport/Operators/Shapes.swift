import GraphIR
import OnnxFiles

extension OnnxOperator {
  /// The arithmetic on shapes that exporters leave behind. It is done while importing.
  static let shapes = [
    OnnxOperator("Shape", inputs: 1, "everything", attributes: ["end", "start"]) { call, builder in
      let dimensions = builder.shape(try call.input(0)).dimensions
      func bound(_ name: String, default usual: Int) throws -> Int {
        let number = try call.int(name, default: usual)
        return min(max(number < 0 ? number + dimensions.count : number, 0), dimensions.count)
      }
      let start = try bound("start", default: 0)
      let end = max(start, try bound("end", default: dimensions.count))
      return integers(Array(dimensions[start..<end]), call)
    },
    OnnxOperator("Size", inputs: 1, "everything") { call, builder in
      .constant(
        ConstantTensor(
          [], integers: [builder.shape(try call.input(0)).elementCount],
          name: call.node.outputs.first ?? call.name))
    },
    OnnxOperator("Equal", inputs: 2, "of constants") { call, builder in
      try compared(call, { $0 == $1 }, { $0 == $1 }, &builder)
    },
    OnnxOperator("Greater", inputs: 2, "of constants") { call, builder in
      try compared(call, { $0 > $1 }, { $0 > $1 }, &builder)
    },
    OnnxOperator("Less", inputs: 2, "of constants") { call, builder in
      try compared(call, { $0 < $1 }, { $0 < $1 }, &builder)
    },
    OnnxOperator("Not", inputs: 1, "of constants") { call, _ in
      let x = try call.constant(0, "operand")
      return .constant(
        ConstantTensor(
          x.shape, integers: try x.integers().map { 1 - $0 }, type: .bool,
          name: call.node.outputs.first ?? call.name))
    },
    OnnxOperator("Where", inputs: 3, "of constants", choose),
    OnnxOperator("Floor", inputs: 1, "of constants") { call, builder in
      try mapped(call, &builder) { $0.rounded(.down) }
    },
    OnnxOperator("Ceil", inputs: 1, "of constants") { call, builder in
      try mapped(call, &builder) { $0.rounded(.up) }
    },
    OnnxOperator("Sqrt", inputs: 1, "of constants") { call, builder in
      try mapped(call, &builder) { $0.squareRoot() }
    },
    OnnxOperator("Reciprocal", inputs: 1, "of constants") { call, builder in
      try mapped(call, &builder) { 1 / $0 }
    },
  ]

  private static func integers(_ values: [Int], _ call: NodeCall) -> ImportedValue {
    .constant(
      ConstantTensor(
        [values.count], integers: values, name: call.node.outputs.first ?? call.name))
  }

  private static func mapped(
    _ call: NodeCall, _ builder: inout GraphBuilder, _ function: (Float) -> Float
  ) throws -> ImportedValue {
    let x = try call.constant(0, "operand")
    try builder.spend(x.count)
    return .constant(
      ConstantTensor(
        x.shape, floats: try x.floats().map(function), name: call.node.outputs.first ?? call.name))
  }

  private static func compared(
    _ call: NodeCall, _ floats: (Float, Float) -> Bool, _ integers: (Int, Int) -> Bool,
    _ builder: inout GraphBuilder
  ) throws -> ImportedValue {
    let (a, b) = (try call.constant(0, "operands"), try call.constant(1, "operands"))
    let (shape, x, y) = try builder.aligned(a, b)
    let truth =
      a.isInteger
      ? zip(try x.integers(), try y.integers()).map { integers($0, $1) ? 1 : 0 }
      : zip(try x.floats(), try y.floats()).map { floats($0, $1) ? 1 : 0 }
    return .constant(
      ConstantTensor(
        shape, integers: truth, type: .bool, name: call.node.outputs.first ?? call.name))
  }

  private static func choose(
    _ call: NodeCall, _ builder: inout GraphBuilder
  ) throws -> ImportedValue {
    let condition = try call.constant(0, "operands")
    let (a, b) = (try call.constant(1, "operands"), try call.constant(2, "operands"))
    let (inner, _, _) = try builder.aligned(a, b)
    guard let shape = broadcast(condition.shape, inner), shape.isAddressable else {
      throw NodeFault("its operands cannot be broadcast to one shape")
    }
    try builder.spend(shape.elementCount)
    let chosen = try condition.expanded(to: shape).integers()
    let (x, y) = (try a.expanded(to: shape), try b.expanded(to: shape))
    let name = call.node.outputs.first ?? call.name
    if a.isInteger {
      let (p, q) = (try x.integers(), try y.integers())
      let values = chosen.indices.map { chosen[$0] != 0 ? p[$0] : q[$0] }
      return .constant(ConstantTensor(shape, integers: values, type: a.type, name: name))
    }
    let (p, q) = (try x.floats(), try y.floats())
    let values = chosen.indices.map { chosen[$0] != 0 ? p[$0] : q[$0] }
    return .constant(ConstantTensor(shape, floats: values, name: name))
  }
}

extension ConstantTensor {
  /// A tensor of some elements of this one.
  func picked(_ places: [Int], _ shape: Shape, name: String) throws -> ConstantTensor {
    if isInteger {
      let values = try integers()
      return ConstantTensor(shape, integers: places.map { values[$0] }, type: type, name: name)
    }
    let values = try floats()
    return ConstantTensor(shape, floats: places.map { values[$0] }, name: name)
  }
}

extension GraphBuilder {
  /// Two constants broadcast to one shape.
  mutating func aligned(
    _ a: ConstantTensor, _ b: ConstantTensor
  ) throws -> (Shape, ConstantTensor, ConstantTensor) {
    guard a.isInteger == b.isInteger else {
      throw NodeFault("its operands are \(a.type.rawValue) and \(b.type.rawValue)")
    }
    guard let shape = broadcast(a.shape, b.shape),
      shape.isComputable
    else {
      throw NodeFault("its operands \(a.shape) and \(b.shape) cannot be broadcast to one shape")
    }
    try spend(shape.elementCount)
    return (shape, try a.expanded(to: shape), try b.expanded(to: shape))
  }

  /// Computes with two constants.
  mutating func folded(
    _ a: ConstantTensor, _ b: ConstantTensor, name: String, _ floats: (Float, Float) -> Float,
    _ integers: (Int, Int) throws -> Int
  ) throws -> ConstantTensor {
    let (shape, x, y) = try aligned(a, b)
    if a.isInteger {
      let values = try zip(try x.integers(), try y.integers()).map(integers)
      return ConstantTensor(shape, integers: values, type: a.type, name: name)
    }
    let values = zip(try x.floats(), try y.floats()).map(floats)
    return ConstantTensor(shape, floats: values, name: name)
  }

  /// Constants one behind the other.
  mutating func concatenated(
    _ tensors: [ConstantTensor], axis: Int, _ shape: Shape, _ name: String
  ) throws -> ConstantTensor {
    guard shape.isComputable else {
      throw NodeFault("its result \(shape) is too large")
    }
    try spend(shape.elementCount)
    // What has no elements may have any number of rows.
    let outer = shape.elementCount == 0 ? 0 : shape.dimensions[..<axis].reduce(1, *)
    func joined<Element>(_ parts: [[Element]]) -> [Element] {
      (0..<outer).flatMap { row in
        parts.flatMap { part in
          let length = part.count / max(outer, 1)
          return part[(row * length)..<((row + 1) * length)]
        }
      }
    }
    if tensors.allSatisfy(\.isInteger) {
      let values = joined(try tensors.map { try $0.integers() })
      return ConstantTensor(shape, integers: values, type: tensors[0].type, name: name)
    }
    return ConstantTensor(shape, floats: joined(try tensors.map { try $0.floats() }), name: name)
  }
}
