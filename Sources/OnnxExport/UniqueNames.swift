/// Names that each stand for one value of an ONNX graph, where an empty name stands for none.
struct UniqueNames {
  private var taken: Set<String> = []

  /// The name itself if it is free, else the first that is of those with a number behind it.
  mutating func claim(_ wanted: String) -> String {
    let base = wanted.isEmpty ? "value" : wanted
    var name = base
    var number = 2
    while !taken.insert(name).inserted {
      name = "\(base)_\(number)"
      number += 1
    }
    return name
  }
}
