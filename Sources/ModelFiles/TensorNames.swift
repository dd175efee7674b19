import Diagnostics
import GraphIR

/// The block of a network that a tensor belongs to, as its name tells: the longest path to a
/// numbered module around the tensor's own, `layer1.0` of `layer1.0.downsample.0.weight`; without
/// one the module around, `stem` of `stem.conv.weight`; nil for a module of the network itself.
func block(ofTensor name: String) -> String? {
  let around = name.split(separator: ".", omittingEmptySubsequences: false).dropLast(2)
  guard !around.isEmpty else { return nil }
  let numbered = around.lastIndex { !$0.isEmpty && $0.allSatisfy(\.isNumber) }
  return around[...(numbered ?? around.endIndex - 1)].joined(separator: ".")
}

/// The tensors of a file that are most like those that a network misses.
struct NearestTensors {
  /// The tensors that the network does not use, with the components of their names behind the prefix.
  private let others: [(parameter: ParameterSpec, components: [Substring])]

  /// Longer names than any real one, and more than any network has, cost more to compare than it is
  /// worth.
  private static let longestName = 100
  private static let mostNames = 10_000
  private static let mostOfOneShape = 300

  /// - Parameter prefix: what names in the file may begin with, and is not compared.
  init(_ others: [ParameterSpec], behind prefix: String) {
    self.others = others.prefix(Self.mostNames).filter {
      $0.name.utf8.count <= Self.longestName
    }.map {
      ($0, $0.name.withoutPrefix(prefix).split(separator: "."))
    }
  }

  /// For each missing tensor the name most like its own, if one of the same shape and kind is like it.
  /// No name is given twice.
  ///
  /// - Parameter missing: as few as a person will read.
  func names(of missing: [ParameterSpec]) -> [String?] {
    var taken: Set<String> = []
    return missing.map { parameter in
      guard parameter.name.utf8.count <= Self.longestName else { return nil }
      let components = parameter.name.split(separator: ".")
      let candidates = others.lazy.filter {
        $0.parameter.shape == parameter.shape && !taken.contains($0.parameter.name)
          && areOfOneKind($0.components, components)
      }
      var best: (distance: Int, name: String)?
      for other in candidates.prefix(Self.mostOfOneShape) {
        let distance = componentDistance(components, other.components)
        // A name that shares less than a quarter of the components is like it by chance.
        let limit = 75 * max(components.count, other.components.count)
        if distance <= min(limit, (best?.distance ?? .max) - 1) {
          best = (distance, other.parameter.name)
        }
      }
      guard let best else { return nil }
      taken.insert(best.name)
      return best.name
    }
  }
}

/// The edit distance of two dotted names, in hundredths of a component: one that is there or not
/// counts 100, and one in another's place as much of that as their letters differ.
private func componentDistance(_ a: [Substring], _ b: [Substring]) -> Int {
  var previous = (0...b.count).map { 100 * $0 }
  for (i, wanted) in a.enumerated() {
    var current = [100 * (i + 1)]
    for (j, found) in b.enumerated() {
      current.append(
        min(
          previous[j + 1] + 100, current[j] + 100, previous[j] + letterDistance(wanted, found)))
    }
    previous = current
  }
  return previous[b.count]
}

private func letterDistance(_ a: Substring, _ b: Substring) -> Int {
  if a == b { return 0 }
  let longest = max(a.utf8.count, b.utf8.count)
  return 100 * editDistance(Array(a.utf8), Array(b.utf8)) / max(longest, 1)
}

/// Whether two names may be of one kind: neither ends in another of PyTorch's words than the other, nor
/// belongs to another sort of layer. A word that is none of these may be misspelt.
private func areOfOneKind(_ first: [Substring], _ second: [Substring]) -> Bool {
  func differ(_ a: Substring?, _ b: Substring?, among words: [Substring]) -> Bool {
    guard let a, let b, words.contains(a), words.contains(b) else { return false }
    return a != b
  }
  func layer(_ parts: [Substring]) -> Substring? {
    parts.dropLast().last?.prefix { $0.isLetter }
  }
  return !differ(
    first.last, second.last, among: ["weight", "bias", "running_mean", "running_var"])
    && !differ(kind(layer(first)), kind(layer(second)), among: ["conv", "norm", "linear"])
}

/// The sort of layer that a module's name tells.
private func kind(_ layer: Substring?) -> Substring? {
  switch layer {
  case "bn": "norm"
  case "fc": "linear"
  default: layer
  }
}

extension String {
  /// The rest behind the prefix, or the whole where it does not begin with that.
  func withoutPrefix(_ prefix: String) -> Substring {
    hasPrefix(prefix) ? dropFirst(prefix.count) : self[...]
  }
}

/// The `--rename` rule that turns one name into another, by the middle in which they differ.
func renameRule(from found: String, to wanted: String) -> String {
  func components(_ name: String) -> [Substring] {
    name.split(separator: ".", omittingEmptySubsequences: false)
  }
  func joined(_ parts: ArraySlice<Substring>) -> String { parts.joined(separator: ".") }
  let (old, new) = (components(found), components(wanted))
  let tail = zip(old.reversed(), new.reversed()).prefix { $0 == $1 }.count
  let (oldStart, newStart) = (old.dropLast(tail), new.dropLast(tail))
  let head = zip(oldStart, newStart).prefix { $0 == $1 }.count
  let (oldMiddle, newMiddle) = (oldStart.dropFirst(head), newStart.dropFirst(head))
  func escaped(_ text: String) -> String { components(text).joined(separator: "\\.") }
  // A part that one of the names has not at all takes its dot with it.
  if oldMiddle.isEmpty || newMiddle.isEmpty {
    let before = old.prefix(head).map { $0 + "." }.joined()
    return "^\(escaped(before + oldMiddle.map { $0 + "." }.joined()))="
      + before + newMiddle.map { $0 + "." }.joined()
  }
  let start = head == 0 ? "^" : "\\."
  let end = tail == 0 ? "$" : "\\."
  return start + escaped(joined(oldMiddle)) + end + "="
    + (head == 0 ? "" : ".") + joined(newMiddle) + (tail == 0 ? "" : ".")
}
