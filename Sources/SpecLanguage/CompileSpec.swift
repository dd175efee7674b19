import Diagnostics
import GraphIR

/// What came of compiling a spec.
public struct SpecCompilation: Sendable {
  /// The network; `nil` if there is an error among the diagnostics.
  public var model: Model?
  /// Errors and warnings in the order of their places.
  public var diagnostics: [Diagnostic]
  /// Every file that ranges name: the spec, what it imports, label files, and `--set` for overrides.
  public var files: [SourceFile]

  /// The diagnostics as text for a person, with the lines they are about.
  ///
  /// - Parameters:
  ///   - usesColor: whether to write ANSI colours.
  ///   - program: what stands before a diagnostic without a place.
  public func renderedDiagnostics(usesColor: Bool = false, program: String? = nil) -> String {
    DiagnosticRenderer(files: files, usesColor: usesColor, program: program).render(diagnostics)
  }
}

/// Compiles the model in a spec file to a graph.
///
/// ```swift
/// let result = compileSpec(path: "net.spec", overrides: ["batch": "8"]) { path in
///   try String(contentsOfFile: path, encoding: .utf8)
/// }
/// ```
///
/// - Parameters:
///   - path: the file with the model. Its folder is where its imports and label files are looked up.
///   - overrides: values for the model's parameters, as a user writes them.
///   - load: reads the text of a file; the only way this module sees one. What it throws is shown.
public func compileSpec(
  path: String, overrides: [String: String] = [:], load: @escaping (String) throws -> String
) -> SpecCompilation {
  let overrides = Overrides(overrides)
  var loader = ProgramLoader(load: load)
  loader.run(path: path)
  let program = loader.program
  var files = program.files + (overrides.names.isEmpty ? [] : [overrides.file])
  // What could not be parsed would only show up again as unknown names. Of a file that could not be
  // read it is known that names are missing, and the rest of the program can be checked.
  guard !loader.diagnostics.containsError || loader.lacksOnlyImports else {
    return SpecCompilation(
      model: nil, diagnostics: loader.diagnostics.sorted(in: files), files: files)
  }
  var names = NameResolution(program)
  names.run()
  var elaborator = Elaborator(program, load: load)
  let model = elaborator.run(overrides: overrides)
  files += elaborator.files
  var diagnostics = loader.diagnostics + names.diagnostics + elaborator.diagnostics
  let hasError = diagnostics.containsError
  // Beside an error, a warning is likely to be its consequence.
  if hasError { diagnostics.removeAll { $0.severity == .warning } }
  return SpecCompilation(
    model: hasError ? nil : model, diagnostics: diagnostics.sorted(in: files), files: files)
}
