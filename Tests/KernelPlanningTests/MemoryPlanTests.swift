import Testing

@testable import KernelPlanning

@Suite("Memory plan")
struct MemoryPlanTests {
  @Test("no buffers need no arena")
  func empty() throws {
    let plan = try MemoryPlan.place(buffers: [])
    #expect(plan.offsets.isEmpty)
    #expect(plan.arenaBytes == 0)
    #expect(plan.lowerBound == 0)
    #expect(plan.unsharedBytes == 0)
  }

  @Test("a chain of layers ping-pongs between two places")
  func chain() throws {
    let buffers = (0..<6).map { MemoryRequest(bytes: 640, firstStep: $0, lastStep: $0 + 1) }
    let plan = try MemoryPlan.place(buffers: buffers)
    #expect(plan.arenaBytes == 1280)
    #expect(plan.lowerBound == 1280)
    #expect(plan.unsharedBytes == 3840)
    #expect(plan.offsets[0] == plan.offsets[2])
    #expect(plan.offsets[0] != plan.offsets[1])
  }

  @Test("a buffer that dies at a step and one born there do not share")
  func touchingLives() throws {
    let plan = try MemoryPlan.place(buffers: [
      MemoryRequest(bytes: 64, firstStep: 0, lastStep: 3),
      MemoryRequest(bytes: 64, firstStep: 3, lastStep: 4),
    ])
    #expect(plan.arenaBytes == 128)
  }

  @Test("an addition in place lets the sum lie over one of its inputs")
  func inPlace() throws {
    var buffers = [
      MemoryRequest(bytes: 256, firstStep: 0, lastStep: 2),  // shortcut
      MemoryRequest(bytes: 256, firstStep: 1, lastStep: 2),  // branch
      MemoryRequest(bytes: 256, firstStep: 2, lastStep: 3),  // their sum
    ]
    #expect(try MemoryPlan.place(buffers: buffers).arenaBytes == 768)
    buffers[2].inPlaceOf = 0
    let plan = try MemoryPlan.place(buffers: buffers)
    #expect(plan.arenaBytes == 512)
    #expect(plan.lowerBound == 512)
    #expect(plan.unsharedBytes == 768)
    #expect(plan.offsets[2] == plan.offsets[0])
  }

  @Test("a chain of in-place buffers lies in one place, as large as the largest")
  func inPlaceChain() throws {
    let plan = try MemoryPlan.place(buffers: [
      MemoryRequest(bytes: 300, firstStep: 4, lastStep: 6, inPlaceOf: 1),
      MemoryRequest(bytes: 100, firstStep: 2, lastStep: 4, inPlaceOf: 2),
      MemoryRequest(bytes: 200, firstStep: 0, lastStep: 2),
    ])
    #expect(plan.offsets == [0, 0, 0])
    #expect(plan.arenaBytes == 300)
    #expect(plan.lowerBound == 300)
  }

  @Test("each buffer keeps its own alignment")
  func alignment() throws {
    let plan = try MemoryPlan.place(buffers: [
      MemoryRequest(bytes: 10, firstStep: 0, lastStep: 0, alignment: 1),
      MemoryRequest(bytes: 9, firstStep: 0, lastStep: 0, alignment: 1),
      MemoryRequest(bytes: 4096, firstStep: 0, lastStep: 0, alignment: 4096),
      MemoryRequest(bytes: 8, firstStep: 0, lastStep: 0, alignment: 64),
    ])
    #expect(plan.offsets[2] % 4096 == 0)
    #expect(plan.offsets[3] % 64 == 0)
    // The 8 bytes fit behind the page at a multiple of 64; the unaligned ones follow.
    #expect(plan.arenaBytes == 4096 + 8 + 10 + 9)
  }

  @Test("an empty buffer takes no room")
  func zeroBytes() throws {
    let plan = try MemoryPlan.place(buffers: [
      MemoryRequest(bytes: 0, firstStep: 0, lastStep: 9),
      MemoryRequest(bytes: 64, firstStep: 0, lastStep: 9),
    ])
    #expect(plan.arenaBytes == 64)
  }

