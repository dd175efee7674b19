import GraphIR
import MachineModel
import Testing

@testable import KernelPlanning

@Suite("Winograd's algorithm")
struct WinogradTests {
  /// Outputs, taps of the kernel, stride.
  static let axes = [(2, 3, 1), (4, 3, 1), (2, 3, 2), (4, 3, 2), (4, 7, 2), (2, 5, 2), (4, 4, 3)]

  @Test("computes a line of outputs by phases", arguments: axes, [false, true])
  func lines(_ axis: (outputs: Int, kernel: Int, stride: Int), gathered: Bool) throws {
    let (outputs, kernel, stride) = axis
    let axis = try #require(
      WinogradAxis(outputs: outputs, kernel: kernel, stride: stride, isGathered: gathered))
    let taps = (0..<kernel).map { Double(($0 * 7 + 3) % 11) - 5 }
    let input = (0..<100).map { Double(($0 * 5 + 2) % 13) - 6 }

    // Gathered pixels are channels of one phase, each with its own taps.
    var found = [Double](repeating: 0, count: outputs)
    for phase in axis.phases {
      for shift in 0..<(gathered ? stride : 1) {
        let first = phase.first + shift
        let filter = phase.filter
        let own = (0..<filter.taps).map { first + $0 * stride }.map { $0 < kernel ? taps[$0] : 0 }
        let data = filter.points.indices.map { input[first + $0 * stride] }
        let products = zip(filter.kernelMatrix, filter.inputMatrix).map { kernelRow, inputRow in
          dot(kernelRow, own) * dot(inputRow, data)
        }
        for (index, row) in filter.outputMatrix.enumerated() { found[index] += dot(row, products) }
      }
    }
    for (output, value) in found.enumerated() {
      let expected = dot(taps, Array(input[output * stride..<output * stride + kernel]))
      #expect(abs(value - expected) < 1e-9, "output \(output)")
    }
  }

  @Test("adds up phases at the points of the first, of which the others lack the last")
  func sharedPoints() throws {
    for (outputs, kernel, stride) in Self.axes {
      let axis = try #require(
        WinogradAxis(outputs: outputs, kernel: kernel, stride: stride, isGathered: false))
      for phase in axis.phases {
        #expect(axis.filter.points.starts(with: phase.filter.points))
        #expect(axis.points - phase.filter.points.count <= 1)
      }
    }
  }

  private func winograd(
    kernel: Int, stride: Int, outputs: Int, channels: Int, layout: Layout = .nhwc
  ) throws -> WinogradConvolution {
    let conv = Convolution(
      outputChannels: 64, kernel: Extent(kernel), stride: Extent(stride), weight: "w")
    let input = BufferFormat.networkInput([1, channels, 40, 40], layout: layout, halo: .zero)
    let (rows, columns) = try #require(conv.winogradAxes(outputs: outputs, channels: channels))
    let result = conv.resultExtent(of: input)
    return WinogradConvolution(
      input: input, output: BufferFormat([1, 64, result.height, result.width], layout: layout),
      resultHeight: result.height, resultWidth: result.width, padding: .zero, rows: rows,
      columns: columns, relu: false)
  }

  @Test("takes 25 and 81 multiplications for 3 × 3 at stride 2, where direct sums take 36 and 144")
  func multiplications() throws {
    #expect(try winograd(kernel: 3, stride: 2, outputs: 2, channels: 16).pointReductions == 25 * 16)
    #expect(try winograd(kernel: 3, stride: 2, outputs: 4, channels: 16).pointReductions == 81 * 16)
    #expect(try winograd(kernel: 3, stride: 1, outputs: 4, channels: 16).pointReductions == 36 * 16)
    // 7 × 7 points of 12 channels, of which the last row lacks the odd rows of pixels.
    #expect(try winograd(kernel: 7, stride: 2, outputs: 4, channels: 3).pointReductions == 546)
  }

  @Test("reduces neighbours in memory at every point")
  func neighbours() throws {
    let winograd = try winograd(kernel: 3, stride: 2, outputs: 2, channels: 16)
    let points = [winograd.rows.points, winograd.columns.points]
    for point in 0..<winograd.points {
      let place = [point / points[1], point % points[1]]
      let has = winograd.phases.indices.filter { index in
        let phase = winograd.phases[index]
        return place[0] < phase.row.filter.points.count
          && place[1] < phase.column.filter.points.count
      }
      let reduction = winograd.reduction(ofPoint: point)
      #expect(
        has.map { $0 * 16 }
          == Array(stride(from: reduction.lowerBound, to: reduction.upperBound, by: 16)))
    }
  }

  @Test("has kernels of three taps in a basis that one operation makes each point from")
  func kernelBasis() throws {
    let axis = try #require(
      WinogradAxis(outputs: 4, kernel: 3, stride: 1, isGathered: false))
    let basis = try #require(KernelBasis(axis.filter))
    for (index, row) in axis.filter.kernelMatrix.enumerated() {
      let combination = basis.combinations[index]
      for tap in 0..<3 {
        let value =
          basis.matrix[combination.first][tap]
          + combination.factor * basis.matrix[combination.second][tap]
        #expect(abs(value * basis.scales[index] - row[tap]) < 1e-15)
      }
    }
    // Float32 holds the factors, and opposite points share theirs.
    #expect(basis.scales == [2, -1, -1, 0.5, 0.5, 2.25])
    let two = try #require(WinogradAxis(outputs: 2, kernel: 3, stride: 1, isGathered: false))
    #expect(KernelBasis(two.filter) == nil)
  }

  @Test("takes kernels transformed in registers where they would come from memory")
  func leanWeights() throws {
    let graph = try Graph(
      parsing: """
        graph net {
          %0 = input() : f32[1,16,7,7] "input"
          %1 = conv(%0) weight="a" channels=512 kernel=1x1 relu "a"
          %2 = conv(%1) weight="b" channels=512 kernel=3x3 pad=1 relu "b"
          %3 = conv(%2) weight="c" channels=512 kernel=3x3 pad=1 relu "c"
          return %3
        }
        """)
    // Two cores read no more than one.
    let machine = Machine(
      name: "narrow", instructionSet: .avx512, cores: 2,
      caches: [.init(level: 1, bytes: 48 << 10), .init(level: 2, bytes: 1 << 20)],
      rates: ProcessorRates(gigahertz: 4.5, memoryBandwidth: 45e9, sharedMemoryBandwidth: 45e9))
    var options = PlanningOptions(
      machine: machine, instructionSets: [.avx512], addedWeightLimit: .max, threads: 2)
    let (plan, report) = try KernelPlanning.plan(graph, options: options)
    for row in report.rows where row.name == "b" || row.name == "c" {
      #expect(row.candidates[row.choice].method == "winograd4-lean")
    }
    // They take as much memory as those of the direct algorithm.
    #expect(report.addedWeightBytes == 0)
    let weights = plan.weights.filter { $0.name == "b.weight" }
    #expect(weights.map(\.byteCount) == [512 * 512 * 9 * 4])
    options.accuracy = .exact
    let exact = try KernelPlanning.plan(graph, options: options).1
    #expect(exact.rows.allSatisfy { $0.candidates[$0.choice].algorithm == .direct })
  }

  @Test("is not offered where it saves nothing or points are not known")
  func unsuitable() {
    func tiles(
      _ kernel: Extent, _ stride: Extent = Extent(1), groups: Int = 1, channels: Int = 16
    ) -> [Int] {
      Convolution(
        outputChannels: 16, kernel: kernel, stride: stride, groups: groups, weight: "w"
      ).winogradTiles(inputChannels: channels)
    }
    #expect(tiles(Extent(3)) == [4, 2])
    #expect(tiles(Extent(3), Extent(2)) == [4, 2])
    // Sums of 4096 products round too much for F(4×4).
    #expect(tiles(Extent(3), Extent(2), channels: 512) == [4, 2])
    #expect(tiles(Extent(3), Extent(2), channels: 1024) == [2])
    #expect(tiles(Extent(7), Extent(2)) == [4])
    #expect(tiles(Extent(1)).isEmpty)
    #expect(tiles(Extent(height: 1, width: 3)).isEmpty)
    #expect(tiles(Extent(7)).isEmpty)
    #expect(tiles(Extent(2), Extent(2)).isEmpty)
    #expect(tiles(Extent(3), groups: 2).isEmpty)
  }

  private func dot(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
  }
}
