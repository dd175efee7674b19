extension String {
  /// The text with control characters made visible; a terminal must not obey what a file holds.
  ///
  /// - Parameter keepingLines: newlines stay, for a text of several lines. Tabs always do.
  public func printable(keepingLines: Bool = false) -> String {
    String(
      map { character in
        guard character != "\t", !keepingLines || character != "\n",
          let scalar = character.unicodeScalars.first
        else { return character }
        let isControl = scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
        return isControl ? "\u{FFFD}" : character
      })
  }
}
