import GraphIR
import OnnxFiles

/// The graph that an import builds, and its weights.
///
/// What operators need beyond the graph's own operations is put together here: constants that become
/// values, reshapes and transposes that undo each other, broadcasting.
struct GraphBuilder {
  private(set) var graph: Graph
  var weights = ImportedWeights()
  /// What the nodes made now are called.
  var name = ""
  /// How many readers each value of the graph has that is being imported; outputs count.
  var readers: [NodeID: Int] = [:]
  /// The batch that the file says where another was set.
  var replacedBatch: (declared: Int, used: Int)?
  private var names = UniqueNames()
  /// How many elements of constants have been computed.
  private var computed = 0
  /// How many elements of rearranged constants have been rearranged again.
  private var rearranged = 0

  init(name: String) {
    graph = Graph(name: name)
  }

  func shape(_ id: NodeID) -> Shape { graph[id].type.shape }

  func shape(_ value: ImportedValue) -> Shape {
    switch value {
    case .constant(let tensor): tensor.shape
    case .node(let id): shape(id)
    }
  }

  /// Adds the network's input.
  mutating func addInput(_ shape: Shape, name: String) throws -> NodeID {
    try check(shape)
    return graph.appendInput(TensorType(shape), name: names.claim(name))
  }

  /// Adds an operation.
  ///
  /// - Parameter role: what it is for, if it is not the main part of what the ONNX node does.
  mutating func append(_ op: Op, _ inputs: [NodeID], role: String? = nil) throws -> NodeID {
    guard graph.nodes.count < Self.maximalNodes else {
      throw NodeFault("the network has more than \(Self.maximalNodes) operations")
    }
    let type: TensorType
    do {
      type = try inferType(of: op, inputs: inputs.map { graph[$0].type })
    } catch let error as ShapeError {
      throw NodeFault(error.message)
    }
    try check(type.shape)
    let path = names.claim(role.map { "\(name).\($0)" } ?? name)
    return try graph.append(op, inputs, name: path)
  }

  /// Replaces the operation of a node that nobody but the current ONNX node reads.
  mutating func replace(_ id: NodeID, with op: Op) { graph[id].op = op }

  private func check(_ shape: Shape) throws {
    guard shape.isAddressable else {
      throw NodeFault(
        "its result would be \(shape): extents have to be 1 or more, and elements few")
    }
  }

  /// Counts elements of constants that are to be computed, so that no file has a machine compute
  /// constants larger than any network.
  mutating func spend(_ count: Int) throws {
    guard count <= Self.maximalComputed - computed else {
      throw NodeFault("the constants that it is computed of are too large")
    }
    computed += count
  }

  /// Counts the elements of a constant that is to be rearranged, and is a rearrangement already. The first
  /// one costs no more than to read the file, and is left to when the tensor is needed.
  mutating func spend(rearranging tensor: ConstantTensor) throws {
    guard tensor.isRearranged else { return }
    guard tensor.count <= Self.maximalRearranged - rearranged else {
      throw NodeFault("the constants that it rearranges are too large, or it is done too often")
    }
    rearranged += tensor.count
  }

  private static let maximalComputed = 1 << 26
  private static let maximalRearranged = 1 << 27

  /// As many as a spec may have; ResNet-152 has some five hundred.
  private static let maximalNodes = 20_000

  // MARK: Weights

  /// Registers a weight and tells the name under which the graph asks for it.
  mutating func weight(_ tensor: ConstantTensor) -> String { weights.add(tensor) }

  /// Registers a weight that the file does not have, as part of the current node.
  mutating func made(_ role: String, _ values: [Float]) -> String {
    weights.add(
      ConstantTensor([values.count], floats: values, name: "\(name).\(role)"), isNew: true)
  }

  // MARK: Values

