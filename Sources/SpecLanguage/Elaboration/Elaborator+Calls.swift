import Diagnostics
import GraphIR

extension Elaborator {
  /// Uses a block, an operation or a function.
  ///
  /// - Parameters:
  ///   - piped: the value of the first parameter, if it comes from a pipeline.
  ///   - range: the label and the call, which is where the nodes of an operation come from.
  mutating func evaluate(
    _ call: Call, piped: Value?, label: Label?, range: SourceRange
  ) -> Value {
    guard canGoOn(at: range) else { return .invalid }
    depth += 1
    defer { depth -= 1 }
    let name = label.map { evaluate($0) }
    guard let signature = program.callables[call.callee.text] else { return .invalid }
    let binding = Binding(call, to: signature, isPiped: piped != nil)
    var arguments = BoundArguments(call: call, range: range)
    for (index, parameter) in signature.parameters.enumerated() {
      if index == 0, let piped {
        arguments.values[parameter.name] = (piped, range)
      } else if let position = binding.arguments[index],
        let argument = call.arguments?.elements[position]
      {
        arguments.values[parameter.name] = (evaluate(argument.value), argument.value.range)
      }
    }
    // Problems of the call itself were reported when names were resolved.
    guard binding.problems.isEmpty, name != .some(nil) else { return .invalid }
    switch signature.kind {
    case .operation(let operation):
      return evaluate(operation, arguments, label: name.flatMap { $0 })
    case .block(let block):
      return instantiate(block, arguments, label: name.flatMap { $0 })
    case .function(.len):
      guard let (value, place) = arguments.values["list"] else { return .invalid }
      switch value {
      case .list(let list): return .integer(list.elements.count)
      case .range(let range): return .integer(range.count)
      case .invalid: return .invalid
      default:
        report("'len' takes a list or a range, not \(value.described)", at: place)
        return .invalid
      }
    case .declaration:
      return .invalid
    }
  }

  /// The text of a label; `nil` if a value in it is none that a name can hold.
  private mutating func evaluate(_ label: Label) -> String? {
    var text = ""
    for part in label.parts {
      switch part {
      case .text(let fixed): text += fixed
      case .interpolation(let expression):
        switch evaluate(expression) {
        case .integer(let value) where value >= 0: text += String(value)
        case .string(let value) where isPath(value): text += value
        case .invalid: return nil
        case .string:
          report("a name may have only letters, digits, '_' and '.'", at: expression.range)
          return nil
        case let other:
          let found = if case .integer = other { "a negative one" } else { other.described }
          report("a name takes an integer or a string, not \(found)", at: expression.range)
          return nil
        }
      }
    }
    guard text.utf8.count <= 256 else {
      report("the name is longer than 256 characters", at: label.range)
      return nil
    }
    return text
  }

  // MARK: Blocks

  private mutating func instantiate(
    _ block: Definition, _ arguments: BoundArguments, label: String?
  ) -> Value {
    guard frames.count <= Self.maximumCalls else {
      abort(
        "blocks use each other more than \(Self.maximumCalls) levels deep; does "
          + "'\(block.name.text)' use itself?", at: arguments.range)
      return .invalid
    }
    var path = frame.path
    if let label {
      path = self.path(of: label)
      guard claim(path, at: arguments.range) else { return .invalid }
    }
    frames.append(Frame(path: path, block: block.name.text, caller: arguments.range))
    defer { frames.removeLast() }
    for parameter in block.parameters {
      let given = arguments.values[parameter.name.text]?.value
      let value = given ?? parameter.defaultValue.map { evaluate($0) } ?? .invalid
      frames[frames.count - 1].scopes[0][parameter.name.text] = value
    }
    guard case .returned(let value) = execute(block.body) else {
      report("the block '\(block.name.text)' ends without 'return'", at: block.name.range)
      return .invalid
    }
    if let label, case .tensor(let id) = value { record(id, path: path, label: label) }
    return value
  }

  /// Takes a path for one instance; a second one is an error, since the weights would be shared.
  mutating func claim(_ path: String, at range: SourceRange) -> Bool {
    guard let first = paths[path] else {
      paths[path] = range
      return true
    }
    report(
      "the name '\(path)' is taken already", at: range,
      notes: [.init("it was taken here", at: first)])
    return false
  }

  // MARK: Nodes

  /// Appends a node, or reports why its inputs do not fit, with the place and shape of each.
  mutating func append(
    _ op: Op, _ inputs: [NodeID], _ operation: Operation, label: String?, at range: SourceRange
  ) -> Value {
    guard graph.nodes.count < Self.maximumNodes else {
      abort("the network has more than \(Self.maximumNodes) operations", at: range)
      return .invalid
    }
    let name: String
    if let label {
      name = path(of: label)
      guard claim(name, at: range) else { return .invalid }
    } else {
      name = automaticName(operation, at: range)
    }
    do {
      let type = try inferType(of: op, inputs: inputs.map { graph[$0].type })
      guard checkSize(of: type.shape, at: range) else { return .invalid }
      let node = Node(op: op, inputs: inputs, type: type, name: name, sources: [range])
      for parameter in graph.parameters(of: node) {
        guard checkSize(of: parameter.shape, at: range) else { return .invalid }
      }
      graph.nodes.append(node)
      let id = NodeID(graph.nodes.count - 1)
      record(id, path: name, label: label)
      return .tensor(id)
    } catch let error as ShapeError {
      let notes = error.inputs.filter(inputs.indices.contains).map { index in
        let input = graph[inputs[index]]
        return Diagnostic.Note(
          "'\(input.name)' has the shape \(input.type.shape)", at: input.sources.first)
      }
      report(
        error.message.replacing(op.mnemonic, with: operation.rawValue), at: range, notes: notes)
    } catch {
      report("\(error)", at: range)
    }
    return .invalid
  }

  /// `relu`, then `relu_1`, … within the current instance.
  private mutating func automaticName(_ operation: Operation, at range: SourceRange) -> String {
    let base = path(of: operation.rawValue)
    while true {
      let count = automaticNames[base, default: 0]
      automaticNames[base] = count + 1
      let name = count == 0 ? base : "\(base)_\(count)"
      guard paths[name] != nil else {
        paths[name] = range
        return name
      }
    }
  }

  /// Whether a tensor is small enough to count its elements; reports it otherwise.
  mutating func checkSize(of shape: Shape, at range: SourceRange) -> Bool {
    var count = 1
    for dimension in shape.dimensions {
      let (product, overflow) = count.multipliedReportingOverflow(by: dimension)
      guard !overflow, product <= Limits.elements else {
        report(
          "a tensor of the shape \(shape) has more than \(Limits.elements) elements", at: range)
        return false
      }
      count = product
    }
    return true
  }
}

/// Whether a text can stand in a label: letters, digits, `_` and `.`.
func isPath(_ text: String) -> Bool {
  !text.isEmpty
    && text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."):
        true
      default: false
      }
    }
}
