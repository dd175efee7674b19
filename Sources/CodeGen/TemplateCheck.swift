import Mustache

/// Walks a template's tags against a view exactly as rendering will, and throws on the first tag
/// that the view does not have. Mustache itself prints nothing for such a tag, which in generated
/// code is a silent fault.
///
/// A section that the view skips is not entered: an empty array has no element to look into.
struct TemplateCheck {
  let tags: [String: [TemplateTag]]
  private var scopes: [Scope] = []

  /// A value that names are looked up in; `inSequence` says whether `first()` and `last()` apply.
  private struct Scope {
    let value: Any
    let inSequence: Bool
  }

  init(tags: [String: [TemplateTag]], view: Any) {
    self.tags = tags
    scopes = [Scope(value: view, inSequence: false)]
  }

  /// Checks the template of this name, and every partial it reaches.
  mutating func check(template: String) throws(TemplateError) {
    guard let body = tags[template] else { throw .unknownTemplate(name: template) }
    try check(body, in: template)
  }

  private mutating func check(_ body: [TemplateTag], in template: String) throws(TemplateError) {
    for tag in body {
      switch tag {
      case .variable(let name, let line):
        _ = try value(of: name, in: template, line: line)
      case .section(let name, let inverted, let inner, let line):
        let value = try value(of: name, in: template, line: line)
        try checkSection(value, inverted: inverted, inner, in: template)
      case .partial(let name, let dynamic, let line):
        var target = name
        if dynamic {
          guard let path = TagName(name), path.transforms.isEmpty,
            let found = try value(of: path, in: template, line: line) as? String
          else { throw .missingTag(template: template, line: line, tag: name) }
          target = found
        }
        guard let body = tags[target] else {
          throw .unknownPartial(template: template, line: line, name: target)
        }
        try check(body, in: target)
      }
    }
  }

  private mutating func checkSection(
    _ value: Any, inverted: Bool, _ body: [TemplateTag], in template: String
  ) throws(TemplateError) {
    switch value {
    case let elements as [Any]:
      if inverted {
        if elements.isEmpty { try check(body, in: template) }
        return
      }
      for element in elements {
        try check(body, in: template, with: Scope(value: element, inSequence: true))
      }
    case let condition as Bool:
      if condition != inverted { try check(body, in: template) }
    case is ViewNull:
      if inverted { try check(body, in: template) }
    default:
      if !inverted { try check(body, in: template, with: Scope(value: value, inSequence: false)) }
    }
  }

  private mutating func check(_ body: [TemplateTag], in template: String, with scope: Scope)
    throws(TemplateError)
  {
    scopes.append(scope)
    try check(body, in: template)
    scopes.removeLast()
  }

  private func value(of name: TagName, in template: String, line: Int) throws(TemplateError) -> Any
  {
    guard let scope = scopes.last else {
      throw .missingTag(template: template, line: line, tag: name.text)
    }
    if name.path.isEmpty {
      // `first()` and the like speak of the position in the sequence around.
      guard scope.inSequence, name.transforms.count == 1 else {
        throw .invalidTransform(template: template, line: line, tag: name.text)
      }
      switch name.transforms[0] {
      case "first", "last", "even", "odd": return true
      case "index": return 0
      default: throw .invalidTransform(template: template, line: line, tag: name.text)
      }
    }
    guard var found = lookUp(name.path) else {
      throw .missingTag(template: template, line: line, tag: name.text)
    }
    for transform in name.transforms.reversed() {
      guard let result = (found as? any MustacheTransformable)?.transform(transform) else {
        throw .invalidTransform(template: template, line: line, tag: name.text)
      }
      found = result
    }
    return found
  }

  /// The innermost scope that has the first name decides; the other names are fields below it.
  private func lookUp(_ path: [String]) -> Any? {
    if path == ["."] { return scopes.last?.value }
    for scope in scopes.reversed() {
      guard let object = scope.value as? ViewObject, var found = object.fields[path[0]] else {
        continue
      }
      for name in path.dropFirst() {
        if found is ViewNull { return found }
        guard let next = (found as? ViewObject)?.fields[name] else { return nil }
        found = next
      }
      return found
    }
    return nil
  }
}
