import Diagnostics
import GraphIR

extension Elaborator {
  /// Runs a statement that says something about the whole model.
  mutating func declare(_ call: Call) {
    guard let signature = program.callables[call.callee.text],
      case .declaration(let declaration) = signature.kind
    else { return }
    let binding = Binding(call, to: signature, isPiped: false)
    guard binding.problems.isEmpty else { return }
    var arguments = BoundArguments(call: call, range: call.range)
    for (index, parameter) in signature.parameters.enumerated() {
      guard let position = binding.arguments[index],
        let argument = call.arguments?.elements[position]
      else { continue }
      arguments.values[parameter.name] = (evaluate(argument.value), argument.value.range)
    }
    do throws(BoundArguments.Failure) {
      switch declaration {
      case .preprocess: try declarePreprocessing(arguments)
      case .labels: try declareLabels(arguments)
      }
    } catch {
      if let message = error.message { report(message, at: error.range) }
    }
  }

  private mutating func isFirst(_ call: Call, after earlier: Call?) -> Bool {
    guard let earlier else { return true }
    report(
      "'\(call.callee.text)' is declared twice", at: call.range,
      notes: [.init("the first declaration is here", at: earlier.range)])
    return false
  }

  // MARK: Preprocessing

  private mutating func declarePreprocessing(
    _ arguments: BoundArguments
  ) throws(BoundArguments.Failure) {
    guard isFirst(arguments.call, after: preprocessing?.call) else { return }
    var result = Preprocessing()
    if arguments.has("resize") {
      let side = try arguments.extent("resize", from: 1)
      if case .list = try arguments.given("resize").0 {
        result.resize = .exact(side)
      } else {
        result.resize = .shortSide(side.height)
      }
    }
    if arguments.has("order") {
      let (value, range) = try arguments.given("order")
      guard case .string(let name) = value,
        let order = Preprocessing.ChannelOrder(rawValue: name)
      else {
        throw .init(message: "'order' must be \"rgb\" or \"bgr\"", range: range)
      }
      result.channelOrder = order
    }
    result.scale = try arguments.real("scale", default: 1.0 / 255)
    guard result.scale != 0 else {
      throw .init(message: "'scale' must not be 0", range: arguments.range(of: "scale"))
    }
    if let mean = try arguments.reals("mean") { result.mean = mean }
    if let deviation = try arguments.reals("std") {
      guard deviation.allSatisfy({ $0 > 0 }) else {
        throw .init(
          message: "every value of 'std' must be larger than 0", range: arguments.range(of: "std"))
      }
      result.standardDeviation = deviation
    }
    for (name, values) in [("mean", result.mean), ("std", result.standardDeviation)]
    where values.count != 3 {
      throw .init(
        message: "'\(name)' must have one value for each of 3 channels, not \(values.count)",
        range: arguments.range(of: name))
    }
    preprocessing = (result, arguments.call)
  }

  // MARK: Labels

  private mutating func declareLabels(
    _ arguments: BoundArguments
  ) throws(BoundArguments.Failure) {
    guard isFirst(arguments.call, after: labels?.call) else { return }
    let (value, range) = try arguments.given("names")
    switch value {
    case .string(let name):
      guard let names = readLabels(name, at: range) else { return }
      labels = (names, arguments.call)
    case .list(let list):
      var names: [String] = []
      for element in list.elements {
        guard case .string(let name) = element else {
          throw arguments.wrong("names", "a list of strings", element, range, isElement: true)
        }
        names.append(name)
      }
      labels = (names, arguments.call)
    default:
      throw arguments.wrong(
        "names", "a list of strings or the name of a text file", value, range)
    }
  }

  /// Reads a text file with one label a line.
  private mutating func readLabels(_ name: String, at range: SourceRange) -> [String]? {
    let path = resolvedPath(name, relativeTo: range.file)
    let file: SourceFile
    do {
      file = SourceFile(path: path, text: try load(path))
    } catch {
      report("cannot read '\(path)': \(error)", at: range)
      return nil
    }
    files.append(file)
    return (1...file.lineCount).map(file.line)
  }

  // MARK: Agreement with the network

  /// Checks, once the graph is there, that the declarations fit it.
  mutating func checkDeclarations() {
    if let (names, call) = labels, let output = graph.outputs.first {
      func classes(of output: NodeID) -> Int {
        graph[output].type.shape.elementCount / graph[output].type.shape.batch
      }
      if !graph.outputs.contains(where: { classes(of: $0) == names.count }) {
        report(
          "there are \(names.count) labels, but the model has \(classes(of: output)) outputs",
          at: call.range,
          notes: [
            .init(
              "'\(graph[output].name)' has the shape \(graph[output].type.shape)",
              at: graph[output].sources.first)
          ])
      }
    }
    if let (value, call) = preprocessing, let input = graph.inputs.first {
      // Where the caller's array has its channels last, pictures are put where they come first.
      let shape = graph[graph.imageOfCaller(input)].type.shape
      let note = Diagnostic.Note("the input is here", at: graph[input].sources.first)
      if !shape.isImage || shape.channels != 3 {
        report(
          "pictures have 3 channels, but the input has the shape \(shape)", at: call.range,
          notes: [note])
      }
      let fits =
        switch value.resize {
        case .none: true
        case .shortSide(let side): side >= max(shape.height, shape.width)
        case .exact(let extent):
          extent.height >= shape.height && extent.width >= shape.width
        }
      if !fits {
        report(
          "the resized picture is smaller than the input \(shape), which is cut from it",
          at: call.range, notes: [note])
      }
    }
  }
}
