/// A table of text with aligned columns, for a terminal.
struct TextTable {
  enum Alignment {
    case left
    case right
  }

  private let alignments: [Alignment]
  private var rows: [[String]] = []
  private var rules: Set<Int> = []
  private let gap: String

  /// A table with a heading: `("layer", .left)`.
  init(_ columns: [(String, Alignment)], gap: String = "  ") {
    alignments = columns.map(\.1)
    self.gap = gap
    rows.append(columns.map(\.0))
    rule()
  }

  /// A table without a heading.
  init(_ alignments: [Alignment], gap: String = "  ") {
    self.alignments = alignments
    self.gap = gap
  }

  mutating func append(_ row: [String]) { rows.append(row) }

  /// Draws a line under what was appended so far.
  mutating func rule() { rules.insert(rows.count) }

  /// The lines, each ending in a newline, without blanks at their ends.
  func text(indent: String = "") -> String {
    let widths = alignments.indices.map { column in
      rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
    }
    var lines: [String] = []
    for (index, row) in rows.enumerated() {
      if index > 0, rules.contains(index) {
        lines.append(widths.map { String(repeating: "─", count: $0) }.joined(separator: gap))
      }
      let cells = zip(row, zip(widths, alignments)).map { text, column in
        let blanks = String(repeating: " ", count: column.0 - text.count)
        return column.1 == .left ? text + blanks : blanks + text
      }
      var line = cells.joined(separator: gap)
      while line.last == " " { line.removeLast() }
      lines.append(line)
    }
    return lines.map { indent + $0 + "\n" }.joined()
  }
}
