/// What a module is called in each language, from the spec's model name.
public struct ModuleNames: Hashable, Sendable {
  /// The spec's name for the model: `resnet50`, `resnet8-cifar10`.
  public let model: String
  /// The Swift module: `ResNet50`, `ResNet8Cifar10`.
  public let module: String
  /// What each C function starts with: `resnet50`, `resnet8_cifar10`.
  public let cPrefix: String

  /// - Parameters:
  ///   - model: the spec's name for the model.
  ///   - module: the Swift module's name, if not the one that follows from the model's.
  /// - Throws: `ModuleNameError` if the given name cannot be a module's.
  public init(model: String, module: String? = nil) throws(ModuleNameError) {
    if let module, !Self.isModuleName(module) { throw .notAModuleName(module) }
    self.model = model
    self.module = module ?? Self.moduleName(for: model)
    cPrefix = Self.cIdentifier(for: model)
  }

  /// The C module that the Swift module imports.
  public var cModule: String { "C" + module }
  /// The file name of the C header.
  public var header: String { cPrefix + ".h" }
  /// The file name of the packed weights.
  public var weightsFile: String { module + ".weights" }

  /// Words joined in upper camel case, with the families' own spelling: `wide_resnet50_2` is
  /// `WideResNet50_2`, where the underscore keeps two numbers apart.
  static func moduleName(for model: String) -> String {
    var name = ""
    for word in words(of: model) {
      if let last = name.last, last.isNumber, word.first?.isNumber == true { name += "_" }
      name += spelled(word)
    }
    guard let first = name.first else { return "Network" }
    if first.isNumber { name = "Network" + name }
    return isModuleName(name) ? name : name + "Network"
  }

  /// Lower-case words joined by underscores.
  static func cIdentifier(for name: String) -> String {
    let identifier = words(of: name).joined(separator: "_").lowercased()
    guard let first = identifier.first else { return "network" }
    // `X_OK` and its like are macros of unistd.h.
    let isTaken = ["f", "r", "w", "x"].contains(identifier)
    return first.isNumber || isTaken ? "network_" + identifier : identifier
  }

  /// Lower camel case, kept apart from words of Swift and from the names that generated code uses
  /// itself.
  static func swiftIdentifier(for name: String) -> String {
    let words = words(of: name)
    let joined = words.enumerated().map {
      $0.offset == 0
        ? $0.element.lowercased() : $0.element.prefix(1).uppercased() + $0.element.dropFirst()
    }.joined()
    let taken = swiftKeywords.union([
      "input", "instance", "model", "run", "status", "threads", "workspace",
    ])
    guard let first = joined.first else { return "result" }
    return first.isNumber || taken.contains(joined)
      ? "result" + joined.prefix(1).uppercased() + joined.dropFirst() : joined
  }

  private static func words(of name: String) -> [String] {
    name.split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }.map(String.init)
  }

  private static func spelled(_ word: String) -> String {
    let families = ["SEResNeXt", "SEResNet", "ResNetRS", "ResNetV2", "ResNeXt", "ResNet"]
    for family in families where word.lowercased().hasPrefix(family.lowercased()) {
      return family + word.dropFirst(family.count)
    }
    return word.prefix(1).uppercased() + word.dropFirst()
  }

  /// An ASCII identifier that is neither reserved nor a type of the generated module, which could
  /// not be told from the module then.
  private static func isModuleName(_ name: String) -> Bool {
    let reserved: Set = [
      "Protocol", "Swift", "Type", "Glibc", "Musl", "Darwin", "Foundation",
      "Model", "Context", "ModelError", "Classification", "Picture", "PixelFormat", "Predictions",
    ]
    guard let first = name.first, first.isLetter || first == "_" else { return false }
    return name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
      && name != "_" && !reserved.contains(name) && !swiftKeywords.contains(name)
  }
}

/// The words of Swift that are reserved everywhere, so that they name nothing without backticks.
private let swiftKeywords: Set = [
  "Any", "Self", "as", "associatedtype", "break", "case", "catch", "class", "continue", "default",
  "defer", "deinit", "do", "else", "enum", "extension", "fallthrough", "false", "fileprivate",
  "for",
  "func", "guard", "if", "import", "in", "init", "inout", "internal", "is", "let", "nil",
  "operator",
  "precedencegroup", "private", "protocol", "public", "repeat", "rethrows", "return", "self",
  "static", "struct", "subscript", "super", "switch", "throw", "throws", "true", "try", "typealias",
  "var", "where", "while",
]

/// Why a module cannot have a name.
public enum ModuleNameError: Error, Equatable, CustomStringConvertible {
  case notAModuleName(String)

  public var description: String {
    switch self {
    case .notAModuleName(let name):
      "'\(name)' cannot name a module; take letters, digits and underscores, with a letter first, "
        + "and neither a word of Swift nor a name that the module itself declares"
    }
  }
}