  /// The value as a node; a constant becomes one.
  mutating func nodeID(_ value: ImportedValue) throws -> NodeID {
    switch value {
    case .node(let id): return id
    case .constant(let tensor):
      guard tensor.type == .float else {
        throw NodeFault(
          "it computes with \(quoted(tensor.name)) of type \(tensor.type.rawValue); only float is "
            + "understood")
      }
      let constant = Constant(name: weight(tensor), shape: tensor.shape)
      return try append(.constant(constant), [], role: "constant")
    }
  }

  /// The same elements under another shape.
  mutating func reshape(_ id: NodeID, to new: Shape, role: String? = "reshape") throws -> NodeID {
    var source = id
    // Rearrangements that are read by nobody else need not be made first.
    while isReshape(graph[source].op), let operand = graph[source].inputs.first { source = operand }
    let old = shape(source)
    guard old != new else { return source }
    let keepsBatch = new.rank == 2 && new.batch == old.batch && old.rank > 0
    guard old.isAddressable, new.isAddressable, old.elementCount == new.elementCount else {
      throw NodeFault("\(old) cannot be given the shape \(new): they differ in their elements")
    }
    return try append(keepsBatch ? .flatten : .reshape(new), [source], role: role)
  }

  private func isReshape(_ op: Op) -> Bool {
    switch op {
    case .reshape, .flatten: true
    default: false
    }
  }

  /// The tensor with its dimensions in another order.
  mutating func transpose(
    _ id: NodeID, by permutation: [Int], role: String? = "transpose"
  ) throws -> NodeID {
    var source = id
    var order = permutation
    guard order.sorted() == Array(shape(id).dimensions.indices) else {
      throw NodeFault("\(order) does not order the dimensions of \(shape(id))")
    }
    while case .transpose(let earlier) = graph[source].op, let operand = graph[source].inputs.first
    {
      order = order.map { earlier.permutation[$0] }
      source = operand
    }
    if order == Array(order.indices) { return source }
    let dimensions = shape(source).dimensions
    let moved = order.filter { dimensions[$0] > 1 }
    if moved == moved.sorted() {
      return try reshape(source, to: Shape(order.map { dimensions[$0] }), role: role)
    }
    return try append(.transpose(Transposition(order)), [source], role: role)
  }

  /// The image, whose channels come last, with the channels first.
  mutating func channelsFirst(_ id: NodeID) throws -> NodeID {
    let image = try transpose(id, by: [0, 3, 1, 2])
    // It may be what the image was transposed from. No bias may change it, which has other readers.
    readers[image, default: 0] += 1
    return image
  }

  /// The tensor repeated to a shape, as NumPy broadcasts it.
  mutating func expand(_ id: NodeID, to new: Shape) throws -> NodeID {
    shape(id) == new ? id : try append(.expand(new), [id], role: "expand")
  }

  /// `scale[c] · x + shift[c]` for each channel `c`: a batch norm whose mean and variance are 0 and 1,
  /// so that it is folded into convolutions.
  mutating func affine(_ id: NodeID, scale: [Float], shift: [Float]) throws -> NodeID {
    let channels = scale.count
    var norm = Normalization(prefix: name, epsilon: 0)
    norm.weight = made("weight", scale)
    norm.bias = made("bias", shift)
    norm.runningMean = made("running_mean", [Float](repeating: 0, count: channels))
    norm.runningVariance = made("running_var", [Float](repeating: 1, count: channels))
    return try append(.batchNorm(BatchNorm(norm)), [id])
  }

  /// Ends the import: drops what reaches no output.
  ///
  /// - Parameter values: values of the graph by name.
  /// - Returns: the graph, its weights, and those of the values that are left.
  mutating func finish(
    outputs: [NodeID], values: [String: NodeID]
  ) -> (Graph, ImportedWeights, values: [String: NodeID]) {
    graph.outputs = outputs
    let renumbered = graph.keepReachable()
    return (
      graph, weights.restricted(to: Set(graph.parameters().map(\.name))),
      values.compactMapValues { renumbered[$0.index] }
    )
  }
}
