/// Breaks the lines of C or Swift that are too long behind a comma, or in a comment at a blank.
///
/// The lists that templates fill, of a network's outputs and of what is named after the network, have
/// no length that a template could know. A broken line goes on below its own beginning if that is in
/// the middle of a list already, and further to the right otherwise. A line without a place to break
/// is left alone.
///
/// - Parameter indent: what stands before the rest of a statement, beyond its own.
func wrappingLongLines(_ text: String, indent: Int = 4, width: Int = 100) -> String {
  var lines: [Substring] = []
  var isInList = false
  for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
    var rest = line
    while rest.count > width {
      let blanks = rest.prefix { $0 == " " }
      let code = rest.dropFirst(blanks.count)
      let comment =
        code.hasPrefix("* ") ? "*            " : code.hasPrefix("/// ") ? "///     " : nil
      guard let end = lastBreak(in: rest, before: width, isComment: comment != nil) else { break }
      lines.append(rest[..<end])
      let continued = blanks + (comment ?? String(repeating: " ", count: isInList ? 0 : indent))
      rest = Substring(continued + rest[end...].drop { $0 == " " })
      isInList = true
    }
    lines.append(rest)
    isInList = rest.last == "," || rest.last == "("
  }
  return lines.joined(separator: "\n")
}

/// The end of the longest beginning of a line that can stand alone.
private func lastBreak(in line: Substring, before width: Int, isComment: Bool) -> String.Index? {
  var found: String.Index?
  var isQuoted = false
  var before: Character = " "
  var column = 0
  for index in line.indices {
    let character = line[index]
    if character == "\"", before != "\\" { isQuoted.toggle() }
    if character == " ", !isQuoted, before == "," || (isComment && column > 16) { found = index }
    before = character
    column += 1
    if column > width { break }
  }
  return found
}

extension String {
  /// The text with blanks behind it up to a length.
  func padding(toLength length: Int) -> String {
    self + String(repeating: " ", count: max(0, length - count))
  }
}
