import CodeGen
import Testing

@Suite("Names of generated modules")
struct ModuleNamesTests {
  @Test(
    "The module and the C prefix follow from the model's name",
    arguments: [
      ("resnet50", "ResNet50", "resnet50"),
      ("resnet50v1", "ResNet50v1", "resnet50v1"),
      ("resnet8-cifar10", "ResNet8Cifar10", "resnet8_cifar10"),
      ("wide_resnet50_2", "WideResNet50_2", "wide_resnet50_2"),
      ("resnext50_32x4d", "ResNeXt50_32x4d", "resnext50_32x4d"),
      ("seresnet50", "SEResNet50", "seresnet50"), ("resnetv2_50", "ResNetV2_50", "resnetv2_50"),
      ("cifar_resnet20", "CifarResNet20", "cifar_resnet20"),
      ("50", "Network50", "network_50"),
      ("x", "X", "network_x"),
      ("model", "ModelNetwork", "model"),
      ("größe", "GrE", "gr_e"),
      ("", "Network", "network"),
    ])
  func derived(model: String, module: String, prefix: String) throws {
    let names = try ModuleNames(model: model)
    #expect(names.module == module)
    #expect(names.cPrefix == prefix)
  }

  @Test("A given module name is taken if it can name one")
  func given() throws {
    let names = try ModuleNames(model: "resnet50", module: "Birds")
    #expect(names.module == "Birds")
    #expect(names.cModule == "CBirds")
    #expect(names.header == "resnet50.h")
    #expect(names.weightsFile == "Birds.weights")
    for name in ["", "5x", "a b", "Model", "Swift", "class", "Any", "ü"] {
      #expect(throws: ModuleNameError.notAModuleName(name)) {
        try ModuleNames(model: "resnet50", module: name)
      }
    }
  }
}
