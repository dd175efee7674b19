// swift-tools-version: 6.2
// Written by resnetc 0.1.0 for the network resnet8_cifar10.
// Network c0985e5f100fc3f9. Do not edit: compile the spec again instead.
import PackageDescription

let package = Package(
  name: "ResNet8Cifar10",
  products: [
    .library(name: "ResNet8Cifar10", targets: ["ResNet8Cifar10"])
  ],
  targets: [
    .binaryTarget(name: "CResNet8Cifar10", path: "CResNet8Cifar10.artifactbundle"),
    .target(
      name: "ResNet8Cifar10", dependencies: ["CResNet8Cifar10"],
      linkerSettings: [.linkedLibrary("omp5"), .linkedLibrary("m")]),
  ]
)
