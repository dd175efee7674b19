import ArgumentParser
import Diagnostics
import GraphIR
import ModelFiles
import OnnxImport

/// Where the weights come from.
struct WeightsOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A file with the weights under PyTorch's names, or 'seeded' for made-up ones.",
      discussion: """
        A safetensors file; the index of several (model.safetensors.index.json) or their folder; or a \
        state dict that torch.save has written (.pth, .pt), of which no code is run. Names may begin \
        with a wrapper's, such as 'module.'. Without it, the file beside the spec with the same base \
        name is taken, or the weights of an ONNX file; those that are given take the place of all of \
        its own, under the same names.
        """,
      valueName: "file|seeded"),
    completion: .file(extensions: ["safetensors", "json", "pth", "pt", "bin", "ckpt"]))
  var weights: String?

  @Option(
    help: ArgumentHelp(
      "Which of several state dicts of a PyTorch checkpoint to take, such as state_dict_ema.",
      discussion: "Keys of inner dictionaries are joined with dots; '.' is the whole file.",
      valueName: "key"))
  var weightsKey: String?

  @Option(
    name: .customLong("rename"),
    help: ArgumentHelp(
      "Give tensors of the file other names, such as '^encoder\\.='. Repeatable.",
      discussion: """
        The pattern is a regular expression; each match in a name is replaced, and $1 to $9 in the \
        replacement stand for the pattern's groups: '^stage(\\d)=layer$1'. Rules apply one \
        after the other, and tensors whose name becomes empty are left out.
        """,
      valueName: "pattern=replacement"))
  var renaming: [String] = []

  func validate() throws {
    do {
      for rule in renaming { _ = try RenameRule(rule) }
    } catch let error as RenameError {
      throw ValidationError("'--rename': \(error)")
    }
    guard weights == "seeded" else { return }
    if weightsKey != nil {
      throw ValidationError("'--weights-key' needs a file of weights (--weights FILE)")
    }
    if !renaming.isEmpty {
      throw ValidationError("'--rename' needs a file of weights (--weights FILE)")
    }
  }

  /// Opens the weights and checks that they are those of the model, all of them at once.
  ///
  /// - Throws: the errors of `StateDict`, or `ValidationError` if there is no file for the options.
  func load(for loaded: LoadedModel, spec: SpecOptions) throws -> Weights {
    if weights == nil, let own = loaded.weights {
      guard weightsKey == nil, renaming.isEmpty else {
        throw ValidationError(
          "the weights are those of the ONNX file, which '--weights-key' and '--rename' are not for; "
            + "give others with --weights FILE")
      }
      return .imported(own)
    }
    let beside = spec.isStandardInput ? nil : findWeights(besideSpec: spec.spec)
    guard let path = weights ?? beside else {
      guard weightsKey == nil, renaming.isEmpty else {
        throw ValidationError(
          "there are no weights beside the spec that --weights-key or --rename could be for; name "
            + "them with --weights FILE")
      }
      Terminal.warn(
        "there are no weights beside the spec, so the results mean nothing: the weights are "
          + "made up; pass trained ones with --weights FILE (--weights seeded says that this is meant)"
      )
      return .seeded(SeededWeights(), isMeant: false)
    }
    if path == "seeded" { return .seeded(SeededWeights(), isMeant: true) }
    let file = try StateDict(path: path, key: weightsKey).renamed(by: renaming.map(RenameRule.init))
    let (fitted, prefix) = try file.fitted(
      to: loaded.model.graph.parameters(), optional: loaded.model.unusedParameters)
    if let prefix {
      Terminal.note(
        "the names in \(path.printable()) begin with \"\(prefix.printable())\", which is passed over"
      )
    }
    return .file(fitted)
  }
}

/// A model's weights.
enum Weights: ParameterSource {
  /// Made up, because the user says so or for want of a file.
  case seeded(SeededWeights, isMeant: Bool)
  case file(StateDict)
  /// Those of an ONNX file.
  case imported(ImportedWeights)

  func values(of parameter: ParameterSpec) throws -> [Float] {
    switch self {
    case .seeded(let weights, _): weights.values(of: parameter)
    case .file(let file): try file.values(of: parameter)
    case .imported(let weights): try weights.values(of: parameter)
    }
  }

  /// The file that a user named for them, or that was found.
  var file: String? {
    if case .file(let dict) = self { dict.path } else { nil }
  }

  /// What a summary for a person calls them, who may not know that there was no file.
  var described: String {
    if case .seeded(_, isMeant: false) = self { return "made up" }
    return name
  }

  /// What a report calls them.
  var name: String {
    switch self {
    case .seeded: "seeded"
    case .file(let dict): dict.path
    case .imported(let weights): weights.path
    }
  }
}
