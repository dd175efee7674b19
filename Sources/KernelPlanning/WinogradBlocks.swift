import MachineModel

/// How a Winograd convolution's tiles are grouped: a block of tiles is transformed, multiplied point
/// by point and transformed back while its points stay in cache.
public struct WinogradBlocks: Hashable, Sendable {
  /// How all tiles of the batch are cut into blocks.
  public var blocks: Cut
  /// Floats between the planes of two points of transformed input.
  public var inputPlane: Int
  /// Floats between the planes of two points of products.
  public var outputPlane: Int

  /// Floats by which planes are set apart beyond their size: one cache line, or all planes would
  /// begin in the same set of the level-1 cache.
  static let planeGap = 16

  /// Half the level-2 cache for the points of a block. Where the transformed weights are larger than
  /// that cache they would come from behind it once a block, so there are as few blocks as hold up
  /// to four times as much.
  ///
  /// - Parameter count: how many blocks there are to be, if that is settled; at most one a tile.
  init(_ winograd: WinogradConvolution, on machine: Machine, count chosen: Int? = nil) {
    let tileBytes =
      winograd.points * (winograd.inputChannels + winograd.output.storedChannels) * 4
    let weightBytes =
      winograd.points * winograd.inputChannels * winograd.output.storedChannels
      * winograd.weightFormat.byteCount
    let budget = weightBytes > machine.l2Bytes ? 2 * machine.l2Bytes : machine.l2Bytes / 2
    let limit = max(budget / tileBytes, 1)
    var count = (winograd.tiles + limit - 1) / limit
    // Blocks are what threads divide; an even number of them divides well.
    if count > 1 { count = roundUp(count, to: count > 4 ? 8 : 2) }
    blocks =
      chosen.map { Cut(winograd.tiles, parts: min($0, winograd.tiles)) }
      ?? Cut(winograd.tiles, limit: (winograd.tiles + count - 1) / count)
    inputPlane = blocks.length * winograd.inputChannels + Self.planeGap
    outputPlane = blocks.length * winograd.output.storedChannels + Self.planeGap
  }

  func scratchBytes(points: Int) -> Int { points * (inputPlane + outputPlane) * 4 }
}
