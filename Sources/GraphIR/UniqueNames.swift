/// Names of which none is given away twice: `relu`, `relu_2`, `relu_3`.
public struct UniqueNames: Sendable {
  private var taken: Set<String> = []
  /// Where the search for a free number goes on; a graph may use one name a million times.
  private var next: [String: Int] = [:]

  public init() {}

  /// A name that was not given away before: the wanted one or, if it is taken, one with a number.
  public mutating func claim(_ wanted: String) -> String {
    if taken.insert(wanted).inserted { return wanted }
    var number = next[wanted] ?? 2
    while !taken.insert("\(wanted)_\(number)").inserted { number += 1 }
    next[wanted] = number + 1
    return "\(wanted)_\(number)"
  }
}
