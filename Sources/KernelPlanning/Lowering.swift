import GraphIR

/// Turns a graph with a candidate chosen for each node into steps over buffers: places halos,
/// inserts conversions, lets residual sums happen in place.
struct Lowering {
  private let graph: Graph
  private let choice: [Candidate]
  private let schedules: [ScheduleChoice]
  private let measured: [Double?]
  private let model: CostModel
  private(set) var steps: [Step] = []
  private(set) var buffers: [Buffer] = []
  private(set) var weights: [PackedTensor] = []

  /// A value in one layout.
  private struct Place: Hashable {
    var value: NodeID
    var layout: Layout
  }

  /// The halo each value needs in each layout.
  private var halos: [Place: Padding] = [:]
  /// The buffers that hold values already.
  private var places: [Place: Int] = [:]
  /// The buffers that hold the sums of a value's tiles.
  private var tileSums: [NodeID: Int] = [:]
  private let readers: [[NodeID]]
  /// The nodes that are read from the caller's arrays, in the order of the inputs.
  private let images: [NodeID]
  /// The last node that reads each value; -1 if none does.
  private let lastReader: [Int]

  /// - Parameters:
  ///   - choice: one candidate a node.
  ///   - schedules: what of each node's schedule is settled.
  ///   - measured: the seconds of each node, if it was measured so.
  init(
    _ graph: Graph, choice: [Candidate], schedules: [ScheduleChoice], measured: [Double?],
    model: CostModel
  ) throws {
    self.graph = graph
    self.choice = choice
    self.schedules = schedules
    self.measured = measured
    self.model = model
    images = graph.inputs.map(graph.imageOfCaller)
    readers = graph.readers()
    lastReader = readers.map { $0.map(\.index).max() ?? -1 }
    collectHalos()
    // The conversion of the input is the first step, whose place pictures can take.
    for id in images + graph.nodeIDs.filter({ graph[$0].op != .input && !images.contains($0) }) {
      if !graph.isWrittenToCaller(id) { try lower(id) }
      // At once, while it is in cache, and so that its memory can be used again.
      for index in graph.outputs.indices where graph.outputs[index] == id {
        try store(id, as: index)
      }
    }
    for index in buffers.indices { buffers[index].lastStep = buffers[index].firstStep }
    for (index, step) in steps.enumerated() {
      for case .buffer(let read) in step.inputs {
        buffers[read].lastStep = max(buffers[read].lastStep, index)
      }
    }
  }

  private mutating func collectHalos() {
    for id in graph.nodeIDs {
      guard case .convolution(let conv) = graph[id].op else { continue }
      let candidate = choice[id.index]
      let place = Place(value: graph[id].inputs[0], layout: candidate.input)
      let halo = conv.halo(
        for: candidate.algorithm, input: graph.format(of: place.value, layout: place.layout))
      halos[place, default: .zero] = halos[place, default: .zero].union(halo)
    }
  }

  private mutating func lower(_ id: NodeID) throws {
    let node = graph[id]
    let candidate = choice[id.index]
    let place = Place(value: id, layout: candidate.output)
    let halo = halos[place] ?? .zero
    let format = graph.format(of: id, layout: candidate.output, halo: halo)
    if node.inputs.isEmpty || graph.isReadFromCaller(id) {
      let operand =
        images.firstIndex(of: id).map(Operand.input)
        ?? .weight(
          addWeights(.constant(id), nil, id, elements: node.type.shape.elementCount))
      try emit(
        node: id, name: node.name, candidate: candidate, inputs: [operand],
        formats: [graph.callerFormat(read: id)], format: format, place: place)
      return
    }
    if node.op == .globalAveragePool, candidate.input == .nhwc, let sums = tileSums[node.inputs[0]]
    {
      lower(id, pooling: sums, format: format, place: place)
      return
    }
    let inputs = try node.inputs.enumerated().map { slot, producer in
      try buffer(of: producer, in: graph.layout(ofInput: slot, of: id, candidate))
    }
    try emit(
      node: id, name: node.name, candidate: candidate,
      inputs: inputs.map(Operand.buffer), formats: inputs.map { buffers[$0].format },
      format: format, place: place)
  }

