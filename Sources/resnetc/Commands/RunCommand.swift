import ArgumentParser
import GraphIR
import ModuleBuilding
import Pictures
import ResNetCompiler

/// `resnetc run`: compiles to a temporary library and runs it.
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Run a network on pictures or tensors.",
    discussion: """
      More pictures than the network's batch are run batch by batch.

      Example:
        resnetc run Specs/resnet8-cifar10.spec --image cat.png dog.jpg --top 3
      """)

  @OptionGroup var spec: SpecOptions

  @Option(
    parsing: .upToNextOption, help: ArgumentHelp("PNG or JPEG pictures.", valueName: "file"),
    completion: .file(extensions: ["png", "jpg", "jpeg"]))
  var image: [String] = []

  @Option(
    help: ArgumentHelp(
      "A NumPy file with a float array [N, channels, height, width], or 'seeded' for made-up numbers.",
      valueName: "file.npy|seeded"),
    completion: .file(extensions: ["npy"]))
  var input: String?

  @OptionGroup var weights: WeightsOptions

  @Option(help: "How many threads to use.")
  var threads = 1

  @Option(help: "How many classes to show for each picture.")
  var top = 5

  @Flag(help: "Print all outputs as JSON.")
  var json = false

  @Flag(help: "Use the slow interpreter on the graph as the spec has it.")
  var interpret = false

  @OptionGroup var plan: PlanOptions
  @OptionGroup var compiler: CompilerChoice

  func validate() throws {
    guard image.isEmpty != (input == nil) else {
      throw ValidationError("give either pictures (--image FILE...) or a tensor (--input FILE.npy)")
    }
    guard top > 0 else { throw ValidationError("'--top \(top)' should be at least 1") }
    try validateThreads(threads)
  }

  func run() throws {
    let loaded = try spec.load()
    let model = loaded.model
    // Pictures and tensors are read first: a mistake in them should not wait for the C compiler.
    let pictures = try image.map { try Picture(path: $0) }
    let tensors = try input.map { try NetworkInput($0, for: model.inputShape) }
    if !pictures.isEmpty, model.preprocessing == nil { throw NativeModuleError.noPreprocessing }
    let source = try weights.load(for: loaded, spec: spec)
    let executor = try makeExecutor(model, source)

    let size = model.inputShape.batch
    var batches: [[Tensor]] = []
    if let tensors {
      batches = try tensors.batches(of: size).map { try executor.run($0) }
    } else {
      for first in stride(from: 0, to: pictures.count, by: size) {
        let batch = (first..<first + size).map { pictures[min($0, pictures.count - 1)] }
        batches.append(try executor.run(batch))
      }
    }
    let report = RunReport(
      model: model, inputs: tensors?.names ?? image, hasPictures: tensors == nil, batches: batches,
      top: top, isa: executor.name, threads: interpret ? 1 : threads, weights: source.name)
    print(json ? report.json.text + "\n" : report.text, terminator: "")
  }

  private func makeExecutor(_ model: Model, _ source: Weights) throws -> any Executor {
    guard interpret else {
      let module = try compiler.load(model, weights: source, plan: plan, threads: threads)
      return CompiledExecutor(context: try module.makeContext(threads: threads))
    }
    let conversion =
      try image.isEmpty
      ? nil
      : compiler.load(try model.conversionOnly, weights: source, plan: plan, threads: threads)
        .makeContext(threads: 1)
    return InterpretedExecutor(model, weights: source, conversion: conversion)
  }
}
