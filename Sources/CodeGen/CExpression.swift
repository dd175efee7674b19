import KernelPlanning

/// Small pieces of C, built from numbers that are known.
enum CExpression {
  /// `variable * stride`, or what is left of it where one of them vanishes; nil for zero.
  static func term(_ variable: String, _ stride: Int) -> String? {
    switch stride {
    case 0: nil
    case 1: variable
    default: "\(variable) * \(stride)"
    }
  }

  /// The sum of the terms there are; `0` if there is none.
  static func sum(_ terms: String?...) -> String { total(terms) }

  /// The sum of the terms there are; `0` if there is none.
  static func total(_ terms: [String?]) -> String {
    let terms = terms.compactMap { $0 }.filter { $0 != "0" }
    return terms.isEmpty ? "0" : terms.joined(separator: " + ")
  }

  /// `base + offset`, or `base` for no offset.
  static func pointer(_ base: String, _ offset: String) -> String {
    offset == "0" ? base : "\(base) + \(offset)"
  }

  /// A list in lines of at most 100 columns, its items kept whole; the first line has a prefix and
  /// the others hang by some columns.
  static func wrapped(
    _ items: [String], prefix: String, suffix: String, indent: Int, hanging: Int = 2
  )
    -> [String]
  {
    var lines = [prefix]
    for (index, item) in items.enumerated() {
      let text = item + (index == items.count - 1 ? suffix : "")
      let last = lines[lines.count - 1]
      let space = last.isEmpty || last.hasSuffix("(") ? "" : " "
      if indent + last.count + space.count + text.count <= 100 || last.isEmpty {
        lines[lines.count - 1] = last + space + text
      } else {
        lines.append(String(repeating: " ", count: hanging) + text)
      }
    }
    return lines
  }

  /// Where part `index` of a cut extent begins.
  static func start(of index: String, in cut: Cut) -> String {
    guard cut.parts > 1 else { return "0" }
    let uniform = term(index, cut.length) ?? "0"
    return cut.longParts == cut.parts
      ? uniform : "\(uniform) - larger(\(index) - \(cut.longParts), 0)"
  }

  /// `{1, 2, 3}`.
  static func list(_ values: [Int]) -> String {
    "{" + values.map(String.init).joined(separator: ", ") + "}"
  }

  /// A number in prose and names: `2`, `0.75`.
  static func decimal(_ value: Double) -> String {
    let text = "\(value)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  /// A float32 literal that reads back to the same value.
  static func float(_ value: Float) -> String {
    if value == -.infinity { return "-INFINITY" }
    if value == .infinity { return "INFINITY" }
    let text = "\(value)"
    return text.contains(".") || text.contains("e") ? text + "f" : text + ".0f"
  }
}

/// `1 panel`, `2 panels`.
func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }

/// A line of a comment or a table.
struct LineView {
  var line: String
}

/// A block comment around lines.
func blockComment(_ lines: [String]) -> [LineView] {
  lines.enumerated().map { index, line in
    let opening = index == 0 ? "/* " : "   "
    let closing = index == lines.count - 1 ? " */" : ""
    return LineView(line: opening + line + closing)
  }
}
