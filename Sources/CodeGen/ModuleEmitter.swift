import GraphIR

/// Why a module cannot be written from its description.
public enum ModuleError: Error, Equatable, CustomStringConvertible {
  /// The description contradicts itself or lacks something.
  case invalidDescription(String)
  /// Two outputs have names that become one in C.
  case ambiguousOutputs(String)

  public var description: String {
    switch self {
    case .invalidDescription(let problem): "the module cannot be written: \(problem)"
    case .ambiguousOutputs(let name):
      "two outputs are both called '\(name)' in the generated code; rename one in the spec"
    }
  }
}

/// Writes every text file of a module: the Swift package, the C header and the C around the
/// kernels. The library and the weights, which are no texts, are not among them; `ModuleLayout` says
/// where they go.
///
/// - Parameters:
///   - description: what the module is.
///   - networkSources: the kernels, `csrc/network_NAME.c` for each instruction set, and what they
///     include.
/// - Returns: the files in the order of their paths.
/// - Throws: `ModuleError` for a description that cannot be right, `PixelsViewError` for a
///   preprocessing that cannot make its input, `TemplateError` for a mistake in a template.
public func emitModule(
  _ description: RuntimeDescription, networkSources: [GeneratedFile]
) throws -> [GeneratedFile] {
  try check(description)
  let renderer = try TemplateRenderer()
  let layout = ModuleLayout(description, networkSources: networkSources)
  let view = RuntimeView(description, layout: layout)
  let bundle = BundleView(runtime: view, layout: layout)

  var files = networkSources
  func emit(_ template: String, as path: String, _ view: Any) throws {
    let text = try renderer.render(template, view)
    let indent = path.hasSuffix(".swift") ? 2 : 4
    files.append(GeneratedFile(path: path, contents: wrappingLongLines(text, indent: indent)))
  }
  for name in ["model.c", "team.c", "team.h", "weights.c", "weights.h", "internal.h"] {
    try emit(name, as: "csrc/" + name, view)
  }
  if let pixels = try pixelsSource(of: description) {
    files.append(GeneratedFile(path: "csrc/pixels.c", contents: pixels))
  }
  try emit("api.h", as: "csrc/" + description.names.header, view)
  try emit("api.h", as: layout.include + "/" + description.names.header, view)
  try emit("Makefile", as: "csrc/Makefile", bundle)
  try emit("module.modulemap", as: layout.include + "/module.modulemap", bundle)
  try emit("info.json", as: layout.artifactBundle + "/info.json", bundle)
  try emit("Package.swift", as: "Package.swift", view)
  var swiftFiles = ["Model.swift", "Context.swift", "ModelError.swift"]
  if view.classifies { swiftFiles.append("Classification.swift") }
  if view.pixels { swiftFiles += ["Picture.swift", "Context+Pictures.swift"] }
  for name in swiftFiles {
    try emit(name, as: layout.swiftSources + "/" + name, view)
  }
  return files.sorted { $0.path < $1.path }
}

private func check(_ description: RuntimeDescription) throws(ModuleError) {
  func require(_ condition: Bool, _ problem: String) throws(ModuleError) {
    if !condition { throw .invalidDescription(problem) }
  }
  let input = description.inputShape
  try require(input.dimensions.allSatisfy { $0 > 0 }, "the input \(input) has no elements")
  try require(!description.outputs.isEmpty, "the model has no output")
  for output in description.outputs {
    try require(
      output.shape.elementCount > 0, "output '\(output.name)' \(output.shape) has no elements")
  }
  try require(!description.instructionSets.isEmpty, "there are no kernels")
  try require(description.maxThreads >= 1, "no thread may run")
  try require(
    WeightsFile.bytes(ofHexadecimal: description.fingerprint)?.count == 32,
    "the fingerprint is not 64 hexadecimal digits")
  if let index = description.classOutput {
    try require(description.outputs.indices.contains(index), "there is no output \(index)")
    let scores = description.outputs[index].shape
    try require(
      scores.batch == input.batch,
      "output '\(description.outputs[index].name)' \(scores) has another batch than the input \(input)"
    )
    let classes = scores.elementCount / scores.batch
    try require(
      description.labels.isEmpty || description.labels.count == classes,
      "\(description.labels.count) labels do not name \(classes) classes")
  }
  var seen: Set<String> = []
  for output in description.outputs {
    let name = ModuleNames.cIdentifier(for: output.name)
    if !seen.insert(name).inserted { throw .ambiguousOutputs(name) }
  }
}

/// The view of files that list others: runtime facts and paths.
private struct BundleView {
  var module: String
  var cModule: String
  var header: String
  var bundleVersion: String
  var triple: String
  var library: String
  var include: String
  var bannerLines: [String]
  var flags: String
  var sources: [RuntimeView.SourceView]
  var openMPLibrary: String?

  init(runtime: RuntimeView, layout: ModuleLayout) {
    module = runtime.module
    cModule = runtime.cModule
    header = runtime.header
    bundleVersion = runtime.bundleVersion
    triple = runtime.triple
    library = layout.libraryInBundle
    include = layout.includeInBundle
    bannerLines = runtime.bannerLines
    flags = ModuleLayout.commonFlags.joined(separator: " ")
    sources = runtime.sources
    openMPLibrary = runtime.openMPLibrary
  }
}
