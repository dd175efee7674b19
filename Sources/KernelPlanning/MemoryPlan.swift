/// One buffer that needs memory for a range of steps.
public struct MemoryRequest: Equatable, Sendable {
  /// The size in bytes, zero or more.
  public var bytes: Int
  /// The step that writes the buffer first.
  public var firstStep: Int
  /// The last step that reads or writes it; both steps belong to its life.
  public var lastStep: Int
  /// The offset is a multiple of this power of two.
  public var alignment: Int
  /// The index of the buffer whose memory this one takes over. That buffer must die at the step
  /// where this one is born, as the input of an in-place addition does.
  public var inPlaceOf: Int?

  /// A request; see the properties.
  public init(
    bytes: Int, firstStep: Int, lastStep: Int, alignment: Int = 64, inPlaceOf: Int? = nil
  ) {
    self.bytes = bytes
    self.firstStep = firstStep
    self.lastStep = lastStep
    self.alignment = alignment
    self.inPlaceOf = inPlaceOf
  }
}

/// Where the buffers of an inference lie in its one arena.
///
/// Two buffers whose lives share a step never share a byte, unless one was declared to work in
/// place of the other. The placement is greedy: buffers are taken in some order and each is put
/// into the tightest gap between those it must avoid. To place optimally is NP-hard, so several
/// orders are tried, each is improved by taking the buffers that stick out first, and the smallest
/// arena wins; `lowerBound` says how far from the best it can be.
public struct MemoryPlan: Equatable, Sendable {
  /// The offset of each request in the arena, in bytes, in the order of the requests.
  public let offsets: [Int]
  /// The size of the arena in bytes.
  public let arenaBytes: Int
  /// What the buffers would take one behind the other, none sharing, each aligned.
  public let unsharedBytes: Int
  /// The most bytes live at one step; no arena is smaller. Buffers that work in place of each other
  /// count once, the largest of them.
  public let lowerBound: Int
  /// The order that led to the smallest arena.
  public let order: Order
  /// How often that order was improved.
  public let improvements: Int

  /// In which order the buffers were placed.
  public enum Order: String, CaseIterable, Sendable {
    /// The largest buffer first.
    case size
    /// The largest product of size and length of life first.
    case sizeTimesLifetime
    /// Those alive at the fullest step first, and the largest of them first.
    case fullestStep
    /// In the order of birth.
    case birth
    /// The longest life first.
    case lifetime
  }

  /// Places buffers in an arena. The same requests give the same plan on every run.
  ///
  /// - Throws: a `MemoryPlanError` that names the request at fault.
  public static func place(buffers: [MemoryRequest]) throws(MemoryPlanError) -> MemoryPlan {
    let unshared = try unsharedBytes(of: buffers)
    let (blocks, blockOfBuffer) = try mergedBlocks(of: buffers)
    let (bound, fullestStep) = peak(of: buffers, blockOfBuffer: blockOfBuffer)

    var best: (offsets: [Int], bytes: Int, order: Order, improvements: Int)?
    search: for order in Order.allCases {
      var sequence = sorted(blocks, by: order, fullestStep: fullestStep)
      for improvements in 0...improvementLimit(blocks.count) {
        let (offsets, bytes) = placed(blocks, in: sequence)
        if bytes < best?.bytes ?? .max { best = (offsets, bytes, order, improvements) }
        if bytes == bound { break search }
        // The block at the arena's end came too late to find room below: take it first next time.
        let highest = sequence.lastIndex { offsets[$0] + blocks[$0].bytes == bytes }
        guard let highest, highest > 0 else { break }
        sequence.insert(sequence.remove(at: highest), at: 0)
      }
    }
    let offsets = blockOfBuffer.map { best?.offsets[$0] ?? 0 }
    return MemoryPlan(
      offsets: offsets, arenaBytes: best?.bytes ?? 0, unsharedBytes: unshared, lowerBound: bound,
      order: best?.order ?? .size, improvements: best?.improvements ?? 0)
  }

  /// How often an order is improved at most; later rounds rarely find anything. Each takes time with
  /// the square of the blocks, of which the networks that there are have a few hundred.
  private static func improvementLimit(_ blocks: Int) -> Int { blocks > 2000 ? 0 : 16 }

  // MARK: Requests to blocks

