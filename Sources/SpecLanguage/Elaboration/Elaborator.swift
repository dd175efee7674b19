import Diagnostics
import GraphIR

/// Runs a spec: evaluates its expressions, follows its loops and blocks, and appends a node to the
/// graph for every operation it meets.
///
/// An error is reported once and its value becomes `Value.invalid`, over which everything else
/// passes silently; so one run finds several independent errors. What a spec may cost is bounded.
struct Elaborator {
  /// Evaluated expressions and statements.
  static let maximumSteps = 500_000
  static let maximumNodes = 20_000
  /// Blocks within blocks.
  static let maximumCalls = 32
  /// Expressions, statements and blocks within each other.
  static let maximumDepth = 400
  static let maximumErrors = 20

  /// A block, or the model, while it runs.
  struct Frame {
    /// The values in each pair of braces around the current place, outermost first.
    var scopes: [[String: Value]] = [[:]]
    /// The path of the instance; empty for the model.
    var path = ""
    /// The name of the block and where it was instantiated, for notes.
    var block = ""
    var caller: SourceRange?
  }

  /// How a statement ended.
  enum Flow {
    case next
    case returned(Value)
  }

  let program: Program
  let load: (String) throws -> String
  var graph: Graph
  var diagnostics: [Diagnostic] = []
  var frames: [Frame] = []
  var constants: [String: Value] = [:]
  /// Files read during elaboration, such as label files.
  var files: [SourceFile] = []
  /// Every path in use by an instance or a node, with its place.
  var paths: [String: SourceRange] = [:]
  /// The values of instances by their paths: see `record`.
  var instanceValues: [String: NodeID] = [:]
  /// The values of what only begins the paths of instances.
  var groupValues: [String: NodeID] = [:]
  /// The variables in the list that the model returns; nil for its other elements.
  var resultVariables: [String?] = []
  /// How often each automatic name was given, to number the next one.
  var automaticNames: [String: Int] = [:]
  var preprocessing: (value: Preprocessing, call: Call)?
  var labels: (names: [String], call: Call)?

  var steps = 0
  var depth = 0
  /// A limit was passed: everything that is left yields `invalid`.
  var isAborted = false

  init(_ program: Program, load: @escaping (String) throws -> String) {
    self.program = program
    self.load = load
    graph = Graph(name: program.model?.name.text ?? "")
  }

  // MARK: The whole

  mutating func run(overrides: Overrides) -> Model? {
    frames = [Frame()]
    for constant in program.constants {
      constants[constant.name.text] = evaluate(constant.value)
    }
    guard let model = program.model else { return nil }
    bindParameters(of: model, overrides)
    guard !isAborted else { return nil }
    guard case .returned(let result) = execute(model.body) else {
      report("the model '\(model.name.text)' ends without 'return'", at: model.name.range)
      return nil
    }
    setOutputs(result, of: model)
    checkDeclarations()
    guard !diagnostics.containsError else { return nil }
    warnOfUnusedNodes()
    return Model(
      graph: graph, preprocessing: preprocessing?.value, labels: labels?.names ?? [],
      outputNames: graph.outputs.enumerated().map { index, id in
        resultVariables.indices.contains(index)
          ? resultVariables[index] ?? graph[id].name
          : graph[id].name
      }, values: groupValues.merging(instanceValues) { _, instance in instance })
  }

  private mutating func setOutputs(_ result: Value, of model: Definition) {
    let results: [Value]
    if case .list(let list) = result { results = list.elements } else { results = [result] }
    for value in results {
      switch value {
      case .tensor(let id): graph.outputs.append(id)
      case .invalid: return
      default:
        report(
          "the model must return a tensor or a list of tensors, not \(value.described)",
          at: model.name.range)
        return
      }
    }
    if graph.outputs.isEmpty {
      report("the model must return a tensor, not an empty list", at: model.name.range)
    } else if graph.outputs.contains(where: { graph[$0].op == .input }) {
      report("the model returns its input unchanged", at: model.name.range)
    }
  }

