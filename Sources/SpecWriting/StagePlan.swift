/// Consecutive instances of one block as stages of several each: a loop over the stages around a loop
/// over the blocks of a stage.
///
///     for (stage, planes, blocks, stride) in [(1, 64, 3, 1), (2, 128, 4, 2)] {
///       for i in 0..<blocks {
///         x = x |> layer{stage}.{i}: bottleneck(planes, stride: stride if i == 0 else 1)
///       }
///     }
struct StagePlan {
  private let block: Block
  private let instances: [Int]
  private let pattern: LabelPattern
  private let counter: Int
  /// Positions in `instances`, stage by stage.
  private let stages: [Range<Int>]
  /// What differs from stage to stage, with its value in each.
  private var columns: [(name: String, values: [String])] = []

  /// - Parameters:
  ///   - instances: consecutive ones.
  ///   - paths: the path of each of them.
  /// - Returns: `nil` if the instances follow no rule that the loops could state, or are too few.
  init?(_ block: Block, instances: [Int], paths: [String]) {
    guard instances.count > 3, let pattern = LabelPattern(paths), let counter = pattern.counter
    else { return nil }
    self.block = block
    self.instances = instances
    self.pattern = pattern
    self.counter = counter
    stages = Self.stages(block, instances, pattern, counter)
    guard stages.count < instances.count else { return nil }
  }

  /// A stage ends where the paths stop counting, where the width changes, and before a block that
  /// shrinks the image.
  static func stages(
    _ block: Block, _ instances: [Int], _ pattern: LabelPattern?, _ counter: Int
  ) -> [Range<Int>] {
    let starts = instances.indices.filter { position in
      guard position > 0 else { return true }
      let (before, here) = (instances[position - 1], instances[position])
      if let pattern,
        !LabelPattern.follows(
          pattern.numbers[position - 1], pattern.numbers[position], at: counter)
      {
        return true
      }
      return block.parameters.contains { parameter in
        parameter.role.countsChannels && parameter.values[before] != parameter.values[here]
          || parameter.role == .stride && parameter.values[here] != parameter.role.neutral
            && parameter.values[here] != parameter.values[before]
      }
    }
    return zip(starts, starts.dropFirst() + [instances.count]).map { $0..<$1 }
  }

  /// The lines of the loops; `nil` if some argument follows no rule.
  mutating func lines() -> [String]? {
    guard let label = label() else { return nil }
    var arguments: [String] = []
    for parameter in block.parameters where parameter.standard == nil {
      guard let value = argument(parameter) else { return nil }
      arguments.append(value)
    }
    let blocks = addColumn("blocks", stages.map { "\($0.count)" })
    for parameter in block.parameters where parameter.standard != nil {
      guard let value = argument(parameter) else { return nil }
      if value != parameter.standard?.text { arguments.append("\(parameter.name): \(value)") }
    }
    let call =
      block.name + (arguments.isEmpty ? "" : "(\(arguments.joined(separator: ", ")))")
    let inner = ["for i in 0..<\(blocks) {", "x = x |> \(label): \(call)", "}"]
    guard !columns.isEmpty else { return inner }
    let names = columns.map(\.name)
    let rows = stages.indices.map { stage in
      let values = columns.map { $0.values[stage] }
      return values.count == 1 ? values[0] : Literal.tuple(values)
    }
    let pattern = names.count == 1 ? names[0] : Literal.tuple(names)
    return ["for \(pattern) in [\(rows.joined(separator: ", "))] {"] + inner + ["}"]
  }

  /// The name of a column with these values, an old one if there is one, or the value itself if it
  /// is the same in all stages.
  private mutating func addColumn(_ name: String, _ values: [String]) -> String {
    if Set(values).count == 1 { return values[0] }
    if let column = columns.first(where: { $0.values == values && $0.name == name }) {
      return column.name
    }
    var unique = name
    var number = 2
    while columns.contains(where: { $0.name == unique }) {
      unique = "\(name)_\(number)"
      number += 1
    }
    columns.append((unique, values))
    return unique
  }

  private mutating func label() -> String? {
    let heads = stages.map { pattern.numbers[$0.lowerBound] }
    var expressions: [String] = []
    for place in pattern.texts.indices.dropLast() {
      let values = heads.map { "\($0[place])" }
      if place != counter {
        expressions.append(addColumn("stage", values))
        continue
      }
      let first = addColumn("first", values)
      expressions.append(first == "0" ? "i" : "i + \(first)")
    }
    let label = pattern.label(expressions)
    // What does not differ is plain text.
    return expressions.reduce(label) { text, expression in
      Int(expression) == nil ? text : text.replacing("{\(expression)}", with: expression)
    }
  }

  /// What is written for a parameter; `nil` if its values follow no rule.
  private mutating func argument(_ parameter: Block.Parameter) -> String? {
    let values = instances.map { parameter.values[$0] }
    let heads = stages.map { values[$0.lowerBound] }
    let tails = stages.map { Set(values[$0].dropFirst()) }
    guard tails.allSatisfy({ $0.count <= 1 }) else { return nil }
    if zip(heads, tails).allSatisfy({ $1.isEmpty || $1 == [$0] }) {
      return addColumn(parameter.name, heads.map(\.text))
    }
    // The first block of a stage differs from the others.
    let rest = Set(tails.compactMap(\.first))
    if case .flag = heads[0], rest.count == 1, let value = rest.first {
      if Set(heads).count == 1 { return value == .flag(false) ? "i == 0" : "i > 0" }
      if let only = heads.indices.filter({ heads[$0] != value }).first, value == .flag(false),
        heads.count(where: { $0 != value }) == 1,
        let stage = columns.first(where: { $0.name == "stage" })
      {
        return "stage == \(stage.values[only]) and i == 0"
      }
      if value == .flag(false) {
        return "\(addColumn(parameter.name, heads.map(\.text))) and i == 0"
      }
    }
    let other: String
    if rest.count == 1, let value = rest.first {
      other = value.text
    } else {
      other = addColumn(
        parameter.name, zip(heads, tails).map { ($1.first ?? $0).text })
    }
    let name = rest.count == 1 ? parameter.name : "first_\(parameter.name)"
    return "\(addColumn(name, heads.map(\.text))) if i == 0 else \(other)"
  }
}