  /// Memory that one buffer, or a chain of buffers each in place of the one before, occupies.
  private struct Block {
    var bytes: Int
    var alignment: Int
    var firstStep: Int
    var lastStep: Int

    func meets(_ other: Block) -> Bool {
      firstStep <= other.lastStep && other.firstStep <= lastStep
    }

    mutating func absorb(_ request: MemoryRequest) {
      bytes = max(bytes, request.bytes)
      alignment = max(alignment, request.alignment)
      firstStep = min(firstStep, request.firstStep)
      lastStep = max(lastStep, request.lastStep)
    }
  }

  /// Checks each request by itself. Every sum of sizes made later is at most the one returned, so
  /// none can overflow.
  private static func unsharedBytes(of buffers: [MemoryRequest]) throws(MemoryPlanError) -> Int {
    var end = 0
    for (index, request) in buffers.enumerated() {
      guard request.bytes >= 0 else { throw .negativeSize(index) }
      guard request.lastStep >= request.firstStep else { throw .diesBeforeBirth(index) }
      guard request.alignment > 0, request.alignment & (request.alignment - 1) == 0 else {
        throw .badAlignment(index)
      }
      // Reserve room for both the start's and the end's rounding of every buffer.
      guard request.bytes < maximalBytes, request.alignment < maximalBytes,
        end < maximalBytes
      else { throw .tooLarge(index) }
      end = aligned(end, to: request.alignment) + request.bytes
    }
    return end
  }

  /// Far above any machine's memory, and far enough below `Int.max` for sums of a few.
  private static let maximalBytes = 1 << 56

  private static func mergedBlocks(
    of buffers: [MemoryRequest]
  ) throws(MemoryPlanError) -> (blocks: [Block], blockOfBuffer: [Int]) {
    var takerOfDonor = [Int?](repeating: nil, count: buffers.count)
    for (index, request) in buffers.enumerated() {
      guard let donor = request.inPlaceOf else { continue }
      guard buffers.indices.contains(donor) else { throw .unknownDonor(index, donor: donor) }
      guard buffers[donor].lastStep == request.firstStep else {
        throw .donorOutlives(index, donor: donor)
      }
      if let other = takerOfDonor[donor] {
        throw .donorTakenTwice(donor, first: other, second: index)
      }
      takerOfDonor[donor] = index
    }

    var blocks: [Block] = []
    var blockOfBuffer = [Int](repeating: -1, count: buffers.count)
    for (start, request) in buffers.enumerated() where request.inPlaceOf == nil {
      var block = Block(
        bytes: request.bytes, alignment: request.alignment, firstStep: request.firstStep,
        lastStep: request.lastStep)
      blockOfBuffer[start] = blocks.count
      var next = takerOfDonor[start]
      while let index = next {
        block.absorb(buffers[index])
        blockOfBuffer[index] = blocks.count
        next = takerOfDonor[index]
      }
      blocks.append(block)
    }
    // Each chain was walked from its head; what was not reached has none and runs in a circle.
    if let index = blockOfBuffer.firstIndex(of: -1) { throw .inPlaceCycle(index) }
    return (blocks, blockOfBuffer)
  }

  /// The most bytes live at one step, and the first such step. It is the birth of some buffer.
  private static func peak(
    of buffers: [MemoryRequest], blockOfBuffer: [Int]
  ) -> (bytes: Int, step: Int) {
    var best = (bytes: 0, step: 0)
    var largest = [Int](repeating: 0, count: buffers.count)
    var live: [Int] = []
    var unborn = buffers.indices.sorted {
      (buffers[$0].firstStep, $0) < (buffers[$1].firstStep, $1)
    }[...]
    while let step = unborn.first.map({ buffers[$0].firstStep }) {
      let born = unborn.prefix { buffers[$0].firstStep == step }
      unborn = unborn.dropFirst(born.count)
      live.removeAll { buffers[$0].lastStep < step }
      live += born
      for index in live { largest[blockOfBuffer[index]] = 0 }
      var bytes = 0
      for index in live {
        let block = blockOfBuffer[index]
        bytes += max(0, buffers[index].bytes - largest[block])
        largest[block] = max(largest[block], buffers[index].bytes)
      }
      if bytes > best.bytes { best = (bytes, step) }
    }
    return best
  }

  // MARK: Placement

