/// The number of insertions, deletions, substitutions and swaps of neighbours that turn one sequence
/// into the other (the restricted Damerau–Levenshtein distance).
public func editDistance<Element: Equatable>(_ a: [Element], _ b: [Element]) -> Int {
  var beforePrevious: [Int] = []
  var previous = Array(0...b.count)
  for i in a.indices {
    var current = [i + 1]
    for j in b.indices {
      var distance = min(
        previous[j + 1] + 1, current[j] + 1, previous[j] + (a[i] == b[j] ? 0 : 1))
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
        distance = min(distance, beforePrevious[j - 1] + 1)
      }
      current.append(distance)
    }
    (beforePrevious, previous) = (previous, current)
  }
  return previous[b.count]
}

/// The candidate the user most likely meant by a name that does not exist, if one is close enough.
///
/// Close enough is one edit for every three letters, at least one but for single letters; of equals
/// the first in alphabetic order wins. Case does not count.
public func nearestName(to name: String, among candidates: some Sequence<String>) -> String? {
  let wanted = Array(name.lowercased())
  // A name this long is no typing mistake, and the distance costs the product of the lengths.
  guard wanted.count <= 64 else { return nil }
  var best: (name: String, distance: Int)?
  for candidate in Set(candidates).sorted() where abs(candidate.count - wanted.count) <= 8 {
    let distance = editDistance(wanted, Array(candidate.lowercased()))
    let length = min(wanted.count, candidate.count)
    let allowed = length < 2 ? 0 : max(1, length / 3)
    if distance <= allowed, distance < best?.distance ?? .max { best = (candidate, distance) }
  }
  return best?.name
}
