import GraphIR

/// The view of the templates around the kernels, in C and in Swift: a description's facts as
/// the texts and numbers that stand in the files.
struct RuntimeView {
  var model: String
  var module: String
  var cModule: String
  /// What C functions start with.
  var p: String
  /// What C constants start with.
  var macro: String
  var header: String
  var weightsFile: String
  var bannerLines: [String]

  var batch: Int
  var channels: Int
  var height: Int
  var width: Int
  /// `[1, 3, 224, 224]`.
  var inputShape: String
  /// What its dimensions are, for a comment.
  var inputOrder: String
  var inputCount: Int
  var outputs: [OutputView]
  var outputParameters: String
  var outputConstParameters: String
  var outputArguments: String
  /// Whether an output has a score for each class; the next four are about it.
  var classifies: Bool
  var classes: Int
  /// How the output is taken from what `predict` returns.
  var classScores: String
  var classOutputName: String
  var isProbability: Bool
  /// As Swift string literals.
  var labels: [String]
  var singleOutput: Bool
  var singleImage: Bool

  /// What `predict` returns.
  var resultName: String
  var resultType: String
  var resultDoc: String
  /// Inside the blocks of all outputs, and before the end of each, innermost first.
  var innerIndent: String
  var closingIndents: [String]
  var classifyType: String

  var isas: [IsaView]
  var isaList: String
  var maxThreads: Int
  var stepCount: Int
  var statuses: [RuntimeStatus]
  var errors: [RuntimeStatus]

  var arenaBytes: Int
  var scratchBytesPerThread: Int
  var barrierBytes: Int
  var inputOffset: Int
  var inputBytes: Int
  var inputOriginOffset: Int
  var inputImageStride: Int

  var weightsFormatVersion: Int
  /// Whether a variant needs the conversions from float16 of x86.
  var needsF16C: Bool
  var weightsPayloadOffset: Int
  var weightsPayloadBytes: Int
  var weightsPieceBytes: Int
  var weightsPieces: Int
  var fingerprintRows: [String]

  /// Whether the module takes pictures.
  var pixels: Bool
  /// In words, such as `short side resized to 256, centre crop 224 × 224`.
  var preprocessing: String

  var openMPLibrary: String?
  var triple: String
  var bundleVersion: String
  var sources: [SourceView]

  struct OutputView {
    var name: String
    /// Of the Swift variables and parameters.
    var swiftName: String
    /// The Swift parameter's label and name.
    var argument: String
    /// Of a block within the blocks of the outputs before.
    var indent: String
    var shape: String
    var count: Int
    var countMacro: String
    var parameter: String
    /// With a colon, as wide as the others in the header's comment.
    var parameterLabel: String
  }

  struct IsaView {
    var name: String
    var cpuCheck: String
  }

  /// A C file with what the compiler is told for it alone.
  struct SourceView {
    var file: String
    var stem: String
    var flags: String
    var hasFlags: Bool
  }
}