  /// The indices of the blocks in an order; ties go to the larger block, then to the lower index.
  private static func sorted(_ blocks: [Block], by order: Order, fullestStep: Int) -> [Int] {
    let keys = blocks.map { block -> Double in
      let lifetime = Double(block.lastStep) - Double(block.firstStep) + 1
      switch order {
      case .size: return Double(block.bytes)
      case .sizeTimesLifetime: return Double(block.bytes) * lifetime
      case .fullestStep:
        return block.firstStep <= fullestStep && fullestStep <= block.lastStep ? 1 : 0
      case .birth: return -Double(block.firstStep)
      case .lifetime: return lifetime
      }
    }
    return blocks.indices.sorted { a, b in
      if keys[a] != keys[b] { return keys[a] > keys[b] }
      if blocks[a].bytes != blocks[b].bytes { return blocks[a].bytes > blocks[b].bytes }
      return a < b
    }
  }

  private static func placed(
    _ blocks: [Block], in sequence: [Int]
  ) -> (offsets: [Int], bytes: Int) {
    var offsets = [Int](repeating: 0, count: blocks.count)
    /// The blocks placed so far, by ascending offset.
    var placed: [Int] = []
    var arena = 0
    for index in sequence where blocks[index].bytes > 0 {
      let block = blocks[index]
      let offset = tightestGap(
        for: block, below: arena,
        between: placed.lazy.filter { blocks[$0].meets(block) }
          .map { (offsets[$0], offsets[$0] + blocks[$0].bytes) })
      offsets[index] = offset
      arena = max(arena, offset + block.bytes)
      let place = placed.firstIndex { offsets[$0] > offset } ?? placed.count
      placed.insert(index, at: place)
    }
    return (offsets, arena)
  }

  /// The offset that wastes least: in a gap between the obstacles, or between the last of them and
  /// the arena's end; behind the last one if no gap is large enough.
  private static func tightestGap(
    for block: Block, below arena: Int, between obstacles: some Sequence<(start: Int, end: Int)>
  ) -> Int {
    var best: (offset: Int, room: Int)?
    var free = 0
    func consider(_ offset: Int, _ end: Int) {
      let room = end - offset
      guard room >= block.bytes, room < best?.room ?? .max else { return }
      best = (offset, room)
    }
    for obstacle in obstacles {
      consider(aligned(free, to: block.alignment), obstacle.start)
      free = max(free, obstacle.end)
    }
    let tail = aligned(free, to: block.alignment)
    consider(tail, arena)
    return best?.offset ?? tail
  }

  private static func aligned(_ offset: Int, to alignment: Int) -> Int {
    (offset + alignment - 1) & ~(alignment - 1)
  }
}

/// Why buffers cannot be placed. Numbers are indices of requests.
public enum MemoryPlanError: Error, Equatable, CustomStringConvertible {
  /// The size is below zero.
  case negativeSize(Int)
  /// The last step comes before the first.
  case diesBeforeBirth(Int)
  /// The alignment is not a power of two.
  case badAlignment(Int)
  /// The sizes up to this request add up to more than an address can hold.
  case tooLarge(Int)
  /// `inPlaceOf` names no request.
  case unknownDonor(Int, donor: Int)
  /// The donor does not die at the step where the buffer is born.
  case donorOutlives(Int, donor: Int)
  /// Two buffers want to take over the same memory.
  case donorTakenTwice(Int, first: Int, second: Int)
  /// The buffer works, over others, in place of itself.
  case inPlaceCycle(Int)

  public var description: String {
    switch self {
    case .negativeSize(let index):
      "buffer \(index) has a negative size; give its size in bytes"
    case .diesBeforeBirth(let index):
      "buffer \(index) ends before it begins; give a last step at or after its first"
    case .badAlignment(let index):
      "the alignment of buffer \(index) is not a power of two"
    case .tooLarge(let index):
      "the buffers up to \(index) need more memory than a machine can address; use a smaller batch"
    case .unknownDonor(let index, let donor):
      "buffer \(index) is in place of buffer \(donor), which does not exist"
    case .donorOutlives(let index, let donor):
      "buffer \(index) cannot be in place of buffer \(donor), which must end at the step where"
        + " \(index) begins"
    case .donorTakenTwice(let donor, let first, let second):
      "buffers \(first) and \(second) are both in place of buffer \(donor); give one its own memory"
    case .inPlaceCycle(let index):
      "buffer \(index) is, over others, in place of itself; give one of them its own memory"
    }
  }
}
