/// Gives names to the values of a body. A name is used again when nothing reads its value any more,
/// and a value beside which no other is alive is called `x`, as what comes into a block is.
struct ValueNames {
  struct Definition {
    var defines: Value
    var phrase: Phrase
    var loop: [String]?
    /// What the value is called if it is not alone and nothing else has the name.
    var name: String
  }

  private var names: [Value: String] = [.entry: "x"]

  /// The definitions as lines, then the line that returns the result.
  mutating func lines(_ definitions: [Definition], returning result: Phrase) -> [String] {
    let phrases = definitions.map(\.phrase) + [result]
    var lastUse: [Value: Int] = [:]
    for (index, phrase) in phrases.enumerated() {
      for value in phrase.values { lastUse[value] = index }
    }
    let feedsLoop = Set(definitions.filter { $0.loop != nil }.flatMap(\.phrase.values))
    var alive: Set<Value> = lastUse[.entry] == nil ? [] : [.entry]
    var lines: [String] = []
    for (index, definition) in definitions.enumerated() {
      let text = definition.phrase.text { names[$0] ?? "x" }
      alive = alive.filter { (lastUse[$0] ?? 0) > index }
      let value = definition.defines
      if definition.loop != nil || feedsLoop.contains(value) {
        keepAside(alive, &lines)
        names[value] = "x"
      } else {
        names[value] = freeName(alive.isEmpty ? "x" : definition.name, alive)
      }
      alive.insert(value)
      lines += definition.loop ?? ["\(names[value] ?? "x") = \(text)"]
    }
    return lines + ["return " + result.text { names[$0] ?? "x" }]
  }

  /// Frees the name `x` for a loop.
  private mutating func keepAside(_ alive: Set<Value>, _ lines: inout [String]) {
    guard let holder = alive.first(where: { names[$0] == "x" }) else { return }
    let name = freeName("features", alive)
    lines.append("\(name) = x")
    names[holder] = name
  }

  private func freeName(_ wanted: String, _ alive: Set<Value>) -> String {
    let taken = Set(alive.compactMap { names[$0] })
    if !taken.contains(wanted) { return wanted }
    var number = 2
    while taken.contains("\(wanted)\(number)") { number += 1 }
    return "\(wanted)\(number)"
  }
}
