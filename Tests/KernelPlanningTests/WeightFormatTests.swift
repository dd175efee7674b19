import GraphIR
import MachineModel
import Testing

@testable import KernelPlanning

@Suite("Weights stored as float16")
struct WeightFormatTests {
  // Swift's own binary16, where it exists, is what the packing has to agree with.
  #if !(os(macOS) && arch(x86_64))
    @Test("are rounded to the nearest number, to even on a tie")
    func rounding() {
      for bits in UInt16.min...UInt16.max {
        let value = Float(Float16(bitPattern: bits))
        guard value.isFinite else { continue }
        // Up to the next number: itself, the tie, and both its neighbours.
        let tie = (value + Float(Float16(bitPattern: bits).nextUp)) / 2
        for value in [value, tie.nextDown, tie, tie.nextUp] where value.isFinite {
          #expect(halfPrecision(value) == Float16(value).bitPattern, "\(value)")
        }
      }
      for value in [65519.99, 65520, 1e30, .infinity, 1e-30, 0x1p-25, 0x1.000002p-25] as [Float] {
        #expect(halfPrecision(value) == Float16(value).bitPattern, "\(value)")
        #expect(halfPrecision(-value) == Float16(-value).bitPattern, "\(-value)")
      }
      #expect(Float16(bitPattern: halfPrecision(.nan)).isNaN)
    }
  #endif

  /// Two convolutions whose weights do not fit a cache, a narrow one between them.
  private static let graph = """
    graph net {
      %0 = input() : f32[1,512,7,7] "input"
      %1 = conv(%0) weight="a" channels=512 kernel=3x3 stride=2x2 pad=1 relu "a"
      %2 = conv(%1) weight="b" channels=16 kernel=1x1 relu "b"
      %3 = conv(%2) weight="c" channels=2048 kernel=1x1 relu "c"
      return %3
    }
    """

  private func plan(_ accuracy: Accuracy, limit: Int = 10_000_000) throws -> (
    KernelPlan, LayoutReport
  ) {
    try KernelPlanning.plan(
      Graph(parsing: Self.graph),
      options: PlanningOptions(
        machine: .generic(.avx512), instructionSets: [.avx512, .portable], accuracy: accuracy,
        addedWeightLimit: limit))
  }

  @Test("are chosen where weights stream from memory, and only if the accuracy is relaxed")
  func choice() throws {
    for accuracy in [Accuracy.exact, .standard] {
      #expect(try plan(accuracy).0.weights.allSatisfy { $0.format == .float32 })
    }
    let weights = try plan(.relaxed).0.weights
    let large = try #require(weights.first { $0.name == "a.weight" })
    #expect(large.format == .float16)
    #expect(large.byteCount == 2 * large.elementCount)
    #expect(weights.allSatisfy { $0.format == .float32 || $0.name.hasSuffix(".weight") })
    for (tensor, next) in zip(weights, weights.dropFirst()) {
      #expect(next.offset >= tensor.offset + tensor.byteCount)
      #expect(next.offset % 64 == 0)
    }
  }

  @Test("are smaller than the network's own, so that Winograd's may add more")
  func memory() throws {
    for limit in [1, 1_000_000, 10_000_000, 100_000_000] {
      let (plan, report) = try plan(.relaxed, limit: limit)
      let own = try self.plan(.exact, limit: limit).0.weightBytes
      #expect(report.addedWeightBytes <= limit)
      #expect(plan.weightBytes - own <= limit)
    }
    #expect(try plan(.relaxed, limit: 1).1.addedWeightBytes < 0)
  }

  @Test("may take more than they are allowed where a person says so")
  func forcedMemory() throws {
    for method in ["winograd4", "winograd4-float16"] {
      let (_, report) = try KernelPlanning.plan(
        Graph(parsing: Self.graph),
        options: PlanningOptions(
          machine: .generic(.avx512), instructionSets: [.avx512], accuracy: .relaxed,
          addedWeightLimit: 1_000_000,
          forced: [ForcedConfiguration(pattern: "a", method: method)]))
      #expect(report.addedWeightBytes > 1_000_000)
    }
  }
}