  /// A global pool of a value whose tiles have been summed.
  private mutating func lower(
    _ id: NodeID, pooling sums: Int, format: BufferFormat, place: Place
  ) {
    let target = addBuffer(name: graph[id].name, format: format)
    places[place] = target
    let image = graph[graph[id].inputs[0]].type.shape
    let pool = GlobalPool(
      tileSums: buffers[sums].format, of: image.height * image.width, output: format)
    append(
      Step(
        name: graph[id].name, node: id, kernel: .globalPool(pool), inputs: [.buffer(sums)],
        output: .buffer(target), weights: [], cost: .zero))
  }

  /// Has a convolution sum its tiles as it stores them, if that saves a global pool reading the whole
  /// result again.
  ///
  /// - Returns: the buffer of the sums.
  private mutating func addTileSums(to kernel: inout Kernel, _ id: NodeID) -> Int? {
    guard case .winograd(var winograd) = kernel, winograd.pool == nil,
      readers[id.index].contains(where: {
        graph[$0].op == .globalAveragePool && choice[$0.index].input == .nhwc
      })
    else { return nil }
    let format = winograd.tileSumsFormat
    winograd.tileSums = format
    kernel = .winograd(winograd)
    let buffer = addBuffer(name: graph[id].name + " tile sums", format: format)
    tileSums[id] = buffer
    return buffer
  }

  /// The buffer that holds a value in a layout; a conversion makes it if need be.
  private mutating func buffer(of value: NodeID, in layout: Layout) throws -> Int {
    let place = Place(value: value, layout: layout)
    if let held = places[place] { return held }
    guard let source = places[Place(value: value, layout: choice[value.index].output)] else {
      throw PlanningError.unsupported(
        node: graph[value].name, operation: graph[value].op.mnemonic,
        reason: "it is used before it is computed")
    }
    let from = buffers[source].format
    let to = BufferFormat(graph[value].type.shape, layout: layout, halo: halos[place] ?? .zero)
    let name = "\(graph[value].name) → \(layout.rawValue)"
    let target = addBuffer(name: name, format: to)
    places[place] = target
    append(
      Step(
        name: name, node: nil, kernel: .copy(Copy(from: from, to: to)),
        inputs: [.buffer(source)], output: .buffer(target), weights: [], cost: .zero))
    return target
  }

  /// Copies a result to the caller.
  private mutating func store(_ result: NodeID, as index: Int) throws {
    let (value, format) = graph.callerFormat(written: result)
    let source = try buffer(of: value, in: choice[value.index].output)
    let kernel = Kernel.copy(Copy(from: buffers[source].format, to: format))
    append(
      Step(
        name: graph.outputs.count == 1 ? "output" : graph[result].name + " → output", node: nil,
        kernel: kernel, inputs: [.buffer(source)],
        output: .output(index), weights: [], cost: .zero))
  }

  private mutating func emit(
    node id: NodeID, name: String, candidate: Candidate, inputs: [Operand],
    formats: [BufferFormat], format: BufferFormat, place: Place
  ) throws {
    var kernel = KernelSelection(graph: graph).kernel(
      for: id, algorithm: candidate.algorithm, inputs: formats, output: format)
    kernel.weightFormat = candidate.weightFormat
    let target = addBuffer(name: name, format: format)
    places[place] = target
    buffers[target].inPlaceOf = inPlaceDonor(kernel, id, inputs, format)
    let weights = addWeights(for: kernel, id)
    let sums = addTileSums(to: &kernel, id)
    append(
      Step(
        name: name, node: id, kernel: kernel, inputs: inputs, output: .buffer(target),
        tileSums: sums, weights: weights, cost: .zero))
  }

