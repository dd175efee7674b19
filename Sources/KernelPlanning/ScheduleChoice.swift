/// A register tile as reports print it: pixels across × pixels down × output channels. A `w` after
/// the pixels across says that the tile wraps from the end of a row to the start of the next.
public struct TileShape: Hashable, Sendable, CustomStringConvertible {
  public var width: Int
  public var height: Int
  public var channels: Int
  public var wraps: Bool

  public init(width: Int, height: Int, channels: Int, wraps: Bool = false) {
    self.width = width
    self.height = height
    self.channels = channels
    self.wraps = wraps
  }

  /// Reads `6x1x64` or `6wx1x64`, or the same with `×`; nil for anything else.
  public init?(_ text: some StringProtocol) {
    var parts = text.split(omittingEmptySubsequences: false) { $0 == "x" || $0 == "×" }
    let wraps = parts[0].last == "w"
    if wraps { parts[0].removeLast() }
    let numbers = parts.map { Int($0) }
    guard numbers.count == 3, let width = numbers[0], let height = numbers[1],
      let channels = numbers[2], width > 0, height > 0, channels > 0
    else { return nil }
    self.init(width: width, height: height, channels: channels, wraps: wraps)
  }

  public var description: String { "\(width)\(wraps ? "w" : "")x\(height)x\(channels)" }
}

/// Into how many parts each axis of a step's grid is cut among `first · second` threads.
public struct ThreadSplit: Hashable, Sendable, CustomStringConvertible {
  /// Parts of the first axis: tiles, rows, or blocks of tiles.
  public var first: Int
  /// Parts of the second axis: groups of panels.
  public var second: Int

  public init(first: Int, second: Int) {
    self.first = first
    self.second = second
  }

  public var threads: Int { first * second }
  public var description: String { "\(first)x\(second)" }
}

/// What of a schedule is settled from outside, by a person or by a measurement; the model decides
/// what is nil.
public struct ScheduleChoice: Hashable, Sendable {
  public var tile: TileShape?
  /// Blocks of tiles of a Winograd convolution.
  public var blocks: Int?
  /// For its own number of threads; others are split as the model likes.
  public var split: ThreadSplit?

  public init(tile: TileShape? = nil, blocks: Int? = nil, split: ThreadSplit? = nil) {
    self.tile = tile
    self.blocks = blocks
    self.split = split
  }

  /// Everything is left to the model.
  public static let free = ScheduleChoice()

  /// Whether everything that another choice settles is settled the same way here.
  func completes(_ other: ScheduleChoice) -> Bool {
    (other.tile == nil || other.tile == tile) && (other.blocks == nil || other.blocks == blocks)
      && (other.split == nil || other.split == split)
  }
}
