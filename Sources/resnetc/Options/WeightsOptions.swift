import ArgumentParser
import GraphIR
import ModelFiles

/// Where the weights come from.
struct WeightsOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A safetensors file with PyTorch's names, or 'seeded' for made-up weights.",
      discussion: "Without it, the file beside the spec with the same base name is taken.",
      valueName: "file|seeded"),
    completion: .file(extensions: ["safetensors"]))
  var weights: String?

  /// Opens the weights and checks that they are those of the model, all of them at once.
  ///
  /// - Throws: `FileAccessError`, `SafetensorsError` or `StateDictMismatch`.
  func load(for model: Model, spec: SpecOptions) throws -> Weights {
    let beside = spec.isStandardInput ? nil : findWeights(besideSpec: spec.spec)
    guard let path = weights ?? beside else {
      Terminal.warn(
        "there are no weights beside the spec, so the results mean nothing: the weights are "
          + "made up; pass trained ones with --weights FILE (--weights seeded says that this is meant)"
      )
      return .seeded(SeededWeights(), isMeant: false)
    }
    if path == "seeded" { return .seeded(SeededWeights(), isMeant: true) }
    let file = try StateDict(path: path)
    try file.check(against: model.graph.parameters())
    return .file(file)
  }
}

/// A model's weights.
enum Weights: ParameterSource {
  /// Made up, because the user says so or for want of a file.
  case seeded(SeededWeights, isMeant: Bool)
  case file(StateDict)

  func values(of parameter: ParameterSpec) throws -> [Float] {
    switch self {
    case .seeded(let weights, _): weights.values(of: parameter)
    case .file(let file): try file.values(of: parameter)
    }
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
    case .file(let dict): dict.file.path
    }
  }
}
