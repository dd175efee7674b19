import Testing

@testable import KernelPlanning

/// Random problems have whole-number costs, so that sums are exact in any order and equal costs are
/// equal bits.
@Suite("Assignment problem")
struct AssignmentProblemTests {
  @Test("a node alone takes its cheapest candidate, the first of equals")
  func singleNode() throws {
    var problem = AssignmentProblem()
    try problem.addNode(costs: [4, 2, 7, 2])
    let solution = try problem.solve()
    #expect(solution.choice == [1])
    #expect(solution.cost == 2)
    #expect(try problem.runnerUp()?.choice == [3])
  }

  @Test("a problem without nodes has the empty solution and no runner-up")
  func empty() throws {
    let (best, runnerUp) = try AssignmentProblem().solveWithRunnerUp()
    #expect(best.choice.isEmpty)
    #expect(best.cost == 0)
    #expect(runnerUp == nil)
  }

  @Test("a chain gives up a cheap candidate where the conversions around it cost more")
  func chain() throws {
    // Layouts A and B; a conversion costs 5. The middle node alone would rather be B.
    let conversion: [[Double]] = [[0, 5], [5, 0]]
    var problem = AssignmentProblem()
    for costs: [Double] in [[1, 9], [4, 1], [2, 8]] { try problem.addNode(costs: costs) }
    try problem.addEdge(0, 1, costs: conversion)
    try problem.addEdge(2, 1, costs: conversion)

    let (best, runnerUp) = try problem.solveWithRunnerUp()
    #expect(best.choice == [0, 0, 0])
    #expect(best.cost == 7)
    #expect(best.statistics == .init(r0: 1, rI: 2))
    // The middle node as B: 1 + 5 + 1 + 5 + 2.
    #expect(runnerUp?.choice == [0, 1, 0])
    #expect(runnerUp?.cost == 14)
  }

  @Test("a residual block, a diamond, needs two RII steps and no branch")
  func diamond() throws {
    // 0 -> 1 -> 3 and 0 -> 2 -> 3; candidate 1 is cheap at 1 and 2, dear at the ends.
    let conversion: [[Double]] = [[0, 3], [3, 0]]
    var problem = AssignmentProblem()
    for costs: [Double] in [[0, 10], [5, 0], [8, 0], [0, 10]] {
      try problem.addNode(costs: costs)
    }
    for (a, b) in [(0, 1), (0, 2), (1, 3), (2, 3)] { try problem.addEdge(a, b, costs: conversion) }

    let (best, runnerUp) = try problem.solveWithRunnerUp()
    #expect(best.choice == [0, 0, 1, 0])
    #expect(best.cost == 11)
    #expect(best.statistics == .init(r0: 1, rI: 1, rII: 2))
    // Converting around node 1 as well: two conversions for its own five.
    #expect(runnerUp?.choice == [0, 1, 1, 0])
    #expect(runnerUp?.cost == 12)
  }

  @Test("several edges between two nodes add up, in either direction")
  func parallelEdges() throws {
    var problem = AssignmentProblem()
    try problem.addNode(costs: [0, 0])
    try problem.addNode(costs: [0, 0, 0])
    try problem.addEdge(0, 1, costs: [[9, 1, 4], [9, 9, 2]])
    try problem.addEdge(1, 0, costs: [[0, 0], [7, 0], [0, 1]])
    #expect(problem.edges.count == 1)
    #expect(problem.edges.first?.costs == [9, 8, 4, 9, 9, 3])
    #expect(try problem.solve().choice == [1, 2])
  }

  @Test("a forbidden pair is avoided at any price")
  func forbidden() throws {
    var problem = AssignmentProblem()
    try problem.addNode(costs: [0, 1000])
    try problem.addNode(costs: [0, .infinity])
    try problem.addEdge(0, 1, costs: [[.infinity, 0], [0, 0]])
    #expect(try problem.solve().choice == [1, 0])
    #expect(try problem.runnerUp() == nil)
  }

