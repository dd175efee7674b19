// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [.treatAllWarnings(as: .error)]

func library(
  _ name: String, uses dependencies: [Target.Dependency] = [], excluding excluded: [String] = [],
  optimized: Bool = false
) -> Target {
  // Loops over whole tensors: the tests, which are debug builds, cannot wait for them unoptimised.
  .target(
    name: name, dependencies: dependencies, exclude: excluded,
    swiftSettings: strict + (optimized ? [.unsafeFlags(["-O"])] : []))
}

/// C that is useless unless it is fast, so it is optimised in debug builds too. There is no safe
/// flag for that.
func optimizedC(_ name: String) -> Target {
  .target(name: name, cSettings: [.unsafeFlags(["-O3"])])
}

func tests(of name: String, uses others: [Target.Dependency] = []) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: [.init(stringLiteral: name)] + others,
    swiftSettings: strict)
}

let package = Package(
  name: "resnetc",
  products: [
    .executable(name: "resnetc", targets: ["resnetc"]),
    .library(name: "ResNetCompiler", targets: ["ResNetCompiler"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
  ],
  targets: [
    library("Diagnostics"),
    library("GraphIR", uses: ["Diagnostics"], optimized: true),
    library("SpecLanguage", uses: ["Diagnostics", "GraphIR"], excluding: ["Grammar.md"]),
    library("SpecWriting", uses: ["Diagnostics", "GraphIR", "SpecLanguage"]),
    library("ModelFiles", uses: ["Diagnostics", "GraphIR"], optimized: true),
    library(
      "OnnxSchema", uses: [.product(name: "SwiftProtobuf", package: "swift-protobuf")],
      excluding: ["LICENSE-onnx", "NOTICE", "onnx.proto"]),
    library(
      "OnnxFiles",
      uses: [
        "Diagnostics", "GraphIR", "ModelFiles", "OnnxSchema",
        .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ], optimized: true),
    library(
      "OnnxImport", uses: ["Diagnostics", "GraphIR", "OnnxFiles"], excluding: ["Operators.md"],
      optimized: true),
    library("GraphPasses", uses: ["Diagnostics", "GraphIR"]),
    library("Interpreter", uses: ["GraphIR"], optimized: true),
    library(
      "OnnxExport",
      uses: [
        "GraphIR", "OnnxSchema", .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ]),
    library("MachineModel", uses: ["CPeak"]),
    optimizedC("CPeak"),
    library("KernelPlanning", uses: ["GraphIR", "MachineModel"], optimized: true),
    .target(
      name: "KernelTemplates", path: "Templates",
      resources: [.embedInCode("c"), .embedInCode("swift")],
      swiftSettings: strict),
    library(
      "CodeGen",
      uses: [
        "GraphIR", "KernelPlanning", "KernelTemplates", "MachineModel",
        .product(name: "Mustache", package: "swift-mustache"),
      ], optimized: true),
    .target(
      name: "Tuning", dependencies: ["KernelPlanning", "MachineModel", "ModelFiles"],
      resources: [.embedInCode("Logs/amd-zen5.json")], swiftSettings: strict),
    library("Toolchain"),
    .systemLibrary(
      name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
    .systemLibrary(
      name: "CJPEG", pkgConfig: "libjpeg", providers: [.apt(["libjpeg-dev"])]),
    .target(
      name: "CImageCodecs", dependencies: ["CPNG", "CJPEG"],
      linkerSettings: [.linkedLibrary("png16"), .linkedLibrary("jpeg")]),
    library("Pictures", uses: ["CImageCodecs", "ModelFiles"]),
    library(
      "ResNetCompiler",
      uses: [
        "CodeGen", "Diagnostics", "GraphIR", "GraphPasses", "KernelPlanning", "MachineModel",
        "ModelFiles", "SpecLanguage",
      ]),
    library(
      "ModuleBuilding",
      uses: ["CodeGen", "GraphIR", "KernelPlanning", "ModelFiles", "ResNetCompiler", "Toolchain"]),
    .executableTarget(
      name: "resnetc",
      dependencies: [
        "CodeGen", "Diagnostics", "GraphIR", "GraphPasses", "Interpreter", "KernelPlanning",
        "MachineModel", "ModelFiles", "ModuleBuilding", "OnnxExport", "OnnxFiles", "OnnxImport",
        "Pictures", "ResNetCompiler", "SpecLanguage", "SpecWriting", "Toolchain", "Tuning",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], resources: [.embedInCode("Python/onnxruntime_peer.py")], swiftSettings: strict),
    .target(
      name: "TestSupport", dependencies: ["GraphIR"], path: "Tests/TestSupport",
      swiftSettings: strict + [.unsafeFlags(["-O"])]),
    tests(of: "Diagnostics"),
    tests(of: "GraphIR", uses: ["Diagnostics"]),
    tests(of: "SpecLanguage", uses: ["Diagnostics", "GraphIR"]),
    tests(of: "SpecWriting", uses: ["GraphIR", "SpecLanguage", "TestSupport"]),
    tests(of: "ModelFiles", uses: ["GraphIR", "TestSupport"]),
    tests(
      of: "OnnxFiles",
      uses: [
        "ModelFiles", "OnnxImport", "OnnxSchema", "TestSupport",
        .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ]),
    tests(
      of: "OnnxImport",
      uses: [
        "GraphIR", "GraphPasses", "Interpreter", "KernelPlanning", "MachineModel", "ModelFiles",
        "ModuleBuilding", "OnnxFiles", "ResNetCompiler", "TestSupport", "Toolchain",
      ]),
    tests(
      of: "GraphPasses",
      uses: ["Diagnostics", "GraphIR", "Interpreter", "ModelFiles", "TestSupport"]),
    .testTarget(
      name: "OnnxExportTests",
      dependencies: [
        "GraphIR", "GraphPasses", "Interpreter", "ModelFiles", "OnnxExport", "OnnxFiles",
        "OnnxImport", "OnnxSchema", "SpecLanguage", "TestSupport",
        .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ], exclude: ["run_models.py"], swiftSettings: strict),
    tests(
      of: "Interpreter", uses: ["GraphIR", "GraphPasses", "ModelFiles", "Pictures", "SpecLanguage"]),
    tests(of: "MachineModel"),
    tests(of: "KernelPlanning", uses: ["GraphIR", "MachineModel"]),
    tests(
      of: "CodeGen",
      uses: [
        "GraphIR", "KernelPlanning", "KernelTemplates", "MachineModel", "ModelFiles", "Toolchain",
      ]),
    tests(
      of: "ModuleBuilding",
      uses: [
        "GraphIR", "GraphPasses", "Interpreter", "KernelPlanning", "MachineModel", "ModelFiles",
        "ResNetCompiler", "SpecLanguage", "TestSupport", "Toolchain",
      ]),
    tests(of: "Toolchain"),
    tests(
      of: "Tuning",
      uses: ["GraphIR", "KernelPlanning", "MachineModel", "ResNetCompiler", "SpecLanguage"]),
    .testTarget(
      name: "EndToEndTests",
      dependencies: [
        "CodeGen", "GraphIR", "MachineModel", "ModelFiles", "ModuleBuilding", "Pictures",
        "ResNetCompiler", "SpecLanguage", "TestSupport", "Toolchain",
      ], swiftSettings: strict),
    // They run the program as a process.
    .testTarget(
      name: "CommandLineTests",
      dependencies: ["resnetc", "MachineModel", "ModelFiles", "TestSupport", "Toolchain"],
      swiftSettings: strict),
    tests(of: "Pictures", uses: ["CodeGen", "GraphIR", "ModelFiles"]),
  ]
)
