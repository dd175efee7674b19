/// What is left of an assignment problem while `AssignmentReduction` eliminates its nodes, and the
/// store of the decisions taken on the way. Both are working data of the solver.
struct Residual {
  /// The cost of what is decided already.
  var constant = Ranked.zero
  var costs: [[Ranked]]
  private(set) var live: [Bool]
  private var edges: [Link]
  /// The edges at each node, in ascending order of the other end.
  private var adjacent: [[(edge: Int, node: Int)]]
  /// Nodes whose degree may have fallen to two or less; entries can be out of date.
  private var low: [Int] = []
  private var lowest: [Int] = []

  private struct Link {
    let first: Int
    let second: Int
    var entries: [Ranked]
  }

  init(_ problem: AssignmentProblem) {
    costs = problem.nodeCosts.map { $0.map { Ranked(cost: $0) } }
    live = costs.map { _ in true }
    edges = []
    adjacent = costs.map { _ in [] }
    for edge in problem.edges {
      setEdge(nil, edge.first, edge.second, edge.costs.map { Ranked(cost: $0) })
    }
    low = []
    lowest = []
    for node in costs.indices.reversed() { note(node) }
  }

  /// The next node of degree two or less, those of degree one and zero first.
  mutating func nextReducible() -> Int? {
    while let node = lowest.popLast() ?? low.popLast() {
      // An RII step adds an edge after it took one away, so a node noted here may be above two
      // again; it is noted anew when it loses an edge.
      if live[node], adjacent[node].count <= 2 { return node }
    }
    return nil
  }

  /// The live node with the most neighbours, the first of several.
  func highestDegreeNode() -> Int? {
    var best: Int?
    for node in costs.indices where live[node] {
      if let known = best, adjacent[known].count >= adjacent[node].count { continue }
      best = node
    }
    return best
  }

  func neighbours(of node: Int) -> [(edge: Int, node: Int)] { adjacent[node] }

  func edge(between a: Int, _ b: Int) -> Int? { adjacent[a].first { $0.node == b }?.edge }

  /// The entries of an edge with `rows`, one of its ends, as the rows.
  func matrix(of edge: Int, rows: Int) -> [Ranked] {
    let link = edges[edge]
    if link.first == rows { return link.entries }
    return transposed(
      link.entries, rows: costs[link.first].count, columns: costs[link.second].count)
  }

  /// Replaces `edge`, or adds one if it is nil; the rows of `entries` stand for `a`.
  mutating func setEdge(_ edge: Int?, _ a: Int, _ b: Int, _ entries: [Ranked]) {
    let link = Link(first: a, second: b, entries: entries)
    if let edge {
      edges[edge] = link
    } else {
      insert((edge: edges.count, node: b), at: a)
      insert((edge: edges.count, node: a), at: b)
      edges.append(link)
    }
    note(a)
    note(b)
  }

  /// Takes a node and its edges out.
  mutating func remove(_ node: Int) {
    live[node] = false
    for (_, neighbour) in adjacent[node] {
      adjacent[neighbour].removeAll { $0.node == node }
      note(neighbour)
    }
    adjacent[node] = []
  }

  /// Takes a whole component out.
  mutating func remove(_ component: [Int]) {
    for node in component {
      live[node] = false
      adjacent[node] = []
    }
  }

  /// All nodes that can be reached from a node, itself included.
  func component(of node: Int) -> [Int] {
    var seen = [node]
    var isSeen = live.map { _ in false }
    isSeen[node] = true
    var next = 0
    while next < seen.count {
      for (_, neighbour) in adjacent[seen[next]] where !isSeen[neighbour] {
        isSeen[neighbour] = true
        seen.append(neighbour)
      }
      next += 1
    }
    return seen
  }

  /// This component alone, with nothing decided.
  func restricted(to component: [Int]) -> Residual {
    var result = self
    result.constant = .zero
    result.live = live.map { _ in false }
    for node in component { result.live[node] = true }
    return result
  }

  /// A cost that no assignment of the live nodes goes below: every node takes its cheapest
  /// candidate, counting half of the cheapest entry on each of its edges.
  func lowerBound() -> Double {
    var bound = constant.cost
    for node in costs.indices where live[node] {
      var own = costs[node].map(\.cost)
      for (edge, neighbour) in adjacent[node] {
        let matrix = matrix(of: edge, rows: node)
        let columns = costs[neighbour].count
        for i in own.indices {
          var cheapest = Double.infinity
          for entry in (i * columns)..<((i + 1) * columns) {
            cheapest = min(cheapest, matrix[entry].cost)
          }
          own[i] += cheapest / 2
        }
      }
      bound += own.min() ?? .infinity
    }
    return bound
  }

  private mutating func note(_ node: Int) {
    guard live[node] else { return }
    switch adjacent[node].count {
    case 0, 1: lowest.append(node)
    case 2: low.append(node)
    default: break
    }
  }

  private mutating func insert(_ end: (edge: Int, node: Int), at node: Int) {
    let place = adjacent[node].firstIndex { $0.node > end.node } ?? adjacent[node].count
    adjacent[node].insert(end, at: place)
  }
}

/// Decisions as a shared, append-only tree: a record names a node's candidate, or nothing, and two
/// earlier records that belong to the same way.
struct TraceStore {
  /// The record of no decision.
  static let none = -1

  private struct Record {
    let node: Int
    let candidate: Int
    let first: Int
    let second: Int
  }
  private var records: [Record] = []

  var count: Int { records.count }

  /// The decision for `candidate` together with all of `rest`.
  mutating func decide(_ node: Int, _ candidate: Int, _ rest: Int) -> Int {
    records.append(Record(node: node, candidate: candidate, first: rest, second: Self.none))
    return records.count - 1
  }

  /// The decisions of both.
  mutating func join(_ first: Int, _ second: Int) -> Int {
    if first == Self.none { return second }
    if second == Self.none { return first }
    records.append(Record(node: -1, candidate: 0, first: first, second: second))
    return records.count - 1
  }

  /// Forgets the records made since the store had `count` of them.
  mutating func discard(after count: Int) { records.removeLast(records.count - count) }

  /// The candidate of each node under the decisions of a record; every node has exactly one.
  func choice(_ record: Int, nodes: Int) -> [Int] {
    var choice = [Int](repeating: 0, count: nodes)
    var pending = [record]
    while let index = pending.popLast() {
      guard index != Self.none else { continue }
      let record = records[index]
      if record.node >= 0 { choice[record.node] = record.candidate }
      pending.append(record.first)
      pending.append(record.second)
    }
    return choice
  }
}
