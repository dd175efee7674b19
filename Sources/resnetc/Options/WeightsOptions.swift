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
      return .seeded(SeededWeights())
    }
    if path == "seeded" { return .seeded(SeededWeights()) }
    let file = try StateDict(path: path)
    try file.check(against: model.graph.parameters())
    return .file(file)
  }
}

/// A model's weights.
enum Weights: ParameterSource {
  case seeded(SeededWeights)
  case file(StateDict)

  func values(of parameter: ParameterSpec) throws -> [Float] {
    switch self {
    case .seeded(let weights): weights.values(of: parameter)
    case .file(let file): try file.values(of: parameter)
    }
  }

  /// What a report calls them.
  var name: String {
    switch self {
    case .seeded: "seeded"
    case .file(let dict): dict.file.path
    }
  }
}
