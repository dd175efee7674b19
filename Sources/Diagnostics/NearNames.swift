/// The number of insertions, deletions, substitutions and swaps of neighbours that turn one string
/// into the other (the restricted Damerau–Levenshtein distance).
public func editDistance(_ a: String, _ b: String) -> Int {
  let (a, b) = (Array(a), Array(b))
  guard !a.isEmpty, !b.isEmpty else { return max(a.count, b.count) }
  var rows = [Array(0...b.count)]
  for i in 1...a.count {
    var row = [i]
    for j in 1...b.count {
      var best = min(
        rows[i - 1][j] + 1, row[j - 1] + 1, rows[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1))
      if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
        best = min(best, rows[i - 2][j - 2] + 1)
      }
      row.append(best)
    }
    rows.append(row)
  }
  return rows[a.count][b.count]
}

/// The candidate the user most likely meant by a name that does not exist, if one is close enough.
///
/// Close enough is one edit for every three letters, at least one but for single letters; of equals
/// the first in alphabetic order wins. Case does not count.
public func nearestName(to name: String, among candidates: some Sequence<String>) -> String? {
  let wanted = name.lowercased()
  // A name this long is no typing mistake, and the distance costs the product of the lengths.
  guard wanted.count <= 64 else { return nil }
  var best: (name: String, distance: Int)?
  for candidate in Set(candidates).sorted() where abs(candidate.count - wanted.count) <= 8 {
    let distance = editDistance(wanted, candidate.lowercased())
    let length = min(wanted.count, candidate.count)
    let allowed = length < 2 ? 0 : max(1, length / 3)
    if distance <= allowed, distance < best?.distance ?? .max { best = (candidate, distance) }
  }
  return best?.name
}
