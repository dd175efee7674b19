import Diagnostics

/// A spec with everything it imports.
struct Program {
  /// Every file that was read, in the order of first mention.
  var files: [SourceFile] = []
  /// What can be called: built in or defined in any of the files.
  var callables = builtinSignatures
  /// The values named at the top of files, each after those of the files it imports.
  var constants: [(name: Identifier, value: Expression)] = []
  var blocks: [Definition] = []
  var model: Definition?
  /// An imported file could not be read, so a name that is not here may have been in it.
  var lacksImports = false
}

/// Reads a spec file and, through it, the files it imports, each once.
struct ProgramLoader {
  static let maximumFiles = 64

  private let load: (String) throws -> String
  private(set) var program = Program()
  private(set) var diagnostics: [Diagnostic] = []
  /// The files whose imports are being read, outermost first.
  private var pending: [String] = []
  private var loaded: Set<String> = []
  private var definitions: [String: Identifier] = [:]
  private var unreadableImports = 0

  init(load: @escaping (String) throws -> String) {
    self.load = load
  }

  /// Whether imports that could not be read are all that is wrong.
  var lacksOnlyImports: Bool {
    program.model != nil
      && diagnostics.filter { $0.severity == .error }.count == unreadableImports
  }

  /// - Parameter path: the file that must hold the model.
  mutating func run(path: String) {
    read(normalizedPath(path), isRoot: true, importedAt: nil)
    if program.model == nil, !diagnostics.containsError {
      diagnostics.append(
        Diagnostic(
          "the file defines no model; a file to compile has one 'model name(…) { … }'",
          at: SourceRange(file: normalizedPath(path), lower: 0, upper: 0)))
    }
  }

  private mutating func read(_ path: String, isRoot: Bool, importedAt range: SourceRange?) {
    if let start = pending.firstIndex(of: path) {
      let cycle = (pending[start...] + [path]).joined(separator: " → ")
      diagnostics.append(Diagnostic("the imports form a cycle: \(cycle)", at: range))
      return
    }
    guard loaded.insert(path).inserted else { return }
    guard loaded.count <= Self.maximumFiles else {
      diagnostics.append(
        Diagnostic("the spec imports more than \(Self.maximumFiles) files", at: range))
      return
    }
    let file: SourceFile
    do {
      file = SourceFile(path: path, text: try load(path))
    } catch {
      diagnostics.append(Diagnostic("cannot read '\(path)': \(error)", at: range))
      if !isRoot {
        program.lacksImports = true
        unreadableImports += 1
      }
      return
    }
    program.files.append(file)
    var parser = Parser(file)
    let spec = parser.parseFile()
    diagnostics += parser.diagnostics
    pending.append(path)
    for item in spec.items { add(item, in: path, isRoot: isRoot, importedAt: range) }
    pending.removeLast()
  }

  private mutating func add(
    _ item: Item, in path: String, isRoot: Bool, importedAt range: SourceRange?
  ) {
    switch item.kind {
    case .importFile(let name):
      guard case .string(let literal) = name.kind else { return }
      guard let relative = unquoted(literal), !relative.isEmpty else {
        diagnostics.append(Diagnostic("the name of the file is not valid", at: name.range))
        return
      }
      read(
        resolvedPath(relative, relativeTo: path), isRoot: false, importedAt: name.range)
    case .constant(let name, let value):
      if define(name) { program.constants.append((name, value)) }
    case .block(let block):
      guard builtinSignatures[block.name.text] == nil else {
        diagnostics.append(
          Diagnostic(
            "'\(block.name.text)' is built in; choose another name",
            at: block.name.range))
        return
      }
      if define(block.name) {
        program.blocks.append(block)
        program.callables[block.name.text] = Signature(block)
      }
    case .model(let model):
      if !isRoot {
        diagnostics.append(
          Diagnostic(
            "an imported file may define only blocks and constants, not a model",
            at: model.name.range,
            notes: range.map { [.init("imported here", at: $0)] } ?? []))
      } else if let first = program.model {
        diagnostics.append(
          Diagnostic(
            "a file can define only one model", at: model.name.range,
            notes: [.init("the first one is here", at: first.name.range)]))
      } else {
        program.model = model
      }
    }
  }

  private mutating func define(_ name: Identifier) -> Bool {
    if let first = definitions[name.text] {
      diagnostics.append(
        Diagnostic(
          "'\(name.text)' is defined twice", at: name.range,
          notes: [.init("the first definition is here", at: first.range)]))
      return false
    }
    definitions[name.text] = name
    return true
  }
}

/// The path of a file that another one names: relative to the other's folder, unless absolute.
func resolvedPath(_ path: String, relativeTo file: String) -> String {
  guard !path.hasPrefix("/"), let slash = file.lastIndex(of: "/") else {
    return normalizedPath(path)
  }
  return normalizedPath(file[...slash] + path)
}

/// The path without `.` and `name/..` parts, so that one file has one name.
func normalizedPath(_ path: String) -> String {
  var parts: [Substring] = []
  for part in path.split(separator: "/") where part != "." {
    if part == "..", let last = parts.last, last != ".." {
      parts.removeLast()
    } else {
      parts.append(part)
    }
  }
  return (path.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
}

/// The value of a string literal; `nil` for an unknown escape or a missing quote.
func unquoted(_ literal: String) -> String? {
  guard literal.count >= 2, literal.hasSuffix("\"") else { return nil }
  var value = ""
  var characters = literal.dropFirst().dropLast().makeIterator()
  while let character = characters.next() {
    guard character == "\\" else {
      value.append(character)
      continue
    }
    switch characters.next() {
    case "\"": value.append("\"")
    case "\\": value.append("\\")
    case "n": value.append("\n")
    case "t": value.append("\t")
    default: return nil
    }
  }
  return value
}
