import GraphIR
import SpecLanguage
import Testing

@Suite struct `The specs that come with the project` {
  /// Counts of torchvision's documentation; resnet8 as in the notice beside its weights, without the
  /// 480 running statistics.
  @Test(arguments: [
    ("resnet18", 11_689_512), ("resnet34", 21_797_672), ("resnet50", 25_557_032),
    ("resnet50v1", 25_557_032), ("resnet101", 44_549_160), ("resnet152", 60_192_808),
    ("resnext50_32x4d", 25_028_904), ("resnext101_32x8d", 88_791_336),
    ("resnext101_64x4d", 83_455_272), ("wide_resnet50_2", 68_883_240),
    ("wide_resnet101_2", 126_886_696), ("preact_resnet50", 25_549_352),
    ("cifar_resnet20", 269_722), ("cifar_resnet56", 853_018), ("cifar_resnet110", 1_727_962),
    ("resnet8-cifar10", 78_666 - 480),
  ])
  func `have as many learned parameters as their origin`(name: String, count: Int) throws {
    let result = compileShipped(name)
    #expect(result.renderedDiagnostics() == "")
    let model = try #require(result.model)
    #expect(learnedCount(model.graph) == count)
  }

  @Test func `all compile without a warning`() throws {
    let paths = try specPaths()
    #expect(paths.count == 24)
    for path in paths {
      let result = compileSpec(path: path, load: readFile)
      #expect(result.renderedDiagnostics() == "")
      let model = try #require(result.model)
      #expect(model.preprocessing != nil)
      #expect(model.labels.count == model.graph[model.graph.outputs[0]].type.shape.channels)
    }
  }
}
