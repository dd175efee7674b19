import GraphIR

/// The text of a spec, with line breaks but not yet in canonical form.
struct SpecText {
  private let model: Model
  private let graph: Graph
  private let input: NodeID
  private let calls: [OperationCall?]
  private let network: NamedNetwork

  init(
    _ model: Model, graph: Graph, input: NodeID, calls: [OperationCall?], network: NamedNetwork
  ) {
    self.model = model
    self.graph = graph
    self.input = input
    self.calls = calls
    self.network = network
  }

  func text(origin: String?) -> String {
    var lines = comment(origin: origin)
    if calls.contains(where: { $0?.callee == Idioms.silu }) {
      lines += [""] + Idioms.siluDefinition
    }
    for block in network.blocks {
      let parameters = block.parameters.map { parameter in
        parameter.name + (parameter.standard.map { " = \($0.text)" } ?? "")
      }
      lines.append("")
      lines.append("block \(block.name)(\((["x"] + parameters).joined(separator: ", "))) {")
      lines += BodyWriter.lines(of: block.body)
      lines.append("}")
    }
    let parameters =
      ["batch = \(graph[input].type.shape.batch)"] + (size.map { ["size = \($0)"] } ?? [])
    lines.append("")
    lines.append("model \(Self.word(graph.name))(\(parameters.joined(separator: ", "))) {")
    lines += declarations() + BodyWriter.lines(of: body())
    lines.append("}")
    return lines.joined(separator: "\n") + "\n"
  }

  private func comment(origin: String?) -> [String] {
    let weights = learnedParameters.map(\.shape.elementCount).reduce(0, +)
    let written = origin.map { name in
      "# Written by resnetc import from \(name.filter { !$0.isNewline })."
    }
    return [written, "# \(Self.grouped(weights)) parameters, input \(graph[input].type.shape)."]
      .compactMap { $0 }
  }

  /// All tensors but the statistics of batch norms.
  private var learnedParameters: [ParameterSpec] {
    let statistics = graph.nodes.flatMap { node -> [String] in
      guard case .batchNorm(let batchNorm) = node.op else { return [] }
      return [batchNorm.norm.runningMean, batchNorm.norm.runningVariance]
    }
    let excluded = Set(statistics)
    return graph.parameters().filter { !excluded.contains($0.name) }
  }

  /// The side of the input, if it is a square image.
  private var size: Int? {
    let shape = graph[input].type.shape
    return shape.isImage && shape.height == shape.width ? shape.height : nil
  }

  // MARK: The model

  private func declarations() -> [String] {
    var lines: [String] = []
    if let preprocessing = model.preprocessing { lines.append(text(of: preprocessing)) }
    if !model.labels.isEmpty {
      lines.append("labels([\(model.labels.map(Self.quoted).joined(separator: ", "))])")
    }
    return lines
  }

  private func text(of preprocessing: Preprocessing) -> String {
    func list(_ values: [Double]) -> String {
      "[" + values.map { Literal($0).text }.joined(separator: ", ") + "]"
    }
    let standard = Preprocessing()
    var arguments: [String] = []
    switch preprocessing.resize {
    case .none: break
    case .shortSide(let side): arguments.append("resize: \(side == size ? "size" : "\(side)")")
    case .exact(let extent): arguments.append("resize: (\(extent.height), \(extent.width))")
    }
    if preprocessing.channelOrder != standard.channelOrder {
      arguments.append("order: \"\(preprocessing.channelOrder.rawValue)\"")
    }
    if preprocessing.scale != standard.scale {
      arguments.append("scale: \(Literal(preprocessing.scale).text)")
    }
    if preprocessing.mean != standard.mean { arguments.append("mean: \(list(preprocessing.mean))") }
    if preprocessing.standardDeviation != standard.standardDeviation {
      arguments.append("std: \(list(preprocessing.standardDeviation))")
    }
    return "preprocess(\(arguments.joined(separator: ", ")))"
  }

  private func body() -> Body {
    var body = Body()
    let shape = graph[input].type.shape
    let image = shape.dimensions.dropFirst().enumerated().map { index, extent in
      index > 0 && size != nil ? "size" : "\(extent)"
    }
    var values: [NodeID: Value] = [:]
    values[input] = body.append(
      .init(kind: .source("input[\((["batch"] + image).joined(separator: ", "))]")))
    func operand(_ id: NodeID) -> Value { values[id] ?? .entry }
    for run in network.runs {
      switch run {
      case .stretch(let nodes):
        for id in nodes {
          values[id] = body.append(step(id, operands: graph[id].inputs.map(operand)))
        }
      case .blocks(let family, let instances):
        let regions = network.templates[family].regions
        let paths = instances.map { network.prefixes[family][$0] }
        var value = operand(regions[instances[0]].entry)
        var plan = StagePlan(network.blocks[family], instances: instances, paths: paths)
        if let lines = plan?.lines() {
          value = body.append(.init(kind: .loop(lines), operands: [value]))
        } else {
          for (instance, path) in zip(instances, paths) {
            value = body.append(
              .init(kind: call(network.blocks[family], instance, path), operands: [value]))
            values[regions[instance].exit] = value
          }
        }
        values[regions[instances[instances.count - 1]].exit] = value
      }
    }
    body.results = graph.outputs.map(operand)
    return body
  }

  private func step(_ id: NodeID, operands: [Value]) -> Body.Step {
    guard let call = calls[id.index] else { return .init(kind: .source("")) }
    var arguments = call.arguments.filter { !$0.isDefault }.map { argument in
      let elements = argument.elements.map { $0.phrase(batch: Phrase("batch")).constantText }
      let value = argument.isTuple ? Literal.tuple(elements) : elements[0]
      return Phrase(argument.isPositional ? value : "\(argument.role.rawValue): \(value)")
    }
    var label = network.paths[id].map(writtenLabel)
    if call.isConstant {
      arguments.insert(Phrase(Self.quoted(network.paths[id] ?? "")), at: 0)
      label = nil
    }
    return .init(
      kind: .call(label: label, callee: call.callee, arguments: arguments), operands: operands)
  }

  private func call(_ block: Block, _ instance: Int, _ path: String) -> Body.Kind {
    let arguments = block.parameters.compactMap { parameter -> Phrase? in
      let value = parameter.values[instance]
      guard let standard = parameter.standard else { return Phrase(value.text) }
      return value == standard ? nil : Phrase("\(parameter.name): \(value.text)")
    }
    return .call(label: writtenLabel(path), callee: block.name, arguments: arguments)
  }

  // MARK: Words

  private static let keywords: Set<String> = [
    "import", "block", "model", "for", "in", "if", "else", "return", "and", "or", "not", "true",
    "false", "input",
  ]

  /// The name of a model, made of what a graph is called.
  static func word(_ name: String) -> String {
    let characters = name.unicodeScalars.map { scalar -> Character in
      let isFit =
        ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
        || ("0"..."9").contains(scalar)
      return isFit ? Character(scalar) : "_"
    }
    let word = String(characters)
    guard let first = word.first else { return "network" }
    return first.isNumber || keywords.contains(word) ? "_" + word : word
  }

  private static func quoted(_ text: String) -> String {
    "\""
      + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
      .replacing("\n", with: "\\n").replacing("\t", with: "\\t") + "\""
  }

  /// `25,557,032`
  private static func grouped(_ number: Int) -> String {
    let digits = Array(String(number))
    return digits.indices.map { index in
      let isGap = index > 0 && (digits.count - index) % 3 == 0
      return (isGap ? "," : "") + String(digits[index])
    }.joined()
  }
}