  private mutating func warnOfUnusedNodes() {
    var isUsed = [Bool](repeating: false, count: graph.nodes.count)
    for output in graph.outputs { isUsed[output.index] = true }
    for id in graph.nodeIDs.reversed() where isUsed[id.index] {
      for input in graph[id].inputs { isUsed[input.index] = true }
    }
    for id in graph.nodeIDs where !isUsed[id.index] {
      let node = graph[id]
      add(
        Diagnostic(
          "the result of '\(node.name)' does not reach what the model returns",
          at: node.sources.first, severity: .warning))
    }
  }

  /// Remembers the value of an instance. One that is an element of `layer1`, being labelled `layer1.1`,
  /// is also the value of `layer1` so far: like the modules of a sequence in PyTorch, the last one
  /// counts.
  ///
  /// - Parameters:
  ///   - path: of the instance; it ends with the label.
  ///   - label: nil for an operation that was named automatically.
  mutating func record(_ value: NodeID, path: String, label: String?) {
    instanceValues[path] = value
    guard let label else { return }
    var group = path
    for _ in label.split(separator: ".").dropFirst() {
      guard let dot = group.lastIndex(of: ".") else { return }
      group = String(group[..<dot])
      groupValues[group] = value
    }
  }

  // MARK: Errors and limits

  mutating func report(
    _ message: String, at range: SourceRange?, notes: [Diagnostic.Note] = []
  ) {
    add(Diagnostic(message, at: range, notes: notes + instantiationNotes))
  }

  /// A loop or a second instance of a block repeats an error word for word; it is said once.
  mutating func add(_ diagnostic: Diagnostic) {
    guard !isAborted,
      !diagnostics.contains(where: {
        $0.message == diagnostic.message && $0.range == diagnostic.range
      })
    else { return }
    diagnostics.append(diagnostic)
    if diagnostics.count >= Self.maximumErrors { isAborted = true }
  }

  /// Where the blocks around the current place were instantiated, innermost first.
  private var instantiationNotes: [Diagnostic.Note] {
    frames.reversed().prefix(3).compactMap { frame in
      frame.caller.map { range in
        let name = frame.path.isEmpty ? "" : " as '\(frame.path)'"
        return .init("in the block '\(frame.block)', used here\(name)", at: range)
      }
    }
  }

  /// Counts a step; returns false once a limit is passed.
  mutating func canGoOn(at range: SourceRange) -> Bool {
    guard !isAborted else { return false }
    steps += 1
    guard steps <= Self.maximumSteps else {
      return abort("the spec takes more than \(Self.maximumSteps) steps to elaborate", at: range)
    }
    guard depth < Self.maximumDepth else {
      return abort("the spec is nested more than \(Self.maximumDepth) levels deep", at: range)
    }
    return true
  }

  /// Reports the limit that was passed and stops everything else.
  @discardableResult
  mutating func abort(_ message: String, at range: SourceRange) -> Bool {
    report(message, at: range)
    isAborted = true
    return false
  }

  // MARK: Names

  var frame: Frame {
    get { frames[frames.count - 1] }
    set { frames[frames.count - 1] = newValue }
  }

  func lookUp(_ name: String) -> Value? {
    for scope in frame.scopes.reversed() {
      if let value = scope[name] { return value }
    }
    return constants[name]
  }

  /// Changes the innermost variable of that name, or makes one in the current braces.
  mutating func assign(_ value: Value, to name: String) {
    let last = frames.count - 1
    let index =
      frames[last].scopes.lastIndex { $0[name] != nil } ?? frames[last].scopes.count - 1
    frames[last].scopes[index][name] = value
  }

  /// The path of something called `name` in the current instance.
  func path(of name: String) -> String {
    frame.path.isEmpty ? name : "\(frame.path).\(name)"
  }
}
