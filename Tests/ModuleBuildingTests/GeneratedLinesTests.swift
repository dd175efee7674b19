import KernelPlanning
import MachineModel
import ResNetCompiler
import Testing

/// Generated C is read by people: its lines fit where theirs do.
@Suite struct GeneratedLinesTests {
  private static let large = ["resnet50", "resnext50_32x4d"]
  private static let small =
    KernelSweepTests.networks + [
      KernelSweepTests.phases, KernelSweepTests.shortRows, KernelSweepTests.fewChannels,
    ]

  @Test(arguments: Accuracy.allCases)
  func kernelsKeepTo100Columns(accuracy: Accuracy) throws {
    let models = try Self.large.map { try model($0) } + Self.small.map { try model(text: $0) }
    for model in models {
      for instructionSet in InstructionSet.all {
        let options = CompilerOptions(
          machine: .generic(instructionSet), instructionSets: [instructionSet], accuracy: accuracy)
        for file in try compile(model, options: options).files
        where file.path.hasPrefix("csrc/network_") {
          for line in file.contents.split(separator: "\n") where line.count > 100 {
            Issue.record("\(file.path): \(line)")
          }
        }
      }
    }
  }
}
