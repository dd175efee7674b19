/// The candidate that a misspelt name most likely meant, if one is near enough to suggest.
///
/// Nearness is the number of letters to insert, delete, replace or swap with their neighbour
/// (optimal string alignment distance), at most a third of the longer name's length, without
/// regard to case. Of equally near candidates the first wins.
public func nearestName(to name: String, in candidates: some Sequence<String>) -> String? {
  let letters = Array(name.lowercased())
  var best: (name: String, distance: Int)?
  for candidate in candidates {
    let others = Array(candidate.lowercased())
    let distance = alignmentDistance(letters, others)
    guard distance <= max(1, max(letters.count, others.count) / 3),
      distance < best?.distance ?? .max
    else { continue }
    best = (candidate, distance)
  }
  return best?.name
}

private func alignmentDistance(_ a: [Character], _ b: [Character]) -> Int {
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
