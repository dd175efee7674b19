/// The exact solver behind `AssignmentProblem`.
///
/// Nodes are eliminated one by one (Scholz & Eckstein, "Register allocation for irregular
/// architectures", 2002): a node without neighbours takes its cheapest candidate (R0); a node with
/// one neighbour is folded into that neighbour's costs (RI); a node with two is folded into the
/// edge between them (RII). Where only nodes of degree three and more remain, the candidates of one
/// node of the highest degree are tried in turn, each leaving a smaller problem, with a bound to
/// leave hopeless ones early. All four steps keep the optimum. A graph made to be hard would be branched
/// on for ever: once that has taken as long as it may, nodes are settled one by one, as they look best.
///
/// The runner-up comes from the same pass. Every cost here is a `Ranked`: the two cheapest ways to
/// decide the nodes eliminated so far that stand behind that entry. Two-best lists form a semiring
/// under "take the cheaper" and "add", as single costs do, so the reductions hold for them
/// unchanged. Each way remembers its decisions as a `Trace`, which shares its tail with others.
struct AssignmentReduction {
  private(set) var statistics = AssignmentProblem.Statistics()
  private let initial: Residual
  private let nodeCount: Int
  private var traces = TraceStore()
  /// Nodes that branches have gone through.
  private var branchedNodes = 0

  /// About a second's work. ResNets need no branches at all.
  private static let maximalBranchedNodes = 400_000

  private var mayBranch: Bool { branchedNodes < Self.maximalBranchedNodes }

  init(of problem: AssignmentProblem) {
    nodeCount = problem.nodeCosts.count
    initial = Residual(problem)
  }

  /// The choices of the cheapest and, if there is one, the second cheapest assignment; empty if
  /// nothing is feasible. Once nodes are settled, they are the best found, and empty if nothing was.
  mutating func solve() -> [[Int]] {
    let total = minimise(initial, cutoff: .infinity)
    var found: [[Int]] = []
    if total.cost < .infinity { found.append(traces.choice(total.trace, nodes: nodeCount)) }
    if total.nextCost < .infinity { found.append(traces.choice(total.nextTrace, nodes: nodeCount)) }
    return found
  }

  /// The two cheapest totals of a residual problem. What costs `cutoff` or more may be left out.
  private mutating func minimise(_ problem: Residual, cutoff: Double) -> Ranked {
    var residual = problem
    while true {
      while let node = residual.nextReducible() { reduce(node, in: &residual) }
      guard let node = residual.highestDegreeNode() else { return residual.constant }
      guard mayBranch else {
        settle(node, in: &residual)
        continue
      }
      let part = residual.component(of: node)
      if part.count == residual.live.count(where: { $0 }) {
        return branch(on: node, of: residual, cutoff: cutoff)
      }
      // Components are independent: solved one after the other, their branches do not multiply.
      let result = branch(on: node, of: residual.restricted(to: part), cutoff: .infinity)
      residual.remove(part)
      residual.constant = sum(residual.constant, result)
    }
  }

  private mutating func branch(on node: Int, of residual: Residual, cutoff: Double) -> Ranked {
    var total = Ranked.impossible
    let liveCount = residual.live.count { $0 }
    for (candidate, own) in residual.costs[node].enumerated() where own.cost < .infinity {
      if !mayBranch, total.cost < .infinity {
        statistics.settled += 1
        break
      }
      statistics.branches += 1
      branchedNodes += liveCount
      var fixed = residual
      fix(node, as: candidate, in: &fixed)

      let limit = min(cutoff, total.nextCost)
      guard fixed.lowerBound() < limit else {
        statistics.cutBranches += 1
        continue
      }
      let mark = traces.count
      let result = minimise(fixed, cutoff: limit)
      if result.cost < total.nextCost {
        total.take(result)
      } else {
        traces.discard(after: mark)
      }
    }
    return total
  }

  /// Takes a node out that is given a candidate.
  private mutating func fix(_ node: Int, as candidate: Int, in residual: inout Residual) {
    residual.constant = sum(
      residual.constant, decide(node, candidate, residual.costs[node][candidate]))
    for (edge, neighbour) in residual.neighbours(of: node) {
      let matrix = residual.matrix(of: edge, rows: node)
      let columns = residual.costs[neighbour].count
      for j in 0..<columns {
        residual.costs[neighbour][j] = sum(
          residual.costs[neighbour][j], matrix[candidate * columns + j])
      }
    }
    residual.remove(node)
  }

  /// Gives a node the candidate that costs least if each neighbour follows it as it likes best.
  private mutating func settle(_ node: Int, in residual: inout Residual) {
    statistics.settled += 1
    var totals = residual.costs[node].map(\.cost)
    for (edge, neighbour) in residual.neighbours(of: node) {
      let matrix = residual.matrix(of: edge, rows: node)
      let costs = residual.costs[neighbour]
      for candidate in totals.indices {
        let row = matrix[(candidate * costs.count)..<((candidate + 1) * costs.count)]
        totals[candidate] += zip(row, costs).map { $0.cost + $1.cost }.min() ?? 0
      }
    }
    let best = totals.indices.min { totals[$0] < totals[$1] } ?? 0
    fix(node, as: best, in: &residual)
  }

