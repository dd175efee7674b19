import OnnxSchema

extension OnnxModel {
  /// Reads an ONNX file, and the files with its weights that lie beside it.
  ///
  /// Nothing in a file is trusted: after this the graph is one as `OnnxGraph` says, and all elements
  /// of tensors are there. The memory that it takes is a small multiple of the file's size.
  ///
  /// - Throws: `FileAccessError`, `OnnxFileError`.
  public init(path: String) throws {
    let message = try decodeModel(path: path)
    self = try OnnxModelReader(path: path).model(message)
  }
}

extension OnnxTensor {
  /// Reads a file that holds one tensor alone (`.pb`), as the data of ONNX's tests are stored.
  ///
  /// - Throws: `FileAccessError`, `OnnxFileError`.
  public init(path: String) throws {
    let message = try decodeTensor(path: path)
    self = try OnnxTensorReader(path: path).tensor(message, label: "the tensor")
  }
}

/// Makes plain values of the messages of a model.
private struct OnnxModelReader {
  let path: String
  let tensors: OnnxTensorReader

  init(path: String) {
    self.path = path
    tensors = OnnxTensorReader(path: path)
  }

  func model(_ message: Onnx_ModelProto) throws -> OnnxModel {
    var versions: [String: Int] = [:]
    for entry in message.opsetImport {
      let (domain, version) = (withoutDefault(entry.domain), Int(entry.version))
      if let other = versions.updateValue(version, forKey: domain), other != version {
        let name = domain.isEmpty ? "ONNX's operators" : "the operators of \(quoted(domain))"
        throw bad("versions \(other) and \(version) of \(name) are imported")
      }
    }
    let opset = versions.removeValue(forKey: "")
    guard let opset, OnnxModel.acceptedOpsets.contains(opset) else {
      throw OnnxFileError.unsupportedOpset(path: path, opset)
    }
    let graph = try graph(
      message.graph, functions: Set(message.functions.map { [withoutDefault($0.domain), $0.name] }))
    return OnnxModel(
      path: path, irVersion: Int(message.irVersion), opset: opset,
      otherDomains: versions.sorted { $0.key < $1.key }.map {
        .init(name: $0.key, version: $0.value)
      },
      producer: [message.producerName, message.producerVersion].filter { !$0.isEmpty }
        .joined(separator: " "),
      graph: graph)
  }

  private func graph(
    _ message: Onnx_GraphProto, functions: Set<[String]>
  ) throws -> OnnxGraph {
    if let sparse = message.sparseInitializer.first {
      throw OnnxFileError.unsupported(
        path: path,
        "initializer \(quoted(sparse.values.name)) is stored as a sparse tensor; store it densely")
    }
    var initializers: [String: OnnxTensor] = [:]
    for initializer in message.initializer {
      let label = "initializer \(quoted(initializer.name))"
      guard !initializer.name.isEmpty else { throw bad("an initializer has no name") }
      let tensor = try tensors.tensor(initializer, label: label)
      guard initializers.updateValue(tensor, forKey: initializer.name) == nil else {
        throw bad("there are two initializers \(quoted(initializer.name))")
      }
    }
    let graph = OnnxGraph(
      name: message.name,
      inputs: try message.input.filter { initializers[$0.name] == nil }
        .map { try valueInfo($0, "input") },
      outputs: try message.output.map { try valueInfo($0, "output") },
      nodes: try message.node.enumerated().map { try node($1, at: $0) },
      initializers: initializers)
    if let node = graph.nodes.first(where: { functions.contains([$0.domain, $0.opType]) }) {
      throw OnnxFileError.unsupported(
        path: path,
        "\(node.label) calls a function that the file defines; put functions in place of their calls, "
          + "in Python with onnx.inliner.inline_local_functions(model)")
    }
    var check = OnnxGraphCheck(graph, path: path)
    try check.run()
    return graph
  }

