/// A partitioned boolean quadratic problem (PBQP): choose one candidate for every node so that the
/// sum of the chosen candidates' costs and of the costs on the edges between them is smallest.
///
/// Layout selection is such a problem: a node is an operation, its candidates are the layouts and
/// algorithms it can run in, an edge holds what the conversion between two candidates costs
/// (Anderson & Gregg, "Optimal DNN primitive selection with partitioned boolean quadratic
/// programming", 2018). The solver is in `AssignmentReduction`; it needs no search where the graph is
/// series-parallel, as a ResNet's is, and is exact unless a graph is so far from that that the search
/// would not end.
///
/// Costs are in any one unit. `.infinity` forbids a candidate, or a pair of candidates. Sums are
/// taken in double precision, so "optimal" holds up to the rounding of the sum of the costs.
///
/// ```swift
/// var problem = AssignmentProblem()
/// let a = try problem.addNode(costs: [3, 1])
/// let b = try problem.addNode(costs: [1, 2])
/// try problem.addEdge(a, b, costs: [[0, 5], [5, 0]])
/// try problem.solve().choice  // [1, 1]
/// ```
public struct AssignmentProblem: Equatable, Sendable {
  /// The cost of each candidate, a vector per node.
  public private(set) var nodeCosts: [[Double]] = []
  /// The edges, at most one between two nodes, in the order in which they were first added.
  public private(set) var edges: [Edge] = []
  private var edgeOfPair: [Pair: Int] = [:]

  /// The costs between the candidates of two nodes, `first < second`.
  public struct Edge: Equatable, Sendable {
    /// The node that the rows of `costs` stand for.
    public let first: Int
    /// The node that the columns of `costs` stand for.
    public let second: Int
    /// One cost per pair of candidates, row by row: `costs[i * columns + j]`.
    public fileprivate(set) var costs: [Double]
  }

  /// One assignment of a candidate to every node.
  public struct Solution: Equatable, Sendable {
    /// The chosen candidate of each node.
    public let choice: [Int]
    /// The sum of all node and edge costs under `choice`.
    public let cost: Double
    /// How it was found.
    public let statistics: Statistics
  }

  /// What the solver did. The result is exact unless nodes were settled; `branches == 0` says that
  /// reductions alone solved the problem.
  public struct Statistics: Equatable, Sendable {
    /// Nodes without neighbours, decided on their own (R0).
    public var r0 = 0
    /// Nodes folded into their only neighbour (RI).
    public var rI = 0
    /// Nodes folded into the edge between their two neighbours (RII).
    public var rII = 0
    /// Candidates tried one by one at nodes of degree three or more.
    public var branches = 0
    /// Branches left early because their lower bound was no better than what was known.
    public var cutBranches = 0
    /// Nodes that were given what looked best, or the best of the candidates tried so far, because
    /// branching on would have taken too long.
    public var settled = 0
  }

  private struct Pair: Hashable, Sendable {
    let first: Int
    let second: Int
  }

  /// A problem without nodes.
  public init() {}

  /// Adds a node and returns its index, which counts from zero.
  ///
  /// - Parameter costs: one cost per candidate, finite or `.infinity`.
  /// - Throws: `noCandidates` or `invalidCost`.
  @discardableResult
  public mutating func addNode(costs: [Double]) throws(AssignmentError) -> Int {
    guard !costs.isEmpty else { throw .noCandidates(node: nodeCosts.count) }
    for cost in costs where cost.isNaN || cost == -.infinity { throw .invalidCost(cost) }
    nodeCosts.append(costs)
    return nodeCosts.count - 1
  }

  /// Adds the costs between the candidates of two nodes; several edges between two nodes add up.
  ///
  /// - Parameter costs: `costs[i][j]` for candidate `i` of `a` and candidate `j` of `b`.
  /// - Throws: `unknownNode`, `selfEdge`, `shapeMismatch` or `invalidCost`; the problem is then
  ///   unchanged.
  public mutating func addEdge(_ a: Int, _ b: Int, costs: [[Double]]) throws(AssignmentError) {
    for node in [a, b] where !nodeCosts.indices.contains(node) { throw .unknownNode(node) }
    guard a != b else { throw .selfEdge(a) }
    let (rows, columns) = (nodeCosts[a].count, nodeCosts[b].count)
    guard costs.count == rows, costs.allSatisfy({ $0.count == columns }) else {
      throw .shapeMismatch(first: a, second: b, rows: rows, columns: columns)
    }
    for row in costs {
      for cost in row where cost.isNaN || cost == -.infinity { throw .invalidCost(cost) }
    }

    let flat = Array(costs.joined())
    let forward = a < b ? flat : transposed(flat, rows: rows, columns: columns)
    let pair = Pair(first: min(a, b), second: max(a, b))
    if let index = edgeOfPair[pair] {
      for entry in forward.indices { edges[index].costs[entry] += forward[entry] }
    } else {
      edgeOfPair[pair] = edges.count
      edges.append(Edge(first: pair.first, second: pair.second, costs: forward))
    }
  }

