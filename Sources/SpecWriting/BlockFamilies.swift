import GraphIR

/// The blocks of a network with their instances, and what lies between them.
struct BlockFamilies {
  enum Item {
    /// Nodes that are written one by one.
    case stretch([NodeID])
    case instance(family: Int, index: Int)
  }

  /// One template for each block.
  private(set) var templates: [BlockTemplate] = []
  /// In the order of the network.
  private(set) var items: [Item] = []

  /// - Parameter found: what `BlockSearch` found. Blocks of a kind that have too little in common
  ///   are divided by their structure, and what occurs once stays as it is.
  init(_ found: [BlockSearch.Item], in graph: Graph, calls: [OperationCall?]) {
    var structures = Structures()
    var kinds: [String] = []
    var places: [String: [Int]] = [:]
    for (place, item) in found.enumerated() {
      guard case .block(_, let kind) = item else { continue }
      if places[kind] == nil { kinds.append(kind) }
      places[kind, default: []].append(place)
    }
    func region(_ place: Int) -> Region? {
      if case .block(let region, _) = found[place] { region } else { nil }
    }
    var instances: [Int: (family: Int, index: Int)] = [:]
    for kind in kinds {
      var groups = [places[kind] ?? []]
      while !groups.isEmpty {
        let group = groups.removeFirst()
        guard group.count > 1 else { continue }
        let regions = group.compactMap(region)
        if let template = AntiUnification.template(
          of: regions, in: graph, calls: calls, structures: &structures)
        {
          for (index, place) in group.enumerated() {
            instances[place] = (templates.count, index)
          }
          templates.append(template)
          continue
        }
        let parts = Dictionary(grouping: group) { place in
          region(place).flatMap { region in
            structures.structure(of: region, in: graph, calls: calls)[region.exit]
          } ?? 0
        }
        guard parts.count > 1 else { continue }
        groups += parts.values.sorted { $0[0] < $1[0] }
      }
    }
    for (place, item) in found.enumerated() {
      if let (family, index) = instances[place] {
        items.append(.instance(family: family, index: index))
        continue
      }
      let nodes: [NodeID]
      switch item {
      case .stretch(let all): nodes = all
      case .block(let region, _): nodes = region.nodes
      }
      if case .stretch(let before) = items.last {
        items[items.count - 1] = .stretch(before + nodes)
      } else {
        items.append(.stretch(nodes))
      }
    }
  }

  /// The instances and stretches with consecutive instances of one block together.
  ///
  /// - Parameter endsRun: whether the instance's result is needed beyond the next one.
  func runs(endingAt endsRun: (NodeID) -> Bool) -> [Run] {
    var runs: [Run] = []
    var isOpen = false
    for item in items {
      switch item {
      case .stretch(let nodes):
        runs.append(.stretch(nodes))
        isOpen = false
      case .instance(let family, let index):
        if isOpen, case .blocks(family, let before) = runs.last {
          runs[runs.count - 1] = .blocks(family: family, instances: before + [index])
        } else {
          runs.append(.blocks(family: family, instances: [index]))
        }
        isOpen = !endsRun(templates[family].regions[index].exit)
      }
    }
    return runs
  }

  enum Run {
    case stretch([NodeID])
    case blocks(family: Int, instances: [Int])
  }
}
