/// Paths that differ in numbers only, such as `layer1.0`, `layer1.1`, `layer2.0`.
struct LabelPattern {
  /// The text around the numbers, one more than there are numbers.
  let texts: [String]
  /// For each path its numbers.
  let numbers: [[Int]]

  /// `nil` if the paths differ in more.
  init?(_ paths: [String]) {
    let parts = paths.map(Self.parts)
    guard let first = parts.first, parts.allSatisfy({ $0.texts == first.texts }) else {
      return nil
    }
    texts = first.texts
    numbers = parts.map(\.numbers)
  }

  private static func parts(of path: String) -> (texts: [String], numbers: [Int]) {
    var texts = [""]
    var numbers: [Int] = []
    var digits = ""
    func flush() {
      guard !digits.isEmpty else { return }
      // A number with leading zeros would not come back as it was.
      if let number = Int(digits), String(number) == digits {
        numbers.append(number)
        texts.append("")
      } else {
        texts[texts.count - 1] += digits
      }
      digits = ""
    }
    for character in path {
      if character.isASCII, character.isNumber {
        digits.append(character)
      } else {
        flush()
        texts[texts.count - 1].append(character)
      }
    }
    flush()
    return (texts, numbers)
  }

  /// The place of the number that counts the paths up in the longest rows; `nil` if none does.
  var counter: Int? {
    let places =
      numbers.first?.indices.map { place in
        (place, zip(numbers, numbers.dropFirst()).count { Self.follows($0, $1, at: place) })
      } ?? []
    return places.max { $0.1 < $1.1 }.flatMap { $0.1 > 0 ? $0.0 : nil }
  }

  /// Whether the second path comes next to the first in a row that the number at `place` counts.
  static func follows(_ a: [Int], _ b: [Int], at place: Int) -> Bool {
    zip(a, b).enumerated().allSatisfy { index, pair in
      index == place ? pair.1 == pair.0 + 1 : pair.0 == pair.1
    }
  }

  /// The label with an expression for each number.
  func label(_ expressions: [String]) -> String {
    zip(texts, expressions.map { "{\($0)}" } + [""]).map { $0 + $1 }.joined()
  }
}
