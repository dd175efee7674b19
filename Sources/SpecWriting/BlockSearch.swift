import GraphIR

/// A part of the network between two frontiers that may be an instance of a block.
struct Region: Equatable, Sendable {
  var entry: NodeID
  /// In the order of the graph.
  var nodes: [NodeID]
  var exit: NodeID
}

/// The trunk divided into the instances of blocks and what lies between them.
///
/// Every segment in which the way forks and joins again is taken for the core of a block. To it
/// belong the steps behind it that follow all blocks of its kind, as a ReLU does, and, where the
/// norms come first (He et al. 2016, "Identity mappings in deep residual networks"), the steps
/// before it that other blocks of its kind have behind the fork.
struct BlockSearch {
  enum Item: Equatable, Sendable {
    case stretch([NodeID])
    case block(Region, kind: String)
  }

  /// The operations of the largest block: with more, one is no easier to read than the network.
  private static let maximalSize = 300

  private let graph: Graph
  private let calls: [OperationCall?]
  private let segments: [Trunk.Segment]

  /// The items in the order of the trunk. Blocks of different kinds have nothing to do with each
  /// other; those of one kind are likely to be instances of one block.
  private(set) var items: [Item] = []

  /// - Parameter calls: for each node its call; `nil` for the input.
  init(_ graph: Graph, calls: [OperationCall?], trunk: Trunk) {
    self.graph = graph
    self.calls = calls
    segments = trunk.segments
    let cores = segments.indices.filter {
      segments[$0].isSelfContained && segments[$0].nodes.count <= Self.maximalSize
        && mainPath(of: segments[$0]).count > 1
    }
    let blocks = withEpilogues(withPrologues(cores))
    divide(into: blocks)
  }

  /// A block in terms of the segments that it is made of.
  private struct Block {
    var segments: Range<Int>
    var kind: String
  }

  private func callee(_ id: NodeID) -> String { calls[id.index]?.callee ?? "" }

  /// The operations on the longest way through a segment. On a tie the way leads through the earlier
  /// operand.
  private func mainPath(of segment: Trunk.Segment) -> [String] {
    var lengths: [NodeID: Int] = [segment.entry: 0]
    var before: [NodeID: NodeID] = [:]
    for id in segment.nodes {
      for operand in graph[id].inputs {
        guard let length = lengths[operand], length + 1 > lengths[id] ?? 0 else { continue }
        lengths[id] = length + 1
        before[id] = operand
      }
    }
    var path: [String] = []
    var next = segment.exit
    while let id = next, let operand = before[id] {
      path.append(callee(id))
      next = operand
    }
    return path.reversed()
  }

  /// A segment of one operation, which may go into a block before or behind it.
  private func single(_ index: Int) -> String? {
    guard segments.indices.contains(index), segments[index].isSelfContained,
      segments[index].nodes.count == 1
    else { return nil }
    return callee(segments[index].nodes[0])
  }

  // MARK: Steps before the fork

  private func withPrologues(_ cores: [Int]) -> [Block] {
    let paths = cores.map { mainPath(of: segments[$0]) }
    let known = Set(paths).sorted { $0.count > $1.count }
    var blocks: [Block] = []
    for (core, path) in zip(cores, paths) {
      var chain: [String] = []
      var index = core - 1
      while let callee = single(index), callee == "bn" || Self.isActivation(callee),
        index >= blocks.last?.segments.upperBound ?? 0
      {
        chain.insert(callee, at: 0)
        index -= 1
      }
      let whole = known.first { longer in
        longer.count > path.count && longer.count - path.count <= chain.count
          && Array(chain.suffix(longer.count - path.count)) + path == longer
      }
      let added = (whole ?? path).count - path.count
      blocks.append(
        Block(segments: (core - added)..<(core + 1), kind: Self.kind(of: whole ?? path)))
    }
    return blocks
  }

  private static func isActivation(_ callee: String) -> Bool {
    ["relu", "leakyrelu", "clip", "sigmoid", "hardsigmoid", Idioms.silu].contains(callee)
  }

  /// Blocks of one kind may differ in pooling and padding, which some have only where they shrink
  /// the image.
  private static func kind(of path: [String]) -> String {
    path.filter { !["avgpool", "maxpool", "pad"].contains($0) }.joined(separator: " ")
  }

  // MARK: Steps behind the join

  private func withEpilogues(_ cores: [Block]) -> [Block] {
    var blocks = cores
    let chains = blocks.indices.map { index in
      chain(
        behind: blocks[index].segments.upperBound,
        before: index + 1 < blocks.count
          ? blocks[index + 1].segments.lowerBound : segments.count)
    }
    for kind in Set(blocks.map(\.kind)) {
      let members = blocks.indices.filter { blocks[$0].kind == kind }
      // What comes behind the last block of all is no evidence of what belongs to one.
      let witnesses = members.filter { $0 + 1 < blocks.count }
      guard members.count > 1, let first = witnesses.first else { continue }
      let common = witnesses.dropFirst().reduce(chains[first]) { commonPrefix($0, chains[$1]) }
      for member in members {
        let taken = commonPrefix(common, chains[member]).count
        let range = blocks[member].segments
        blocks[member].segments = range.lowerBound..<(range.upperBound + taken)
      }
    }
    return blocks
  }

  /// Single operations from one segment on. A value that is also an output of the network must not
  /// disappear in a block.
  private func chain(behind start: Int, before end: Int) -> [String] {
    var chain: [String] = []
    for index in start..<end {
      guard let exit = segments[index - 1].exit, !graph.outputs.contains(exit),
        let callee = single(index)
      else { break }
      chain.append(callee)
    }
    return chain
  }

  private func commonPrefix(_ a: [String], _ b: [String]) -> [String] {
    zip(a, b).prefix { $0 == $1 }.map(\.0)
  }

  // MARK: The items

  private mutating func divide(into blocks: [Block]) {
    var next = 0
    for block in blocks {
      addStretch(next..<block.segments.lowerBound)
      let parts = segments[block.segments]
      if let first = parts.first, let exit = parts.last?.exit {
        items.append(
          .block(
            Region(entry: first.entry, nodes: parts.flatMap(\.nodes), exit: exit), kind: block.kind)
        )
      }
      next = block.segments.upperBound
    }
    addStretch(next..<segments.count)
  }

  private mutating func addStretch(_ range: Range<Int>) {
    let nodes = segments[range].flatMap(\.nodes)
    guard !nodes.isEmpty else { return }
    items.append(.stretch(nodes))
  }
}