  private mutating func reduce(_ node: Int, in residual: inout Residual) {
    let own = residual.costs[node]
    let links = residual.neighbours(of: node)
    switch links.count {
    case 0:
      statistics.r0 += 1
      var winners = Winners()
      for i in own.indices { winners.offer(i, own[i], .zero, .zero) }
      let result = ranked(winners, node) { (own[$0], .zero, .zero) }
      residual.constant = sum(residual.constant, result)
    case 1:
      statistics.rI += 1
      let (edge, neighbour) = links[0]
      let matrix = residual.matrix(of: edge, rows: node)
      let columns = residual.costs[neighbour].count
      for j in 0..<columns {
        var winners = Winners()
        for i in own.indices { winners.offer(i, own[i], matrix[i * columns + j], .zero) }
        let result = ranked(winners, node) { (own[$0], matrix[$0 * columns + j], .zero) }
        residual.costs[neighbour][j] = sum(residual.costs[neighbour][j], result)
      }
    default:
      statistics.rII += 1
      let (left, right) = (links[0], links[1])
      let first = residual.matrix(of: left.edge, rows: node)
      let second = residual.matrix(of: right.edge, rows: node)
      let rows = residual.costs[left.node].count
      let columns = residual.costs[right.node].count
      var folded: [Ranked] = []
      folded.reserveCapacity(rows * columns)
      for j in 0..<rows {
        for k in 0..<columns {
          var winners = Winners()
          for i in own.indices {
            winners.offer(i, own[i], first[i * rows + j], second[i * columns + k])
          }
          folded.append(
            ranked(winners, node) { (own[$0], first[$0 * rows + j], second[$0 * columns + k]) })
        }
      }
      let present = residual.edge(between: left.node, right.node)
      if let present {
        let before = residual.matrix(of: present, rows: left.node)
        for entry in folded.indices { folded[entry] = sum(before[entry], folded[entry]) }
      }
      residual.remove(node)
      residual.setEdge(present, left.node, right.node, folded)
      return
    }
    residual.remove(node)
  }

  // MARK: Two-best arithmetic

  /// Both ways of two independent parts added: the second cheapest uses one part's second way.
  private mutating func sum(_ a: Ranked, _ b: Ranked) -> Ranked {
    let cost = a.cost + b.cost
    guard cost < .infinity else { return .impossible }
    var result = Ranked(cost: cost, trace: traces.join(a.trace, b.trace))
    let (nextInA, nextInB) = (a.nextCost + b.cost, a.cost + b.nextCost)
    result.nextCost = min(nextInA, nextInB)
    if result.nextCost < .infinity {
      result.nextTrace =
        nextInA <= nextInB
        ? traces.join(a.nextTrace, b.trace) : traces.join(a.trace, b.nextTrace)
    }
    return result
  }

  /// `costs` with the decision recorded behind both its ways.
  private mutating func decide(_ node: Int, _ candidate: Int, _ costs: Ranked) -> Ranked {
    var result = costs
    result.trace = traces.decide(node, candidate, costs.trace)
    if costs.nextCost < .infinity {
      result.nextTrace = traces.decide(node, candidate, costs.nextTrace)
    }
    return result
  }

  /// The winners of one elimination as an entry; `terms` gives back what a candidate was made of.
  private mutating func ranked(
    _ winners: Winners, _ node: Int, terms: (Int) -> (Ranked, Ranked, Ranked)
  ) -> Ranked {
    var result = Ranked.impossible
    if winners.first.cost < .infinity {
      result.cost = winners.first.cost
      result.trace = trace(of: winners.first, node, terms)
    }
    if winners.second.cost < .infinity {
      result.nextCost = winners.second.cost
      result.nextTrace = trace(of: winners.second, node, terms)
    }
    return result
  }

  private mutating func trace(
    of way: Winners.Way, _ node: Int, _ terms: (Int) -> (Ranked, Ranked, Ranked)
  ) -> Int {
    let (a, b, c) = terms(way.candidate)
    let onEdges = traces.join(
      way.next == 2 ? b.nextTrace : b.trace, way.next == 3 ? c.nextTrace : c.trace)
    return traces.decide(
      node, way.candidate, traces.join(way.next == 1 ? a.nextTrace : a.trace, onEdges))
  }
}

/// The two cheapest ways to reach one entry of a cost vector or matrix, each with its decisions.
struct Ranked {
  var cost: Double
  var trace: Int = TraceStore.none
  var nextCost: Double = .infinity
  var nextTrace: Int = TraceStore.none

  static let zero = Ranked(cost: 0)
  static let impossible = Ranked(cost: .infinity)

  /// Keeps the two cheapest of both entries' ways; on equal costs those already here.
  mutating func take(_ other: Ranked) {
    if other.cost < cost {
      if cost <= other.nextCost {
        (nextCost, nextTrace) = (cost, trace)
      } else {
        (nextCost, nextTrace) = (other.nextCost, other.nextTrace)
      }
      (cost, trace) = (other.cost, other.trace)
    } else if other.cost < nextCost {
      (nextCost, nextTrace) = (other.cost, other.trace)
    }
  }
}

/// The two cheapest among the sums of three terms offered for each candidate. Only what the winner
/// was made of is kept, so that losers leave no trace.
private struct Winners {
  struct Way {
    var cost = Double.infinity
    var candidate = 0
    /// Which term stands in with its second way: 1, 2 or 3; 0 for none.
    var next = 0
  }
  var first = Way()
  var second = Way()

  mutating func offer(_ candidate: Int, _ a: Ranked, _ b: Ranked, _ c: Ranked) {
    let cost = a.cost + b.cost + c.cost
    guard cost < second.cost else { return }
    insert(Way(cost: cost, candidate: candidate, next: 0))
    insert(Way(cost: a.nextCost + b.cost + c.cost, candidate: candidate, next: 1))
    insert(Way(cost: a.cost + b.nextCost + c.cost, candidate: candidate, next: 2))
    insert(Way(cost: a.cost + b.cost + c.nextCost, candidate: candidate, next: 3))
  }

  private mutating func insert(_ way: Way) {
    if way.cost < first.cost {
      second = first
      first = way
    } else if way.cost < second.cost {
      second = way
    }
  }
}
