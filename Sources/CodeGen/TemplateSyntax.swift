/// One tag of a template with the line it stands on; text between tags is left out.
indirect enum TemplateTag: Sendable {
  case variable(TagName, line: Int)
  case section(TagName, inverted: Bool, body: [TemplateTag], line: Int)
  /// A partial; a dynamic one takes the template's name from the view.
  case partial(name: String, dynamic: Bool, line: Int)
}

/// What stands inside a tag: a path of names, with the transforms around it, outermost first:
/// `count(kernels)`, `tile.rows`, `last()`.
struct TagName: Equatable, Sendable {
  let text: String
  let path: [String]
  let transforms: [String]

  /// Nil if the brackets do not match or a name is empty.
  init?(_ text: String) {
    self.text = text
    var rest = Substring(text)
    var transforms: [String] = []
    while let open = rest.firstIndex(of: "(") {
      guard rest.last == ")", open != rest.startIndex else { return nil }
      transforms.append(String(rest[..<open]))
      rest = rest[rest.index(after: open)...].dropLast()
    }
    self.transforms = transforms
    if rest == "." {
      path = ["."]
    } else if rest.isEmpty, !transforms.isEmpty {
      path = []
    } else {
      path = rest.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
      guard !path.contains(where: \.isEmpty) else { return nil }
    }
  }
}

/// Finds the tags of a template: the part of Mustache that the templates here use. Inheritance,
/// changed delimiters and pragmas are refused, so nothing is rendered that was not checked.
struct TemplateScanner {
  private let template: String
  private var rest: Substring
  private var line = 1

  /// - Parameters:
  ///   - template: the template's name, for errors.
  ///   - text: its text.
  static func tags(of template: String, text: String) throws(TemplateError) -> [TemplateTag] {
    var scanner = TemplateScanner(template: template, rest: Substring(text))
    return try scanner.body(until: nil)
  }

  private init(template: String, rest: Substring) {
    self.template = template
    self.rest = rest
  }

  private mutating func body(until end: (name: String, line: Int)?) throws(TemplateError)
    -> [TemplateTag]
  {
    var tags: [TemplateTag] = []
    while let tag = try nextTag() {
      let start = line
      let kind = tag.first ?? " "
      let content = tag.dropFirst().filter { !$0.isWhitespace }
      switch kind {
      case "!":
        line += tag.lineBreaks
      case "#", "^":
        let body = try body(until: (content, start))
        tags.append(
          .section(try name(content), inverted: kind == "^", body: body, line: start))
      case "/":
        guard content == end?.name else {
          let expected = end.map { "'{{/\($0.name)}}'" } ?? "no closing tag"
          throw error("'{{/\(content)}}' closes nothing here, where \(expected) belongs")
        }
        return tags
      case ">":
        let dynamic = content.first == "*"
        tags.append(
          .partial(
            name: dynamic ? String(content.dropFirst()) : content, dynamic: dynamic, line: line))
      case "&", "{":
        tags.append(.variable(try name(content), line: line))
      case "<", "$", "=", "%":
        throw error("'{{\(kind)' is a form of tag that templates here do not use")
      default:
        tags.append(.variable(try name(tag.filter { !$0.isWhitespace }), line: line))
      }
    }
    if let end {
      line = end.line
      throw error("section '\(end.name)' is never closed")
    }
    return tags
  }

  /// The text between the next pair of braces, or nil at the end.
  private mutating func nextTag() throws(TemplateError) -> Substring? {
    guard let open = rest.firstRange(of: "{{") else { return nil }
    line += rest[..<open.lowerBound].lineBreaks
    rest = rest[open.upperBound...]
    let triple = rest.first == "{"
    guard let close = rest.firstRange(of: triple ? "}}}" : "}}") else {
      throw error("'{{' without '}}'; write '{ {' for two braces of the target language")
    }
    let tag = rest[..<close.lowerBound]
    rest = rest[close.upperBound...]
    return tag
  }

  private func name(_ text: String) throws(TemplateError) -> TagName {
    guard let name = TagName(text) else { throw error("'\(text)' is not a name") }
    return name
  }

  private func error(_ problem: String) -> TemplateError {
    .syntax(template: template, line: line, problem: problem)
  }
}

extension Substring {
  fileprivate var lineBreaks: Int { utf8.count { $0 == UInt8(ascii: "\n") } }
}
