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
  /// Channels that are multiplied before the next: all, unless kernels are transformed in registers.
  public var kernelChannels: Int

  /// Floats by which planes are set apart beyond their size: one cache line, or all planes would
  /// begin in the same set of the level-1 cache.
  static let planeGap = 16

  /// - Parameter count: how many blocks there are to be, if that is settled; at most one a tile.
  init(_ winograd: WinogradConvolution, on machine: Machine, count: Int? = nil) {
    if winograd.pool != nil {
      // The pool takes rows as they come, a band of tiles at a time.
      blocks = Cut(winograd.tiles, limit: winograd.tileColumns)
    } else {
      let parts = count ?? Self.count(winograd, on: machine)
      blocks = Cut(winograd.tiles, parts: min(parts, winograd.tiles))
    }
    kernelChannels =
      winograd.kernelTransform == .packed
      ? winograd.reductionLength : winograd.kernelChannels(on: machine)
    inputPlane = blocks.length * winograd.inputTile + Self.planeGap
    outputPlane = blocks.length * winograd.output.storedChannels + Self.planeGap
  }

  /// So many tiles are still two rows of register tiles.
  private static let tilesWorthDividing = 16

  /// Half the level-2 cache for the points of a block. Where the transformed weights are larger than
  /// that cache they would come from behind it once a block, so there are as few blocks as hold up
  /// to four times as much.
  private static func count(_ winograd: WinogradConvolution, on machine: Machine) -> Int {
    let tileBytes =
      (winograd.pointReductions + winograd.points * winograd.output.storedChannels) * 4
    let weightBytes = winograd.weightCount * winograd.weightFormat.byteCount
    let budget = weightBytes > machine.l2Bytes ? 2 * machine.l2Bytes : machine.l2Bytes / 2
    let limit = max(budget / tileBytes, 1)
    var count = (winograd.tiles + limit - 1) / limit
    // Threads that divide blocks transform a part of the input each, and those that divide panels all
    // of it. Two blocks read the weights twice, which should not be from memory.
    let inLevel3 = weightBytes > machine.l2Bytes && 4 * weightBytes <= machine.l3Bytes
    if inLevel3, winograd.tiles >= tilesWorthDividing { count = max(count, 2) }
    // An even number of blocks divides well.
    if count > 1 { count = roundUp(count, to: count > 4 ? 8 : 2) }
    return Cut(winograd.tiles, limit: (winograd.tiles + count - 1) / count).parts
  }

  func scratchBytes(points: Int) -> Int { points * (inputPlane + outputPlane) * 4 }
}