extension RuntimeView {
  /// - Parameters:
  ///   - description: of a module that `emitModule` has checked.
  ///   - layout: of the same module.
  init(_ description: RuntimeDescription, layout: ModuleLayout) {
    let names = description.names
    let shape = description.inputShape
    let scores = description.classOutput.map { description.outputs[$0] }
    let parameters = description.outputs.indices.map(description.outputParameter)

    model = Self.line(names.model)
    module = names.module
    cModule = names.cModule
    p = names.cPrefix
    macro = names.cPrefix.uppercased()
    header = names.header
    weightsFile = names.weightsFile
    bannerLines = description.banner.map(Self.line)

    batch = shape.batch
    channels = description.imageShape.channels
    height = description.imageShape.height
    width = description.imageShape.width
    inputShape = shape.description
    inputOrder = Self.order(of: description)
    inputCount = shape.elementCount
    let singleOutput = description.outputs.count == 1
    self.singleOutput = singleOutput
    outputs = description.outputs.indices.map { index in
      let output = description.outputs[index]
      let suffix =
        singleOutput ? "" : "_" + ModuleNames.cIdentifier(for: output.name).uppercased()
      let name = singleOutput ? "output" : ModuleNames.swiftIdentifier(for: output.name)
      return OutputView(
        name: Self.line(output.name), swiftName: name,
        argument: singleOutput ? "into output" : name,
        indent: String(repeating: "  ", count: index), shape: output.shape.description,
        count: output.shape.elementCount, countMacro: "OUTPUT\(suffix)_COUNT",
        parameter: parameters[index],
        parameterLabel: (parameters[index] + ":")
          .padding(toLength: max(parameters[index].count + 1, 10)))
    }
    outputParameters = description.outputParameters
    outputConstParameters = parameters.map { "const float *" + $0 }.joined(separator: ", ")
    outputArguments = parameters.joined(separator: ", ")
    classifies = scores != nil
    classes = scores.map { $0.shape.elementCount / max($0.shape.batch, 1) } ?? 0
    classScores =
      if let index = description.classOutput, !singleOutput {
        "." + outputs[index].swiftName
      } else {
        ""
      }
    classOutputName = Self.line(scores?.name ?? "")
    isProbability = scores?.isProbability ?? false
    labels = description.labels.map(Self.swiftLiteral)
    singleImage = shape.batch == 1

    resultName = singleOutput ? "output" : "predictions"
    resultType = singleOutput ? "[Float]" : "Predictions"
    resultDoc =
      singleOutput
      ? "``Model/outputCount`` values of shape ``Model/outputShape``, row-major"
      : "the outputs, each row-major"
    innerIndent = String(repeating: "  ", count: outputs.count)
    closingIndents = outputs.map(\.indent).reversed()
    classifyType = singleImage ? "[Classification]" : "[[Classification]]"

    isas = description.instructionSets.map { set in
      IsaView(
        name: set.name,
        cpuCheck: set.cpuCheck.split(separator: " && ").joined(separator: "\n        && "))
    }
    isaList = description.instructionSets.map(\.name).joined(separator: ", ")
    maxThreads = description.maxThreads
    stepCount = description.stepCount
    pixels = description.preprocessing != nil
    statuses = RuntimeStatus.all(
      weightsFile: names.weightsFile, maxThreads: description.maxThreads, pixels: pixels)
    errors = statuses.filter { $0.swiftCase != nil }

    arenaBytes = Self.roundUp(description.arenaBytes, to: 64)
    barrierBytes = RuntimeDescription.barrierBytes
    scratchBytesPerThread = Self.roundUp(description.scratchBytesPerThread, to: 64)
    inputOffset = description.inputBuffer.offset
    inputBytes = description.inputBuffer.byteCount
    inputOriginOffset = description.inputBuffer.originOffset
    inputImageStride = description.inputBuffer.imageStride

    needsF16C = description.instructionSets.contains { $0.compilerFlags.contains("-mf16c") }
    weightsFormatVersion = WeightsFile.formatVersion
    weightsPayloadOffset = WeightsFile.payloadOffset
    weightsPayloadBytes = description.weightsPayloadBytes
    weightsPieceBytes = PiecewiseChecksum.pieceBytes
    weightsPieces = PiecewiseChecksum.pieceCount(description.weightsPayloadBytes)
    fingerprintRows = Self.fingerprintRows(description.fingerprint)

    preprocessing =
      description.preprocessing.map { Self.words($0, input: description.imageShape) } ?? ""
    openMPLibrary = description.openMPLibrary
    triple = description.targetTriple
    bundleVersion = ModuleLayout.bundleVersion
    sources = layout.cUnits.map { unit in
      let file = String(unit.path.dropFirst("csrc/".count))
      return SourceView(
        file: file, stem: String(file.dropLast(".c".count)),
        flags: unit.flags.joined(separator: " "), hasFlags: !unit.flags.isEmpty)
    }
  }

  /// A text that may stand in a one-line comment of C or Swift.
  private static func line(_ text: String) -> String {
    text.split(whereSeparator: \.isNewline).joined(separator: " ")
      .split(separator: "*/", omittingEmptySubsequences: false).joined(separator: "* /")
  }

  private static func swiftLiteral(_ text: String) -> String {
    var literal = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": literal += "\\\(scalar)"
      case _
      where scalar.value < 0x20 || scalar.value == 0x7F
        || scalar.properties.isWhitespace
          && scalar != " ":
        literal += "\\u{\(String(scalar.value, radix: 16))}"
      default: literal.unicodeScalars.append(scalar)
      }
    }
    return literal + "\""
  }

  private static func roundUp(_ value: Int, to multiple: Int) -> Int {
    (value + multiple - 1) / multiple * multiple
  }

  /// 32 bytes as two rows of C constants.
  private static func fingerprintRows(_ hexadecimal: String) -> [String] {
    let digits = Array(hexadecimal)
    let bytes = stride(from: 0, to: digits.count - 1, by: 2).map {
      "0x\(digits[$0])\(digits[$0 + 1]),"
    }
    return stride(from: 0, to: bytes.count, by: 16).map {
      bytes[$0..<min($0 + 16, bytes.count)].joined(separator: " ")
    }
  }

  private static func order(of description: RuntimeDescription) -> String {
    let (shape, image) = (description.inputShape, description.imageShape)
    if image == shape, shape.isImage { return "`[batch, channels, height, width]`, row-major" }
    if image.isImage, shape == [image.batch, image.height, image.width, image.channels] {
      return "`[batch, height, width, channels]`, row-major"
    }
    return "row-major"
  }

  private static func words(_ preprocessing: Preprocessing, input: Shape) -> String {
    let resize =
      switch preprocessing.resize {
      case .none: "at its own size"
      case .shortSide(let pixels): "short side resized to \(pixels)"
      case .exact(let extent): "resized to \(extent.width) x \(extent.height)"
      }
    return
      "\(resize), centre crop \(input.width) x \(input.height), then (pixel * scale - mean) / std"
      + " in \(preprocessing.channelOrder.rawValue) order"
  }
}