  @Test("most chains with skip connections reach the bound, some by another order or improvement")
  func reachesBound() throws {
    let plans = try (0..<40).map { seed in
      var random = SplitMix(seed: 9000 + UInt64(seed))
      return try MemoryPlan.place(
        buffers: (0..<20).map {
          MemoryRequest(
            bytes: 64 * (1 + random.below(50)), firstStep: $0, lastStep: $0 + 1 + random.below(4))
        })
    }
    #expect(plans.count { $0.arenaBytes == $0.lowerBound } >= 36)
    #expect(plans.contains { $0.order != .size })
    #expect(plans.contains { $0.improvements > 0 })
    #expect(plans.allSatisfy { $0.arenaBytes <= $0.lowerBound * 11 / 10 })
  }

  @Test("random buffers: apart, aligned, in place, between the bounds", arguments: 0..<80)
  func random(seed: Int) throws {
    var random = SplitMix(seed: UInt64(seed))
    var buffers: [MemoryRequest] = []
    var taken: Set<Int> = []
    for _ in 0..<(1 + random.below(40)) {
      let first = random.below(30)
      var request = MemoryRequest(
        bytes: random.below(20) * 64, firstStep: first, lastStep: first + random.below(6))
      let donors = buffers.indices.filter {
        buffers[$0].lastStep == first && !taken.contains($0)
      }
      if let donor = donors.first, random.below(2) == 0 {
        request.inPlaceOf = donor
        taken.insert(donor)
      }
      buffers.append(request)
    }
    let plan = try MemoryPlan.place(buffers: buffers)
    expectApart(buffers, plan)
    #expect(plan.arenaBytes >= plan.lowerBound)
    #expect(plan.arenaBytes <= plan.unsharedBytes)
    #expect(plan == (try MemoryPlan.place(buffers: buffers)))
    for (request, offset) in zip(buffers, plan.offsets) {
      #expect(offset % request.alignment == 0)
      #expect(offset + request.bytes <= plan.arenaBytes)
      if let donor = request.inPlaceOf { #expect(offset == plan.offsets[donor]) }
    }
  }

  @Test("requests that make no sense are refused by index")
  func refused() {
    let good = MemoryRequest(bytes: 64, firstStep: 0, lastStep: 2)
    func expect(_ error: MemoryPlanError, _ buffers: [MemoryRequest]) {
      #expect(throws: error) { try MemoryPlan.place(buffers: buffers) }
    }
    expect(.negativeSize(1), [good, MemoryRequest(bytes: -1, firstStep: 0, lastStep: 0)])
    expect(.diesBeforeBirth(0), [MemoryRequest(bytes: 1, firstStep: 2, lastStep: 1)])
    for alignment in [0, -64, 48] {
      expect(
        .badAlignment(0),
        [MemoryRequest(bytes: 1, firstStep: 0, lastStep: 0, alignment: alignment)])
    }
    expect(.tooLarge(1), [good, MemoryRequest(bytes: .max, firstStep: 0, lastStep: 0)])
    let child = { MemoryRequest(bytes: 64, firstStep: $0, lastStep: 4, inPlaceOf: $1) }
    expect(.unknownDonor(1, donor: 2), [good, child(2, 2)])
    expect(.donorOutlives(1, donor: 0), [good, child(1, 0)])
    expect(.donorTakenTwice(0, first: 1, second: 2), [good, child(2, 0), child(2, 0)])
    expect(.inPlaceCycle(1), [good, child(4, 2), child(4, 1)])
    expect(.inPlaceCycle(0), [child(4, 0)])
  }

  /// No two buffers that live at the same step overlap, except those in one in-place chain.
  private func expectApart(_ buffers: [MemoryRequest], _ plan: MemoryPlan) {
    func head(_ index: Int) -> Int { buffers[index].inPlaceOf.map(head) ?? index }
    for a in buffers.indices {
      for b in buffers.indices where b > a && head(a) != head(b) {
        let live =
          buffers[a].firstStep <= buffers[b].lastStep
          && buffers[b].firstStep <= buffers[a].lastStep
        let overlap =
          plan.offsets[a] < plan.offsets[b] + buffers[b].bytes
          && plan.offsets[b] < plan.offsets[a] + buffers[a].bytes
          && buffers[a].bytes > 0 && buffers[b].bytes > 0
        #expect(!(live && overlap), "buffers \(a) and \(b) overlap")
      }
    }
  }
}