  @Test("a problem that forbids everything is refused, also beyond reductions")
  func infeasible() throws {
    var pair = AssignmentProblem()
    try pair.addNode(costs: [0, .infinity])
    try pair.addNode(costs: [.infinity, 0])
    try pair.addEdge(0, 1, costs: [[0, .infinity], [0, 0]])
    #expect(throws: AssignmentError.infeasible) { try pair.solve() }

    // Three colours do not colour four nodes that all touch.
    var clique = AssignmentProblem()
    for _ in 0..<4 { try clique.addNode(costs: [0, 0, 0]) }
    let differ = (0..<3).map { i in (0..<3).map { j in i == j ? Double.infinity : 0 } }
    for a in 0..<4 { for b in (a + 1)..<4 { try clique.addEdge(a, b, costs: differ) } }
    #expect(throws: AssignmentError.infeasible) { try clique.runnerUp() }
  }

  @Test("malformed nodes and edges are refused and leave the problem unchanged")
  func malformed() throws {
    var problem = AssignmentProblem()
    try problem.addNode(costs: [1, 2])
    try problem.addNode(costs: [1])
    let before = problem
    #expect(throws: AssignmentError.noCandidates(node: 2)) { try problem.addNode(costs: []) }
    #expect(throws: AssignmentError.invalidCost(-.infinity)) {
      try problem.addNode(costs: [-.infinity])
    }
    #expect(throws: AssignmentError.self) { try problem.addEdge(0, 1, costs: [[.nan], [0]]) }
    #expect(throws: AssignmentError.selfEdge(0)) {
      try problem.addEdge(0, 0, costs: [[0, 0], [0, 0]])
    }
    #expect(throws: AssignmentError.unknownNode(2)) {
      try problem.addEdge(0, 2, costs: [[0], [0]])
    }
    #expect(throws: AssignmentError.shapeMismatch(first: 0, second: 1, rows: 2, columns: 1)) {
      try problem.addEdge(0, 1, costs: [[0, 0]])
    }
    #expect(problem == before)
    #expect(problem.cost(of: [0]) == .infinity)
    #expect(problem.cost(of: [0, 1]) == .infinity)
  }

  @Test("series-parallel graphs: as brute force, without a branch", arguments: 0..<60)
  func seriesParallel(seed: Int) throws {
    var random = SplitMix(seed: UInt64(seed))
    let problem = try randomSeriesParallel(nodes: 2 + random.below(6), &random)
    try expectTwoBest(of: problem)
    if let best = try? problem.solve() { #expect(best.statistics.branches == 0) }
  }

  @Test("any graph: as brute force", arguments: 0..<60)
  func anyGraph(seed: Int) throws {
    var random = SplitMix(seed: 1000 + UInt64(seed))
    let count = 4 + random.below(5)
    var problem = AssignmentProblem()
    for _ in 0..<count { try problem.addNode(costs: random.costs(1 + random.below(3))) }
    for a in 0..<count {
      for b in (a + 1)..<count where random.below(10) < 7 {
        let columns = problem.nodeCosts[b].count
        try problem.addEdge(a, b, costs: problem.nodeCosts[a].map { _ in random.costs(columns) })
      }
    }
    try expectTwoBest(of: problem)
  }

  @Test("components that need branching are solved one after the other")
  func independentCores() throws {
    var random = SplitMix(seed: 7)
    var problem = AssignmentProblem()
    var best = 0.0
    var branches = 0
    for core in 0..<6 {
      var alone = AssignmentProblem()
      for node in 0..<4 {
        let costs = random.costs(3, forbid: false)
        try alone.addNode(costs: costs)
        try problem.addNode(costs: costs)
        for other in 0..<node {
          let matrix = (0..<3).map { _ in random.costs(3, forbid: false) }
          try alone.addEdge(other, node, costs: matrix)
          try problem.addEdge(4 * core + other, 4 * core + node, costs: matrix)
        }
      }
      let solution = try alone.solve()
      best += solution.cost
      branches += solution.statistics.branches
    }
    let solution = try problem.solve()
    #expect(solution.cost == best)
    #expect(branches > 0)
    #expect(solution.statistics.branches == branches)
  }

  @Test(
    "a graph that cannot be searched in any time is settled as it looks best",
    arguments: [false, true])
  func entangled(forbid: Bool) throws {
    var random = SplitMix(seed: 9)
    var problem = AssignmentProblem()
    for node in 0..<600 {
      try problem.addNode(costs: random.costs(4, forbid: forbid))
      for _ in 0..<min(node, 5) {
        let matrix = (0..<4).map { _ in random.costs(4, forbid: forbid) }
        try problem.addEdge(random.below(node), node, costs: matrix)
      }
    }
    let solution = try problem.solve()
    #expect(solution.statistics.settled > 0)
    #expect(solution.cost == problem.cost(of: solution.choice))
    #expect(solution.cost < problem.cost(of: problem.nodeCosts.map { _ in 0 }))
    #expect(solution.cost < .infinity)
  }

  @Test("300 nodes with 6 candidates take milliseconds, runner-up included")
  func large() throws {
    var random = SplitMix(seed: 42)
    let problem = try randomSeriesParallel(nodes: 300, candidates: 6, forbid: false, &random)
    let clock = ContinuousClock()
    let started = clock.now
    let (best, runnerUp) = try problem.solveWithRunnerUp()
    // About 10 ms in a debug build; the rest is for a busy machine.
    #expect(clock.now - started < .milliseconds(500))
    #expect(best.cost == problem.cost(of: best.choice))
    #expect((runnerUp?.cost ?? 0) >= best.cost)
    #expect(best.statistics.r0 + best.statistics.rI + best.statistics.rII == 300)
    for node in 0..<300 {
      var changed = best.choice
      for candidate in 0..<6 where candidate != best.choice[node] {
        changed[node] = candidate
        #expect(problem.cost(of: changed) >= runnerUp?.cost ?? .infinity)
      }
    }
    #expect(try problem.solve() == best)
  }

  // MARK: Helpers

  /// Compares both solutions with the two cheapest of all assignments.
  private func expectTwoBest(of problem: AssignmentProblem) throws {
    var costs: [Double] = []
    var choice = problem.nodeCosts.map { _ in 0 }
    search: while true {
      let cost = problem.cost(of: choice)
      if cost < .infinity { costs.append(cost) }
      var node = 0
      while true {
        if node == choice.count { break search }
        choice[node] += 1
        if choice[node] < problem.nodeCosts[node].count { break }
        choice[node] = 0
        node += 1
      }
    }
    costs.sort()
    guard let cheapest = costs.first else {
      #expect(throws: AssignmentError.infeasible) { try problem.solve() }
      return
    }
    let (best, runnerUp) = try problem.solveWithRunnerUp()
    #expect(best.cost == cheapest)
    #expect(problem.cost(of: best.choice) == cheapest)
    #expect(runnerUp?.cost == (costs.count > 1 ? costs[1] : nil))
    if let runnerUp {
      #expect(runnerUp.choice != best.choice)
      #expect(problem.cost(of: runnerUp.choice) == runnerUp.cost)
    }
  }

  /// Grows a graph from one edge: a new node hangs on a node, or spans an edge beside or instead
  /// of it. Node numbers are shuffled so that the order of elimination is not that of growth.
  private func randomSeriesParallel(
    nodes: Int, candidates: Int? = nil, forbid: Bool = true, _ random: inout SplitMix
  ) throws -> AssignmentProblem {
    var edges = [(0, 1)]
    for node in 2..<max(nodes, 2) {
      let place = random.below(edges.count)
      let (a, b) = edges[place]
      switch random.below(3) {
      case 0: edges.append((a, node))
      case 1: edges += [(a, node), (node, b)]
      default:
        edges[place] = (a, node)
        edges.append((node, b))
      }
    }
    var names = Array(0..<nodes)
    for place in names.indices.dropFirst() { names.swapAt(place, random.below(place + 1)) }
    var problem = AssignmentProblem()
    for _ in 0..<nodes {
      try problem.addNode(costs: random.costs(candidates ?? 1 + random.below(4), forbid: forbid))
    }
    for (a, b) in edges {
      let (rows, columns) = (problem.nodeCosts[names[a]], problem.nodeCosts[names[b]])
      try problem.addEdge(
        names[a], names[b], costs: rows.map { _ in random.costs(columns.count, forbid: forbid) })
    }
    return problem
  }
}

/// A small seeded generator (Steele et al., "Fast splittable pseudorandom number generators", 2014),
/// so that a failing seed can be run again.
struct SplitMix {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// A number in `0..<bound`.
  mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

  /// Whole costs from -5 to 24; with `forbid` one in twelve is infinite.
  mutating func costs(_ count: Int, forbid: Bool = true) -> [Double] {
    (0..<count).map { _ in
      forbid && below(12) == 0 ? .infinity : Double(below(30) - 5)
    }
  }
}
