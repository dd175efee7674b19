import KernelPlanning
import MachineModel

/// The size of a register tile; a template yields one function for each that a network needs.
struct TileSize: Hashable, Comparable {
  var width: Int
  var height: Int
  var panels: Int
  /// Whether the pixels run on from the end of a row to the start of the next.
  var wraps = false
  /// Whether each sum is multiplied by its channel's factor.
  var scales = false
  var weightFormat = WeightFormat.float32

  var functionName: String {
    "tile_\(width)x\(height)x\(panels)" + (wraps ? "_wrapped" : "") + (scales ? "_scaled" : "")
      + weightFormat.nameSuffix
  }

  static func < (a: TileSize, b: TileSize) -> Bool {
    let (first, second) = (
      (a.wraps ? 1 : 0) + (a.scales ? 2 : 0), (b.wraps ? 1 : 0) + (b.scales ? 2 : 0)
    )
    return (b.weightFormat.byteCount, first, a.panels, a.height, a.width)
      < (a.weightFormat.byteCount, second, b.panels, b.height, b.width)
  }
}

/// What `tile_factors.c` needs beside the operations.
struct TileFactorsView {}

/// What `tile.c` needs.
struct TileView {
  /// One vector of a step's weights.
  struct Vector {
    var index: Int
    var bias: String
    var weights: String
    var factors: String
  }

  /// One accumulator.
  struct Sum {
    var pixel: Int
    var index: Int
    /// The call that finishes it.
    var finish: [LineView]

    init(
      pixel: Int, index: Int, channels: String, scales: Bool, residual: String, output: String
    ) {
      self.pixel = pixel
      self.index = index
      let name = scales ? "finish_scaled(" : "finish("
      let sum = "c\(pixel)_\(index),"
      finish = CExpression.wrapped(
        ["s,", sum] + (scales ? ["f\(index),"] : []) + [residual + ",", output + ",", channels],
        prefix: name, suffix: ");", indent: 2, hanging: name.count
      ).map(LineView.init)
    }
  }

  /// The distances from the first pixel, of a tile that wraps.
  struct Wrap {
    /// The pixels after the first.
    var others: [Int]
  }

  /// One row of accumulators.
  struct Pixel {
    var pixel: Int
    var input: String
    var residual: String
    var output: String
    var sums: [Sum]
    /// Declares the accumulators, which begin with the bias.
    var declaration: [LineView]

    init(
      pixel: Int, input: String, residual: String, output: String, sums: [Sum], vector: String
    ) {
      self.pixel = pixel
      self.input = input
      self.residual = residual
      self.output = output
      self.sums = sums
      let items = sums.enumerated().map { position, sum in
        "c\(pixel)_\(sum.index) = b\(sum.index)" + (position == sums.count - 1 ? "" : ",")
      }
      declaration = CExpression.wrapped(items, prefix: vector, suffix: ";", indent: 2)
        .map(LineView.init)
    }
  }

  var name: String
  var width: Int
  var height: Int
  /// `2 panels`.
  var panels: String
  var accumulators: Int
  var weightType: String
  var loadWeights: String
  var wrap: Wrap?
  var scales: Bool
  var vectors: [Vector]
  var pixels: [Pixel]

  init(_ size: TileSize, _ instructionSet: InstructionSet) {
    let vectorsPerPanel = KernelPlanning.panelWidth / instructionSet.lanes
    let count = size.panels * vectorsPerPanel
    name = size.functionName
    width = size.width
    height = size.height
    panels = counted(size.panels, "panel")
    accumulators = size.width * size.height * count
    weightType = size.weightFormat.cType
    loadWeights =
      size.weightFormat == .float32 ? instructionSet.load : instructionSet.loadHalf
    vectors = (0..<count).map { index in
      let lane = index % vectorsPerPanel * instructionSet.lanes
      return Vector(
        index: index, bias: CExpression.pointer("bias", "\(index * instructionSet.lanes)"),
        weights: CExpression.pointer(
          "weights", Self.offset(("s->panel", index / vectorsPerPanel), constant: lane)),
        factors: CExpression.pointer("factors", "\(index * instructionSet.lanes)"))
    }
    scales = size.scales
    wrap = size.wraps ? Wrap(others: Array(1..<size.width)) : nil
    pixels = (0..<size.height).flatMap { y in
      (0..<size.width).map { x in
        let pixel = y * size.width + x
        let sums = (0..<count).map { index in
          let panel = index / vectorsPerPanel
          let lane = index % vectorsPerPanel * instructionSet.lanes
          return Sum(
            pixel: pixel, index: index,
            channels: index == 0 ? "channels" : "channels - \(index * instructionSet.lanes)",
            scales: size.scales,
            residual: CExpression.pointer("r", Self.place(panel, lane, "s->res")),
            output: CExpression.pointer("o", Self.place(panel, lane, "s->out")))
        }
        if size.wraps, x > 0 {
          return Pixel(
            pixel: pixel, input: "in_\(x)", residual: "residual + res_\(x)",
            output: "out + out_\(x)", sums: sums,
            vector: instructionSet.vectorType)
        }
        return Pixel(
          pixel: pixel, input: Self.offset(("s->in_row", y), ("s->in_pixel", x), constant: 0),
          // A residual is read at the same distance from pixel to pixel as the output is written.
          residual: CExpression.pointer(
            "residual", Self.offset(("s->res_row", y), ("s->out_pixel", x), constant: 0)),
          output: CExpression.pointer(
            "out", Self.offset(("s->out_row", y), ("s->out_pixel", x), constant: 0)),
          sums: sums, vector: instructionSet.vectorType)
      }
    }
  }

  /// The place of a vector of sums, relative to its pixel's first.
  private static func place(_ panel: Int, _ lane: Int, _ strides: String) -> String {
    CExpression.sum(
      offset((strides + "_panel", panel), constant: 0),
      lane == 0 ? nil : "\(lane) * \(strides)_channel")
  }

  private static func offset(_ terms: (String, Int)..., constant: Int) -> String {
    let parts = terms.compactMap { name, factor -> String? in
      switch factor {
      case 0: nil
      case 1: name
      default: "\(factor) * \(name)"
      }
    }
    let all = parts + (constant == 0 ? [] : ["\(constant)"])
    return all.isEmpty ? "0" : all.joined(separator: " + ")
  }
}

extension WeightFormat {
  /// The C type of an element; `half` is defined by the prologue.
  var cType: String {
    switch self {
    case .float32: "float"
    case .float16: "half"
    }
  }

  /// What the names of functions that read such weights end in.
  var nameSuffix: String { self == .float32 ? "" : "_half" }
}

/// How a tile of a group of panels fetches the next group, as C.
struct WeightFetch {
  var cType: String
  /// Tiles that fetch, a part each.
  var tiles: Int
  /// Elements of a part, of which `shape.panel` is what a float32 panel has.
  var part: String

  init(_ format: WeightFormat, panels: Int) {
    cType = format.cType
    tiles = format.fetchingTiles(panels: panels)
    let panelsPerPart = format.elementsPerFetch / KernelPlanning.panelWidth
    part = panelsPerPart == 1 ? "shape.panel" : "\(panelsPerPart) * shape.panel"
  }
}
