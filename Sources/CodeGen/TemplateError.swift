/// Why a template could not be rendered. All of these are mistakes in a template or its view, so
/// each names the template and the line.
public enum TemplateError: Error, Equatable, CustomStringConvertible {
  /// No template of this name is in the library.
  case unknownTemplate(name: String)
  /// The template's own text is malformed.
  case syntax(template: String, line: Int, problem: String)
  /// A variable or section names something that the view, and all views around it, do not have.
  case missingTag(template: String, line: Int, tag: String)
  /// A partial names a template that the library does not have.
  case unknownPartial(template: String, line: Int, name: String)
  /// A transform such as `last()` does not apply where it stands.
  case invalidTransform(template: String, line: Int, tag: String)

  public var description: String {
    switch self {
    case .unknownTemplate(let name):
      "template '\(name)' is not in the library; add it to TemplateLibrary"
    case .syntax(let template, let line, let problem):
      "template '\(template)', line \(line): \(problem)"
    case .missingTag(let template, let line, let tag):
      "template '\(template)', line \(line): the view has no '\(tag)'"
    case .unknownPartial(let template, let line, let name):
      "template '\(template)', line \(line): there is no template '\(name)' to include"
    case .invalidTransform(let template, let line, let tag):
      "template '\(template)', line \(line): the transform in '\(tag)' does not apply here"
    }
  }
}
