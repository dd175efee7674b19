import Foundation
import OnnxFiles
import OnnxImport
import OnnxSchema
import TestSupport
import Testing

@Suite struct `An ONNX model` {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test func `is read as plain values`() throws {
    let relu = onnxNode("Relu", ["s"], ["y"], name: "act")
    let graph = onnxGraph(
      initializers: [onnxTensor("b", [3], [1, 2, 3])], [onnxNode("Add", ["x", "b"], ["s"]), relu])
    let model = try read(onnxModel(graph), in: folder)
    #expect(model.opset == 17)
    #expect(model.irVersion == 8)
    #expect(model.producer == "test")
    #expect(
      model.graph.inputs == [
        OnnxValueInfo(name: "x", elementType: .float, dimensions: [.fixed(2), .fixed(3)])
      ])
    #expect(model.graph.outputs.map(\.name) == ["y"])
    #expect(model.graph.nodes.map(\.label) == ["node 0 (Add)", "node \"act\" (Relu)"])
    #expect(model.graph.nodes[0].inputs == ["x", "b"])
    #expect(try model.graph.initializers["b"]?.floatValues() == [1, 2, 3])
  }

  @Test(arguments: [
    ("torchscript.onnx", "pytorch 2.13.0", 20, ["Conv", "Relu", "Add", "Gemm"]),
    ("torchscript-unfolded.onnx", "pytorch 2.13.0", 11, ["BatchNormalization", "Flatten"]),
    ("dynamo.onnx", "pytorch 2.13.0+cpu", 20, ["Conv", "Relu", "Add", "Gemm"]),
    ("dynamo-external.onnx", "pytorch 2.13.0+cpu", 20, ["Conv", "Relu", "Add", "Gemm"]),
  ])
  func `is read from what PyTorch's exporters write`(
    name: String, producer: String, opset: Int, operations: [String]
  ) throws {
    let model = try OnnxModel(path: onnxFile(name))
    #expect(model.producer == producer)
    #expect(model.opset == opset)
    #expect(model.graph.inputs.map(\.name) == ["pictures"])
    #expect(model.graph.outputs.map(\.name) == ["logits"])
    #expect(Set(model.graph.nodes.map(\.opType)).isSuperset(of: operations))
    let weights = try #require(model.graph.initializers["fc.weight"])
    #expect(weights.shape == [5, 4])
    let values = try weights.floatValues()
    #expect(values.count == 20)
    #expect(values.allSatisfy { abs($0) <= 0.5 && $0 != 0 })
  }

  @Test func `has the same weights inside as in a file beside it`() throws {
    let inside = try OnnxModel(path: onnxFile("dynamo.onnx")).graph.initializers
    let beside = try OnnxModel(path: onnxFile("dynamo-external.onnx")).graph.initializers
    #expect(inside.keys.sorted() == beside.keys.sorted())
    for (name, tensor) in inside where tensor.elementType == .float {
      #expect(try tensor.floatValues() == beside[name]?.floatValues())
    }
  }

  @Test func `has fixed, named and open dimensions`() throws {
    let pictures = try OnnxModel(path: onnxFile("torchscript.onnx")).graph.inputs[0]
    #expect(pictures.dimensions == [.symbolic("batch"), .fixed(3), .fixed(8), .fixed(8)])
    var graph = onnxGraph([onnxNode("Relu", ["x"], ["y"])])
    graph.input[0].type.tensorType.shape.dim = [
      .init(), .with { $0.dimParam = "" }, .with { $0.dimValue = -1 }, .with { $0.dimValue = 0 },
    ]
    graph.output[0].clearType()
    let read = try read(onnxModel(graph), in: folder).graph
    #expect(read.inputs[0].dimensions == [.unknown, .unknown, .unknown, .fixed(0)])
    #expect(read.outputs == [OnnxValueInfo(name: "y")])
  }

  @Test func `of an old file has inputs apart from initializers`() throws {
    var graph = onnxGraph(
      inputs: ["w", "x"], initializers: [onnxTensor("w", [3], [1, 2, 3])],
      [onnxNode("Add", ["x", "w"], ["y"])])
    graph.name = "old"
    var model = onnxModel(graph, opset: 7)
    model.irVersion = 3
    let read = try read(model, in: folder)
    #expect(read.graph.inputs.map(\.name) == ["x"])
    #expect(read.graph.initializers.keys.sorted() == ["w"])
  }

  @Test func `has attributes of every kind, named or not`() throws {
    let node = onnxNode(
      "Conv", ["x", "", "x"], ["y", ""],
      attributes: [
        .with { ($0.name, $0.type, $0.f) = ("f", .float, 0.5) },
        .with { ($0.name, $0.i) = ("i", -3) },
        .with { ($0.name, $0.type, $0.s) = ("s", .string, Data("SAME_UPPER".utf8)) },
        .with { ($0.name, $0.ints) = ("is", [1, 2]) },
        .with { ($0.name, $0.type) = ("none", .ints) },
        .with { ($0.name, $0.floats) = ("fs", [1]) },
        .with { ($0.name, $0.strings) = ("ss", [Data("a".utf8)]) },
        .with { ($0.name, $0.t) = ("t", onnxTensor("", [], [7])) },
        .with { ($0.name, $0.type, $0.g) = ("g", .graph, onnxGraph([])) },
      ])
    let read = try read(onnxModel(onnxGraph([node])), in: folder).graph.nodes[0]
    #expect(read.inputs == ["x", "", "x"])
    #expect(read.outputs == ["y", ""])
    func text(_ name: String) -> String { read.attribute(name).map { "\($0)" } ?? "none" }
    #expect(text("f") == "float(0.5)")
    #expect(text("i") == "int(-3)")
    #expect(text("s") == #"string("SAME_UPPER")"#)
    #expect(text("is") == "ints([1, 2])")
    #expect(text("none") == "ints([])")
    #expect(text("fs") == "floats([1.0])")
    #expect(text("ss") == #"strings(["a"])"#)
    #expect(text("g") == #"other("graph")"#)
    #expect(text("absent") == "none")
    guard case .tensor(let tensor)? = read.attribute("t") else {
      Issue.record("no tensor")
      return
    }
    #expect(try tensor.floatValues() == [7])
    #expect(tensor.label == "attribute \"t\" of node 0 (Conv)")
  }

  @Test func `says what its operations belong to`() throws {
    var own = onnxNode("Relu", ["x"], ["z"])
    own.domain = "ai.onnx"
    own.metadataProps = [
      .with { ($0.key, $0.value) = ("pkg.torch.onnx.name_scopes", "['layer1']") }
    ]
    var other = onnxNode("FusedConv", ["z"], ["y"])
    other.domain = "com.microsoft"
    var model = onnxModel(onnxGraph([own, other]))
    model.opsetImport[0].domain = "ai.onnx"
    model.opsetImport.append(.with { ($0.domain, $0.version) = ("com.microsoft", 1) })
    let read = try read(model, in: folder)
    #expect(read.otherDomains == [OnnxDomain(name: "com.microsoft", version: 1)])
    #expect(read.graph.nodes.map(\.operation) == ["Relu", "com.microsoft.FusedConv"])
    #expect(read.graph.nodes[0].metadata == ["pkg.torch.onnx.name_scopes": "['layer1']"])
  }

  @Test func `may hold what only matters to other programs`() throws {
    let branches = try OnnxModel(path: onnxFile("branches.onnx"))
    #expect(branches.graph.nodes.map(\.opType) == ["If"])
    #expect(
      branches.graph.nodes[0].attributes.map { "\($0.value)" } == [
        "other(\"graph\")", "other(\"graph\")",
      ])
  }

  /// From the first version that is understood to the newest.
  @Test(arguments: [7, 8, 13, 22, 25, 26])
  func `is understood in every version of the operators`(opset: Int64) throws {
    let model = try read(
      onnxModel(onnxGraph([onnxNode("Relu", ["x"], ["y"])]), opset: opset), in: folder)
    #expect(model.opset == Int(opset))
    let imported = try importOnnx(model)
    #expect(imported.model.graph.nodes.map(\.op.mnemonic) == ["input", "relu"])
  }

  @Test(arguments: [(6, "6"), (27, "27"), (0, "0")])
  func `is refused for another version of the operators`(opset: Int64, name: String) {
    #expect(
      fault(onnxModel(onnxGraph([onnxNode("Relu", ["x"], ["y"])]), opset: opset), in: folder)
        == "it uses version \(name) of ONNX's operators, and versions 7 to 26 are understood; convert "
        + "it, in Python with onnx.version_converter.convert_version(model, 17), or export it anew")
  }

  @Test func `is refused without a version of the operators, or with two`() {
    var model = onnxModel(onnxGraph([onnxNode("Relu", ["x"], ["y"])]))
    model.opsetImport.append(.with { ($0.domain, $0.version) = ("ai.onnx", 13) })
    #expect(
      fault(model, in: folder)
        == "its graph is wrong: versions 17 and 13 of ONNX's operators are imported")
    model.opsetImport = [.with { ($0.domain, $0.version) = ("ai.onnx.ml", 3) }]
    #expect(
      fault(model, in: folder)
        == "it does not say which version of ONNX's operators it uses; versions 7 to 26 are understood"
    )
  }

  @Test func `is refused for parts that no ResNet needs`() throws {
    var model = onnxModel(onnxGraph([onnxNode("Block", ["x"], ["y"], name: "b")]))
    model.graph.node[0].domain = "mine"
    model.functions = [.with { ($0.domain, $0.name) = ("mine", "Block") }]
    #expect(
      fault(model, in: folder)
        == "node \"b\" (mine.Block) calls a function that the file defines; put functions in place of "
        + "their calls, in Python with onnx.inliner.inline_local_functions(model)")
    model = onnxModel(onnxGraph([onnxNode("Relu", ["x"], ["y"])]))
    model.graph.sparseInitializer = [.with { $0.values.name = "w" }]
    #expect(
      fault(model, in: folder) == "initializer \"w\" is stored as a sparse tensor; store it densely"
    )
    let path = onnxFile("sequences.onnx")
    #expect(
      message { _ = try OnnxModel(path: path) }
        == "\(path): input \"x\" is no tensor; only tensors are understood")
  }
}