  /// The cost of an assignment, infinite if it uses something forbidden.
  ///
  /// - Parameter choice: a candidate of each node. A choice of another length, or with a candidate
  ///   that a node does not have, costs `.infinity`.
  public func cost(of choice: [Int]) -> Double {
    guard choice.count == nodeCosts.count else { return .infinity }
    var sum = 0.0
    for (costs, candidate) in zip(nodeCosts, choice) {
      guard costs.indices.contains(candidate) else { return .infinity }
      sum += costs[candidate]
    }
    for edge in edges {
      let columns = nodeCosts[edge.second].count
      sum += edge.costs[choice[edge.first] * columns + choice[edge.second]]
    }
    return sum
  }

  /// The cheapest assignment, or, where the search was given up (`Statistics.settled`), the best one
  /// found. Where several cost the same, a node that is decided takes its lowest candidate, so the
  /// answer is the same on every run.
  ///
  /// - Throws: `infeasible` if every assignment uses something forbidden, or none that does not was
  ///   found before the search was given up. That cannot happen if nothing is forbidden.
  public func solve() throws(AssignmentError) -> Solution {
    try solveWithRunnerUp().best
  }

  /// The cheapest assignment that differs from `solve()`'s in at least one node, or nil if that is
  /// the only one allowed. Its cost may equal the best one's. Where the search was given up, it is the
  /// second best one found, or nil if only one was.
  ///
  /// - Throws: `infeasible` as `solve()` does.
  public func runnerUp() throws(AssignmentError) -> Solution? {
    try solveWithRunnerUp().runnerUp
  }

  /// What `solve()` and `runnerUp()` return, found in one run of the solver.
  ///
  /// - Throws: `infeasible` as `solve()` does.
  public func solveWithRunnerUp() throws(AssignmentError) -> (best: Solution, runnerUp: Solution?) {
    var reduction = AssignmentReduction(of: self)
    let found = reduction.solve()
    guard let best = found.first else { throw .infeasible }
    func solution(_ choice: [Int]) -> Solution {
      Solution(choice: choice, cost: cost(of: choice), statistics: reduction.statistics)
    }
    guard found.count > 1 else { return (solution(best), nil) }
    // The reductions add in another order than `cost(of:)`, so two costs that differ by rounding
    // alone may come in the wrong order.
    let (first, second) = (solution(best), solution(found[1]))
    return second.cost < first.cost ? (second, first) : (first, second)
  }
}

/// Why an `AssignmentProblem` cannot be built or solved.
public enum AssignmentError: Error, Equatable, CustomStringConvertible {
  /// A node was given an empty list of candidates.
  case noCandidates(node: Int)
  /// An edge names a node that was not added before.
  case unknownNode(Int)
  /// An edge from a node to itself.
  case selfEdge(Int)
  /// An edge's matrix is not `rows` by `columns`.
  case shapeMismatch(first: Int, second: Int, rows: Int, columns: Int)
  /// A cost is not a number, or minus infinity.
  case invalidCost(Double)
  /// Every assignment uses a forbidden candidate or a forbidden pair, or all that were tried before
  /// the search was given up do.
  case infeasible

  public var description: String {
    switch self {
    case .noCandidates(let node):
      "node \(node) has no candidates; give it at least one cost"
    case .unknownNode(let node):
      "an edge names node \(node), which does not exist; add the node first"
    case .selfEdge(let node):
      "an edge leads from node \(node) to itself; add its costs to the node's own"
    case .shapeMismatch(let first, let second, let rows, let columns):
      "the edge between nodes \(first) and \(second) needs a \(rows) by \(columns) cost matrix"
    case .invalidCost(let cost):
      "a cost is \(cost); use finite costs, or infinity to forbid a choice"
    case .infeasible:
      "no allowed assignment was found; permit more candidates or more pairs of candidates"
    }
  }
}

/// The transpose of a row-major matrix.
func transposed<Element>(_ matrix: [Element], rows: Int, columns: Int) -> [Element] {
  var result: [Element] = []
  result.reserveCapacity(matrix.count)
  for column in 0..<columns {
    for row in 0..<rows { result.append(matrix[row * columns + column]) }
  }
  return result
}
