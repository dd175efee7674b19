/// A command that a person can copy into a shell: POSIX, section 2.2 of its Shell Command Language.
struct ShellCommand: CustomStringConvertible {
  var words: [String]

  init(_ words: [String]) {
    self.words = words
  }

  var description: String { words.map(Self.quoted).joined(separator: " ") }

  /// A word that means itself: as it is if a shell sees nothing in it, else between single quotes.
  private static func quoted(_ word: String) -> String {
    let isPlain = !word.isEmpty && word.unicodeScalars.allSatisfy(isPlain)
    return isPlain ? word : "'" + word.replacing("'", with: #"'\''"#) + "'"
  }

  private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "a"..."z", "A"..."Z", "0"..."9": true
    default: "_-+=:,./@%".unicodeScalars.contains(scalar)
    }
  }
}
