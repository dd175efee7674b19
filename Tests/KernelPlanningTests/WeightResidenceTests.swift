import GraphIR
import MachineModel
import Testing

@testable import KernelPlanning

/// A layer of a small image with many weights, and one that has `channels` times 0.6 MB.
private func graph(channels: Int) throws -> Graph {
  try Graph(
    parsing: """
      graph net {
        %0 = input() : f32[1,64,8,8] "input"
        %1 = conv(%0) weight="a" channels=64 kernel=3x3 pad=1 relu "a"
        %2 = conv(%1) weight="b" channels=\(channels) kernel=49x49 pad=24 relu "b"
        return %2
      }
      """)
}

@Suite("Weights")
struct WeightResidenceTests {
  @Test("stay in the cache that holds all of a network's, as Winograd's algorithm enlarges them")
  func residence() throws {
    let machine = Machine.generic(.avx512)
    #expect(WeightResidence(of: try graph(channels: 13), on: machine) == .cache)
    #expect(WeightResidence(of: try graph(channels: 14), on: machine) == .memory)
  }

  @Test("of small networks are read fast enough for the points of Winograd's large tiles")
  func algorithms() throws {
    let methods = try [1, 64].map { channels in
      let report = try KernelPlanning.plan(
        graph(channels: channels),
        options: PlanningOptions(machine: .generic(.avx512), instructionSets: [.avx512])
      ).1
      return report.rows[1].candidates[report.rows[1].choice].method
    }
    #expect(methods == ["winograd4", "winograd4-lean"])
  }
}
