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
    ("wide_resnet101_2", 126_886_696), ("resnetv2_50", 25_549_352),
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
    #expect(paths.count == 80)
    for path in paths {
      let result = compileSpec(path: path, load: readFile)
      #expect(result.renderedDiagnostics() == "")
      let model = try #require(result.model)
      #expect(model.preprocessing != nil)
      #expect(model.labels.count > 1)
      #expect(model.labels.count == model.graph[model.graph.outputs[0]].type.shape.channels)
    }
  }

  /// Shapes that PyTorch reports for torchvision's modules of these names.
  @Test(arguments: [
    ("resnet18", [64, 64, 128, 256, 512]), ("resnet50", [64, 256, 512, 1024, 2048]),
    ("resnext50_32x4d", [64, 256, 512, 1024, 2048]),
  ])
  func `have torchvision's stages`(name: String, channels: [Int]) throws {
    let graph = try #require(compileShipped(name, overrides: ["batch": "2"]).model?.graph)
    let stages = ["maxpool", "layer1", "layer2", "layer3", "layer4"]
    for (index, stage) in stages.enumerated() {
      let side = [56, 56, 28, 14, 7][index]
      let output = try #require(graph.output(ofModule: stage))
      #expect(graph[output].type.shape == [2, channels[index], side, side])
      #expect(graph[output].op == .relu || index == 0)
    }
  }

  @Test func `name the tensors of torchvision's state dict`() throws {
    let graph = try #require(compileShipped("resnet18").model?.graph)
    let names = Set(graph.parameters().map(\.name))
    #expect(names.count == 102)
    for name in [
      "conv1.weight", "bn1.running_var", "layer1.0.conv1.weight", "layer2.0.downsample.0.weight",
      "layer2.0.downsample.1.running_mean", "layer4.1.bn2.bias", "fc.weight", "fc.bias",
    ] {
      #expect(names.contains(name))
    }
    #expect(!names.contains("layer1.0.downsample.0.weight"))
  }

  @Test func `put the stride of version 1 on the first convolution`() throws {
    for (name, first, second) in [("resnet50", 1, 2), ("resnet50v1", 2, 1)] {
      let graph = try #require(compileShipped(name).model?.graph)
      let strides = graph.nodes.compactMap { node in
        if case .convolution(let conv) = node.op, node.name.hasPrefix("layer2.0.conv") {
          conv.stride.height
        } else {
          nil
        }
      }
      #expect(strides == [first, second, 1])
    }
  }

  @Test func `leave labels out where the classes are others`() throws {
    let result = compileShipped("resnet18", overrides: ["classes": "10", "size": "64"])
    let model = try #require(result.model, "\(result.renderedDiagnostics())")
    #expect(model.labels == [])
    #expect(model.preprocessing?.resize == .shortSide(73))
  }
}
