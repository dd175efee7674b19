import MachineModel

/// What can be settled of a matrix kernel's schedule from outside.
extension Kernel {
  /// Every tiling of the kernel's matrix product with its cycles on one thread, in a fixed order;
  /// empty for a kernel without one.
  ///
  /// - Parameter blocks: of a Winograd convolution; nil for the model's number.
  func tilings(on machine: Machine, blocks: Int? = nil) -> [(Tiling, cycles: Double)] {
    switch self {
    case .convolution(let conv):
      Tiling.all(for: conv.tileProblem, on: machine)
    case .grouped(let grouped):
      Tiling.all(for: grouped, on: machine)
    case .pooledLinear(let linear):
      Tiling.all(for: linear.product.tileProblem, on: machine)
    case .winograd(let winograd):
      winograd.tilings(
        tiles: WinogradBlocks(winograd, on: machine, count: blocks).blocks.length, on: machine)
    case .copy, .rearrangement, .concatenation, .pool, .globalPool, .elementwise, .softmax:
      []
    }
  }

  /// The most blocks that the kernel's work can be cut into; nil where there are none.
  var mostBlocks: Int? {
    guard case .winograd(let winograd) = self, winograd.pool == nil else { return nil }
    return winograd.tiles
  }

  /// Whether everything that a choice settles is possible.
  func allows(_ choice: ScheduleChoice, on machine: Machine) -> Bool {
    if let blocks = choice.blocks, blocks > mostBlocks ?? 0 { return false }
    guard let tile = choice.tile else { return true }
    return tilings(on: machine, blocks: choice.blocks).contains { $0.0.shape == tile }
  }

  /// What is possible, in words, where `choice` is not.
  func allowedSchedules(_ choice: ScheduleChoice, on machine: Machine) -> String {
    if let blocks = choice.blocks, blocks > mostBlocks ?? 0 {
      return mostBlocks.map { "1 to \($0) blocks of tiles" } ?? "no blocks of tiles"
    }
    let shapes = tilings(on: machine, blocks: choice.blocks).map(\.0.shape)
    func list(_ channels: Int) -> String {
      let alike = shapes.filter { $0.channels == channels }
      let text = alike.prefix(Self.listedShapes).map(\.description).joined(separator: ", ")
      return text + (alike.count > Self.listedShapes ? " and flatter or narrower ones" : "")
    }
    // Those with the channels that were asked for, or else the kinds of channels there are.
    if let channels = choice.tile?.channels, shapes.contains(where: { $0.channels == channels }) {
      return "on \(machine.instructionSet) the tiles " + list(channels)
    }
    let channels = Set(shapes.map(\.channels)).sorted().map(String.init)
    return "on \(machine.instructionSet) tiles of " + channels.joined(separator: ", ")
      + " channels"
  }

  private static let listedShapes = 40
}