  private func valueInfo(_ message: Onnx_ValueInfoProto, _ role: String) throws -> OnnxValueInfo {
    var info = OnnxValueInfo(name: message.name)
    guard message.hasType, let value = message.type.value else { return info }
    guard case .tensorType(let tensor) = value else {
      throw OnnxFileError.unsupported(
        path: path, "\(role) \(quoted(message.name)) is no tensor; only tensors are understood")
    }
    info.elementType = OnnxElementType(code: Int(tensor.elemType))
    guard tensor.hasShape else { return info }
    guard tensor.shape.dim.count <= OnnxTensorReader.maximalRank else {
      throw bad("\(role) \(quoted(message.name)) has \(tensor.shape.dim.count) dimensions")
    }
    var count = 1
    info.dimensions = try tensor.shape.dim.map { dimension in
      switch dimension.value {
      case .dimValue(let extent)? where extent >= 0:
        let (product, overflow) = count.multipliedReportingOverflow(by: Int(extent))
        guard !overflow else { throw bad("\(role) \(quoted(message.name)) is too large") }
        count = product
        return .fixed(Int(extent))
      // Some exporters write -1 for a dimension that they leave open.
      case .dimValue(-1)?: return .unknown
      case .dimValue(let extent)?:
        throw bad("\(role) \(quoted(message.name)) has a dimension of \(extent)")
      case .dimParam(let name)? where !name.isEmpty: return .symbolic(name)
      case .dimParam?, nil: return .unknown
      }
    }
    return info
  }

  private func node(_ message: Onnx_NodeProto, at index: Int) throws -> OnnxNode {
    var node = OnnxNode(
      name: message.name, opType: message.opType, domain: withoutDefault(message.domain),
      inputs: message.input, outputs: message.output, attributes: [], index: index,
      metadata: Dictionary(
        message.metadataProps.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 }))
    guard !node.opType.isEmpty else { throw bad("\(node.label) has no operation") }
    var names: Set<String> = []
    for attribute in message.attribute {
      guard names.insert(attribute.name).inserted else {
        throw bad("\(node.label) has two attributes \(quoted(attribute.name))")
      }
      node.attributes.append(
        OnnxAttribute(name: attribute.name, value: try value(of: attribute, in: node)))
    }
    return node
  }

  private func value(
    of attribute: Onnx_AttributeProto, in node: OnnxNode
  ) throws -> OnnxAttribute.Value {
    guard attribute.refAttrName.isEmpty else {
      return .other("reference to a function's attribute")
    }
    func tensor(_ message: Onnx_TensorProto) throws -> OnnxTensor {
      try tensors.tensor(
        message, label: "attribute \(quoted(attribute.name)) of \(node.label)")
    }
    switch attribute.hasType ? attribute.type : attribute.presentType {
    case .float: return .float(attribute.f)
    case .int: return .int(Int(attribute.i))
    case .string: return .string(String(decoding: attribute.s, as: UTF8.self))
    case .tensor: return .tensor(try tensor(attribute.t))
    case .floats: return .floats(attribute.floats)
    case .ints: return .ints(attribute.ints.map { Int($0) })
    case .strings: return .strings(attribute.strings.map { String(decoding: $0, as: UTF8.self) })
    case .graph, .graphs: return .other("graph")
    case .sparseTensor, .sparseTensors: return .other("sparse tensor")
    case .typeProto, .typeProtos: return .other("type")
    case .tensors: return .other("list of tensors")
    case .undefined: return .other("unknown kind")
    }
  }

  private func bad(_ reason: String) -> OnnxFileError { .badGraph(path: path, reason) }
}

/// ONNX's own operators have the domain `ai.onnx`, mostly left out.
private func withoutDefault(_ domain: String) -> String { domain == "ai.onnx" ? "" : domain }

extension Onnx_AttributeProto {
  /// The kind of the field that is there, for files from before there was a field for the kind.
  fileprivate var presentType: AttributeType {
    if hasF { return .float }
    if hasI { return .int }
    if hasS { return .string }
    if hasT { return .tensor }
    if hasG { return .graph }
    if hasSparseTensor { return .sparseTensor }
    if hasTp { return .typeProto }
    if !floats.isEmpty { return .floats }
    if !ints.isEmpty { return .ints }
    if !strings.isEmpty { return .strings }
    return .undefined
  }
}