  private mutating func append(_ step: Step) {
    var step = step
    let choice = step.node.map { schedules[$0.index] } ?? .free
    step.cost = model.cost(of: step.kernel, choice)
    step.cost.measuredSeconds = step.node.flatMap { measured[$0.index] }
    steps.append(step)
  }

  private mutating func addBuffer(name: String, format: BufferFormat) -> Int {
    buffers.append(
      Buffer(name: name, format: format, offset: 0, firstStep: steps.count, lastStep: 0))
    return buffers.count - 1
  }

  /// The operand whose memory the result can take over: one that is read element by element, at
  /// the place where the result is written, for the last time.
  private func inPlaceDonor(
    _ kernel: Kernel, _ id: NodeID, _ inputs: [Operand], _ format: BufferFormat
  ) -> Int? {
    let slots: [Int]
    switch kernel {
    case .convolution(let conv): slots = conv.residual == nil || conv.pool != nil ? [] : [1]
    case .grouped(let grouped): slots = grouped.residual == nil ? [] : [1]
    case .winograd(let winograd):
      slots = winograd.residual == nil || winograd.pool != nil ? [] : [1]
    case .elementwise: slots = Array(inputs.indices)
    case .softmax: slots = [0]
    default: slots = []
    }
    for slot in slots {
      guard case .buffer(let donor) = inputs[slot], buffers[donor].format == format,
        lastReader[graph[id].inputs[slot].index] == id.index,
        inputs.filter({ $0 == inputs[slot] }).count == 1,
        places[Place(value: graph[id].inputs[slot], layout: format.layout)] == donor
      else { continue }
      return donor
    }
    return nil
  }

  // MARK: Weights

  private mutating func addWeights(for kernel: Kernel, _ id: NodeID) -> [Int] {
    func vector(_ contents: PackedTensor.Contents, _ suffix: String, panels: Int) -> Int {
      addWeights(contents, suffix, id, elements: panels * panelWidth)
    }
    func matrix(elements: Int) -> Int {
      addWeights(.panels(id), "weight", id, elements: elements, format: kernel.weightFormat)
    }
    switch kernel {
    case .convolution(let conv):
      // The bias comes first, so that prefetching past the last panel meets the next layer's.
      let bias = vector(.bias(id), "bias", panels: conv.panels)
      return [matrix(elements: conv.panels * panelWidth * conv.reduction.length), bias]
    case .grouped(let grouped):
      let bias = vector(.bias(id), "bias", panels: grouped.panels)
      return [matrix(elements: grouped.panels * grouped.panelFloats), bias]
    case .winograd(let winograd):
      let bias = vector(.bias(id), "bias", panels: winograd.panels)
      return [
        matrix(elements: winograd.weightCount),
        bias,
      ]
    case .pooledLinear(let linear):
      let product = linear.product
      let bias = vector(.bias(id), "bias", panels: product.panels)
      return [matrix(elements: product.panels * panelWidth * product.reduction.length), bias]
    case .elementwise(let map) where map.affine:
      let panels = (map.x.channels + panelWidth - 1) / panelWidth
      return [
        vector(.scale(id), "scale", panels: panels), vector(.shift(id), "shift", panels: panels),
      ]
    default:
      return []
    }
  }

  private mutating func addWeights(
    _ contents: PackedTensor.Contents, _ suffix: String?, _ id: NodeID, elements: Int,
    format: WeightFormat = .float32
  ) -> Int {
    let offset = weights.last.map { roundUp($0.offset + $0.byteCount, to: 64) } ?? 0
    weights.append(
      PackedTensor(
        name: graph[id].name + (suffix.map { "." + $0 } ?? ""), contents: contents,
        offset: offset, byteCount: elements * format.byteCount, format: format))
    return weights.count - 1
  }
}

extension StepCost {
  static let zero = StepCost(flops: 0, weightBytes: 0, activationBytes: 0, seconds: 0)
}
