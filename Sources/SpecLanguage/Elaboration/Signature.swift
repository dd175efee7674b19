import Diagnostics

/// What can be called under a name, and with which arguments.
struct Signature: Sendable {
  struct Parameter: Sendable {
    var name: String
    var isOptional: Bool
  }

  enum Kind: Sendable {
    case operation(Operation)
    case function(Function)
    case declaration(Declaration)
    case block(Definition)
  }

  var name: String
  var parameters: [Parameter]
  var kind: Kind

  /// - Parameter parameters: names in order; a `?` marks an optional one.
  init(_ name: String, _ parameters: [String], _ kind: Kind) {
    self.name = name
    self.kind = kind
    self.parameters = parameters.map {
      $0.hasSuffix("?")
        ? Parameter(name: String($0.dropLast()), isOptional: true)
        : Parameter(name: $0, isOptional: false)
    }
  }

  init(_ block: Definition) {
    name = block.name.text
    kind = .block(block)
    parameters = block.parameters.map {
      Parameter(name: $0.name.text, isOptional: $0.defaultValue != nil)
    }
  }

  /// How a message calls the kind.
  var described: String {
    switch kind {
    case .operation: "the operation '\(name)'"
    case .function: "the function '\(name)'"
    case .declaration: "the declaration '\(name)'"
    case .block: "the block '\(name)'"
    }
  }

  var listed: String {
    parameters.isEmpty ? "no parameters" : parameters.map(\.name).joined(separator: ", ")
  }
}

/// A function of plain values.
enum Function: String, CaseIterable, Sendable {
  /// The number of elements of a list.
  case len

  var signature: Signature { Signature(rawValue, ["list"], .function(self)) }
}

/// A statement in the form of a call that says something about the whole model.
enum Declaration: String, CaseIterable, Sendable {
  case preprocess
  case labels

  var signature: Signature {
    switch self {
    case .preprocess:
      Signature(
        rawValue, ["resize?", "order?", "scale?", "mean?", "std?"], .declaration(self))
    case .labels: Signature(rawValue, ["names"], .declaration(self))
    }
  }
}

/// The operations a spec can write; the graph's `Op` has the same ones with their values.
enum Operation: String, CaseIterable, Sendable {
  case conv
  case bn
  case relu
  case leakyrelu
  case clip
  case sigmoid
  case hardsigmoid
  case add
  case mul
  case maxpool
  case avgpool
  case globalavgpool
  case padchannels
  case pad
  case linear
  case flatten
  case reshape
  case transpose
  case expand
  case concat
  case parameter
  case softmax

  /// The operation takes tensors from the state dict, so it must have a name.
  var hasWeights: Bool { self == .conv || self == .bn || self == .linear }

  var signature: Signature {
    let parameters =
      switch self {
      case .conv:
        ["x", "channels", "kernel", "stride?", "pad?", "dilation?", "groups?", "bias?"]
      case .bn: ["x", "eps?"]
      case .relu, .sigmoid, .globalavgpool, .flatten, .softmax: ["x"]
      case .leakyrelu: ["x", "slope?"]
      case .clip: ["x", "min?", "max?"]
      case .hardsigmoid: ["x", "slope?", "offset?"]
      case .add, .mul: ["x", "y"]
      case .reshape, .expand: ["x", "shape"]
      case .transpose: ["x", "order"]
      case .concat: ["tensors"]
      case .parameter: ["name", "shape"]
      case .maxpool: ["x", "kernel", "stride?", "pad?", "dilation?", "ceil?"]
      case .avgpool:
        ["x", "kernel", "stride?", "pad?", "dilation?", "ceil?", "count_include_pad?"]
      case .padchannels: ["x", "before?", "after?", "stride?"]
      case .pad: ["x", "pad", "value?"]
      case .linear: ["x", "features", "bias?"]
      }
    return Signature(rawValue, parameters, .operation(self))
  }
}

/// Every name that is there without a definition.
let builtinSignatures: [String: Signature] = {
  let all =
    Operation.allCases.map(\.signature) + Function.allCases.map(\.signature)
    + Declaration.allCases.map(\.signature)
  return Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })
}()

/// Which argument each parameter of a signature gets.
struct Binding {
  /// The problems of the call, in the order of the arguments.
  var problems: [Diagnostic] = []
  /// For each parameter the index of its argument.
  var arguments: [Int?]

  /// - Parameter isPiped: the first parameter comes from the pipeline and has no argument.
  init(_ call: Call, to signature: Signature, isPiped: Bool) {
    arguments = Array(repeating: nil, count: signature.parameters.count)
    let first = isPiped ? 1 : 0
    if isPiped, signature.parameters.isEmpty {
      problems.append(
        Diagnostic("\(signature.described) takes no input", at: call.callee.range))
    }
    var nextPositional = first
    var sawName = false
    for (index, argument) in (call.arguments?.elements ?? []).enumerated() {
      guard let name = argument.name else {
        bindPositional(
          index, argument, to: nextPositional, of: signature, afterName: sawName)
        nextPositional += 1
        continue
      }
      sawName = true
      bindNamed(index, name, of: signature, first: first)
    }
    let missing = signature.parameters.indices.filter {
      $0 >= first && arguments[$0] == nil && !signature.parameters[$0].isOptional
    }
    if !missing.isEmpty, problems.isEmpty {
      let names = missing.map { "'\(signature.parameters[$0].name)'" }.joined(separator: ", ")
      problems.append(
        Diagnostic("\(signature.described) needs a value for \(names)", at: call.range))
    }
  }

  private mutating func bindPositional(
    _ index: Int, _ argument: Argument, to parameter: Int, of signature: Signature,
    afterName: Bool
  ) {
    if afterName {
      problems.append(
        Diagnostic(
          "an argument without a name must stand before the named ones",
          at: argument.value.range))
    } else if parameter >= signature.parameters.count {
      problems.append(
        Diagnostic(
          "too many arguments; \(signature.described) takes \(signature.listed)",
          at: argument.value.range))
    } else {
      arguments[parameter] = index
    }
  }

  private mutating func bindNamed(
    _ index: Int, _ name: Identifier, of signature: Signature, first: Int
  ) {
    let names = signature.parameters.map(\.name)
    guard let parameter = names.firstIndex(of: name.text) else {
      problems.append(
        unknownName(
          "\(signature.described) has no parameter '\(name.text)'", name, among: names,
          otherwise: "it takes \(signature.listed)"))
      return
    }
    if parameter < first {
      problems.append(
        Diagnostic("'\(name.text)' comes from the pipeline already", at: name.range))
    } else if arguments[parameter] != nil {
      problems.append(Diagnostic("'\(name.text)' is given twice", at: name.range))
    } else {
      arguments[parameter] = index
    }
  }
}

/// An error about a name that does not exist, with the near one or what there is instead.
func unknownName(
  _ message: String, _ name: Identifier, among names: some Sequence<String>,
  otherwise: String? = nil, notes: [Diagnostic.Note] = []
) -> Diagnostic {
  let near = nearestName(to: name.text, among: names)
  let hint = near.map { "did you mean '\($0)'?" } ?? otherwise
  return Diagnostic(
    message + (hint.map { "; \($0)" } ?? ""), at: name.range, notes: notes,
    fix: near.map { .init(replacing: name.range, with: $0) })
}
