import KernelTemplates
import Mustache

/// Renders the templates of the library with a view: any struct, whose stored properties the tags
/// name.
///
///     struct Greeting { var name: String }
///     try TemplateRenderer().render("hello.c", Greeting(name: "world"))
///
/// Text is printed as it is, without HTML escapes. A tag that the view does not have is an error,
/// also inside partials and sections. Optionals, booleans, nested structs and arrays of them serve
/// as sections; a nil optional counts as present and prints nothing. In a section over an array,
/// `{{^last()}}, {{/last()}}` separates the elements.
public struct TemplateRenderer: Sendable {
  private let library: MustacheLibrary
  private let tags: [String: [TemplateTag]]

  /// The renderer of the embedded templates.
  public init() throws(TemplateError) {
    self = try Self.embedded.get()
  }

  private static let embedded = Result<TemplateRenderer, TemplateError> {
    () throws(TemplateError) in
    try TemplateRenderer(templates: TemplateLibrary.all)
  }

  /// A renderer of these templates, by name.
  ///
  /// - Throws: `TemplateError.syntax` for a malformed template.
  public init(templates: [String: String]) throws(TemplateError) {
    var library = MustacheLibrary()
    var tags: [String: [TemplateTag]] = [:]
    for (name, text) in templates.sorted(by: { $0.key < $1.key }) {
      tags[name] = try TemplateScanner.tags(of: name, text: text)
      do {
        // Partials start as HTML again, so each template sets the type for itself.
        try library.register("{{% CONTENT_TYPE:TEXT}}\n" + text, named: name)
      } catch let error as MustacheTemplate.ParserError {
        throw .syntax(
          template: name, line: error.context.lineNumber - 1, problem: "\(error.error)")
      } catch {
        throw .syntax(template: name, line: 1, problem: "\(error)")
      }
    }
    self.library = library
    self.tags = tags
  }

  /// The text of a template with a view's values in place of its tags.
  ///
  /// - Parameters:
  ///   - templateName: the template's name in the library, such as `model.c`.
  ///   - view: a struct whose stored properties have the tags' names.
  ///   - shared: another struct, whose properties are seen where the view has none of that name.
  /// - Throws: `TemplateError`, which names the template, the line and the tag.
  public func render(
    _ templateName: String, _ view: Any, shared: Any? = nil
  ) throws(TemplateError) -> String {
    var value = templateValue(of: view)
    if let shared, let inner = value as? ViewObject,
      let outer = templateValue(of: shared) as? ViewObject
    {
      value = ViewObject(fields: outer.fields.merging(inner.fields) { $1 }, value: view)
    }
    var check = TemplateCheck(tags: tags, view: value)
    try check.check(template: templateName)
    guard let text = library.render(value, withTemplate: templateName) else {
      throw .unknownTemplate(name: templateName)
    }
    return text
  }
}
