import GraphIR
import KernelPlanning
import MachineModel

/// Writes the C file of one instruction set: its register tiles, one function for each distinct
/// kernel, the threads' shares, and the function that runs the steps.
struct NetworkEmitter {
  private let plan: KernelPlan
  private let variant: Variant
  private let runtime: RuntimeDescription
  private let renderer: TemplateRenderer
  private var instructionSet: InstructionSet { variant.instructionSet }

  /// What a function is specialised to: a kernel, and its schedule but for the threads' shares.
  private struct Specialization: Hashable {
    var kernel: Kernel
    var schedule: Schedule

    init(_ step: Step, _ schedule: Schedule) {
      kernel = step.kernel
      self.schedule = schedule
      self.schedule.shares = []
      self.schedule.balance = []
    }
  }

  /// Function names of the kernels, unique.
  private var names: [Specialization: String] = [:]
  private var fillingNames: [BufferFormat: String] = [:]
  private var haloNames: [BufferFormat: String] = [:]
  private var takenNames: Set<String> = []
  private var tiles: Set<TileSize> = []
  private var winogradKernels: [WinogradConvolution] = []
  private var groupedTiles: Set<GroupedTile> = []
  private var leanTiles: Set<LeanTile> = []
  private var functions: [String] = []
  private var tableNames: [[[ThreadShares.Share]]: String] = [:]
  private var tables: [NetworkView.Table] = []

  /// The text of `network_<instruction set>.c`.
  static func emit(
    _ plan: KernelPlan, variant: Variant, runtime: RuntimeDescription, renderer: TemplateRenderer
  ) throws -> String {
    var emitter = NetworkEmitter(
      plan: plan, variant: variant, runtime: runtime, renderer: renderer)
    return try emitter.emit()
  }

  private init(
    plan: KernelPlan, variant: Variant, runtime: RuntimeDescription, renderer: TemplateRenderer
  ) {
    self.plan = plan
    self.variant = variant
    self.runtime = runtime
    self.renderer = renderer
  }

  private mutating func emit() throws -> String {
    var steps: [NetworkView.Step] = []
    for index in plan.steps.indices {
      try defineKernel(ofStep: index)
      try defineFilling(ofStep: index)
      try defineHalo(ofStep: index)
      steps.append(step(index))
    }
    var text: [String] = []
    if tiles.contains(where: \.scales) {
      text.append(try render("tile_factors.c", TileFactorsView()))
    }
    for size in tiles.sorted() {
      text.append(try render("tile.c", TileView(size, instructionSet)))
    }
    if !groupedTiles.isEmpty {
      text.append(
        try render("grouped_spread.c", GroupedSpreadView(groupedTiles, instructionSet)))
    }
    for tile in groupedTiles.sorted() {
      let view = GroupedTileView(tile, instructionSet, exact: plan.accuracy == .exact)
      text.append(try render("grouped_tile.c", view))
    }
    if !winogradKernels.isEmpty {
      text.append(
        try render(
          "winograd_transforms.c", WinogradTransformsView(winogradKernels, instructionSet)))
    }
    if !leanTiles.isEmpty {
      text.append(
        try render("winograd_lean_tiles.c", LeanTilesView(leanTiles, instructionSet)))
    }
    let view = NetworkView(
      runtime, instructionSet: instructionSet, plan: plan, functions: text + functions,
      tables: tables, steps: steps)
    return try render("network.c", view)
  }

  /// The text of a template that knows the instruction set's operations.
  private func render(_ template: String, _ view: Any) throws -> String {
    try renderer.render(template, view, shared: OperationsView(instructionSet))
  }

  private mutating func uniqueName(_ base: String) -> String {
    var name = base
    var number = 2
    while !takenNames.insert(name).inserted {
      name = "\(base)_v\(number)"
      number += 1
    }
    return name
  }

  // MARK: Kernels

  private func specialization(_ index: Int) -> Specialization {
    Specialization(plan.steps[index], variant.schedules[index])
  }

  private mutating func defineKernel(ofStep index: Int) throws {
    let kernel = plan.steps[index].kernel
    let specialization = specialization(index)
    guard names[specialization] == nil else { return }
    let name = uniqueName(kernel.baseName)
    names[specialization] = name
    let schedule = variant.schedules[index]
    let layers = plan.steps.indices.filter { self.specialization($0) == specialization }
      .map { plan.steps[$0].name }
    let comment = kernel.comment(
      cost: plan.steps[index].cost, layers: layers, tiling: schedule.tiling)
    functions.append(try render(kernel, name: name, schedule: schedule, comment: comment))
  }

  private mutating func render(
    _ kernel: Kernel, name: String, schedule: Schedule, comment: [String]
  ) throws -> String {
    switch kernel {
    case .convolution(let conv):
      guard let tiling = schedule.tiling else { return "" }
      return try render(conv, tiling: tiling, name: name, comment: comment)
    case .grouped(let grouped):
      guard let tiling = schedule.tiling else { return "" }
      groupedTiles.formUnion(GroupedTile.all(grouped, tiling: tiling))
      return try render(
        "grouped.c",
        GroupedView(grouped, tiling: tiling, instructionSet, name: name, comment: comment))
    case .winograd(let winograd):
      guard let tiling = schedule.tiling, let blocks = schedule.winogradBlocks else { return "" }
      let schedule = WinogradSchedule(
        blocks: blocks, tiling: tiling, weightFormat: winograd.weightFormat)
      switch winograd.kernelTransform {
      case .packed: tiles.formUnion(schedule.cases.map(\.size))
      case .inRegisters: leanTiles.formUnion(LeanTile.all(winograd, schedule))
      }
      winogradKernels.append(winograd)
      let view = WinogradView(
        winograd, schedule: schedule, name: name, comment: comment)
      guard let pool = winograd.pool else { return try render("winograd.c", view) }
      return try render("winograd_pool.c", WinogradPoolView(view, winograd, pool))
    case .pooledLinear(let linear):
      guard let tiling = schedule.tiling else { return "" }
      let pool = Kernel.globalPool(linear.pool)
      let (poolName, productName) = (
        uniqueName(pool.baseName), uniqueName(linear.product.baseName)
      )
      let view = PooledLinearView(
        comment: blockComment(comment), name: name, batch: linear.pool.input.batch,
        panels: linear.pool.output.storedChannels / panelWidth,
        weightType: linear.product.weightFormat.cType, pool: poolName,
        product: productName)
      return try render(
        "global_pool.c",
        GlobalPoolView(
          linear.pool, name: poolName, comment: [pool.title]))
        + render(
          linear.product, tiling: tiling, name: productName,
          comment: [Kernel.convolution(linear.product).title])
        + render("pooled_linear.c", view)
    case .copy(let copy):
      return try render("copy.c", CopyView(copy, name: name, comment: comment))
    case .rearrangement(let move):
      return try render("rearrangement.c", RearrangementView(move, name: name, comment: comment))
    case .concatenation(let joined):
      return try render("concatenation.c", ConcatenationView(joined, name: name, comment: comment))
    case .pool(let pool):
      return try render(
        "pool.c",
        PoolView(pool, name: name, comment: comment))
    case .globalPool(let pool):
      return try render(
        "global_pool.c",
        GlobalPoolView(pool, name: name, comment: comment))
    case .elementwise(let map):
      return try render(
        "elementwise.c", ElementwiseView(map, instructionSet, name: name, comment: comment))
    case .softmax(let softmax):
      return try render("softmax.c", SoftmaxView(softmax, name: name, comment: comment))
    }
  }

  private mutating func render(
    _ conv: DirectConvolution, tiling: Tiling, name: String, comment: [String]
  ) throws -> String {
    guard let pool = conv.pool else {
      let grid = TileGrid(
        tiling: tiling, scales: conv.factors != nil, weightFormat: conv.weightFormat)
      tiles.formUnion(grid.cases.map(\.size))
      let view = ConvolutionView(conv, tiling: tiling, name: name, comment: comment)
      return try render("convolution.c", view)
    }
    tiles.formUnion(
      tiling.columns.lengths.map {
        TileSize(
          width: $0.length, height: 1, panels: tiling.panels, weightFormat: conv.weightFormat)
      })
    let view = ConvolutionPoolView(
      conv, pool: pool, tiling: tiling, name: name,
      comment: comment)
    return try render("convolution_pool.c", view)
  }

  private mutating func defineHalo(ofStep index: Int) throws {
    guard case .buffer(let buffer) = plan.steps[index].output else { return }
    let format = plan.buffers[buffer].format
    guard !format.halo.isZero, haloNames[format] == nil else { return }
    let name = uniqueName("clear_halo_\(format.extentName)")
    haloNames[format] = name
    functions.append(try render("halo.c", HaloView(format, name: name)))
  }

  /// Kernels that move elements leave alone what fills the last panel.
  private mutating func defineFilling(ofStep index: Int) throws {
    guard let format = plan.steps[index].kernel.unfilledOutput, fillingNames[format] == nil else {
      return
    }
    let name = uniqueName("clear_filling_\(format.extentName)")
    fillingNames[format] = name
    functions.append(try render("filling.c", FillingView(format, name: name)))
  }

  // MARK: Steps

  private mutating func step(_ index: Int) -> NetworkView.Step {
    let step = plan.steps[index]
    var calls = call(
      step, function: names[specialization(index)] ?? "", shares: table(index)
    ).map(NetworkView.Line.init)
    if let format = step.kernel.unfilledOutput, let clear = fillingNames[format] {
      calls.append(NetworkView.Line(text: "\(clear)(\(pointer(step.output)), thread, threads);"))
    }
    if case .buffer(let buffer) = step.output, let halo = haloNames[plan.buffers[buffer].format] {
      let base = CExpression.pointer("arena", "\(plan.buffers[buffer].offset / 4)")
      calls.append(NetworkView.Line(text: "\(halo)(\(base), thread, threads);"))
    }
    return NetworkView.Step(index: index, title: step.name, calls: calls)
  }

  private func call(_ step: Step, function: String, shares: String) -> [String] {
    let arguments: [String]
    let weights = step.weights.map { weightPointer(plan.weights[$0]) }
    let out = pointer(step.output)
    switch step.kernel {
    case .convolution(let conv):
      let residual = conv.residual == nil ? [] : [pointer(step.inputs[1])]
      let factors = conv.factors == nil ? [] : step.inputs.suffix(1).map { pointer($0) }
      let input = pointer(step.inputs[0], origin: conv.inputOrigin)
      arguments =
        [input] + weights + factors + residual + [out] + (conv.pool == nil ? [] : ["scratch"])
    case .grouped(let grouped):
      let residual = grouped.residual == nil ? [] : [pointer(step.inputs[1])]
      let input = pointer(step.inputs[0], origin: grouped.inputOrigin)
      arguments = [input] + weights + residual + [out]
    case .winograd(let winograd):
      let residual = winograd.residual == nil ? [] : [pointer(step.inputs[1])]
      let input = pointer(step.inputs[0], origin: winograd.inputOrigin)
      let sums = step.tileSums.map { [pointer(.buffer($0))] } ?? []
      arguments = [input] + weights + residual + [out] + sums + ["scratch"]
    case .pooledLinear:
      arguments = [pointer(step.inputs[0])] + weights + [out, "scratch"]
    case .elementwise, .concatenation:
      arguments = step.inputs.map { pointer($0) } + weights + [out]
    case .copy, .rearrangement, .pool, .globalPool, .softmax:
      arguments = [pointer(step.inputs[0]), out]
    }
    let all = arguments + ["\(shares)[mine]"]
    return CExpression.wrapped(
      all.enumerated().map { $1 + ($0 < all.count - 1 ? "," : "") }, prefix: function + "(",
      suffix: ");", indent: 6)
  }

  /// A pointer to channel 0 of pixel (0, 0) of image 0, or to another origin in the buffer.
  private func pointer(_ operand: Operand, origin: Int? = nil) -> String {
    switch operand {
    case .buffer(let index):
      let buffer = plan.buffers[index]
      let offset = buffer.offset / 4 + (origin ?? buffer.format.origin)
      return CExpression.pointer("arena", "\(offset)")
    case .input: return "input"
    case .output(let index): return runtime.outputParameter(index)
    case .weight(let index): return weightPointer(plan.weights[index])
    }
  }

  /// A pointer to a packed tensor's first element.
  private func weightPointer(_ tensor: PackedTensor) -> String {
    let pointer = CExpression.pointer("weights", "\(tensor.offset / 4)")
    return tensor.format == .float32 ? pointer : "(const \(tensor.format.cType) *)(\(pointer))"
  }

  private mutating func table(_ index: Int) -> String {
    let shares = variant.schedules[index].shares
    if let known = tableNames[shares] { return known }
    let name = "shares_\(tableNames.count)"
    tableNames[shares] = name
    let rows = shares.flatMap { row in
      CExpression.wrapped(
        row.map { "{\($0.firstBegin), \($0.firstEnd), \($0.secondBegin), \($0.secondEnd)}," },
        prefix: "", suffix: "", indent: 2
      ).map(NetworkView.Line.init)
    }
    tables.append(NetworkView.Table(name: name, rows: rows))
    return name
  }
}

/// What `network.c` needs.
struct NetworkView {
  struct Line {
    var text: String
  }

  struct Table {
    var name: String
    var rows: [Line]
  }

  struct Step {
    var index: Int
    var title: String
    var calls: [Line]
  }

  var bannerLines: [String]
  var isaName: String
  var header: String?
  var avx512: Bool
  var portable: Bool
  var neon: Bool
  var avx2: Bool
  /// Whether every multiply-add has to be rounded once.
  var exact: Bool
  /// Whether the greatest of several values is looked for.
  var maximum: Bool
  /// Whether a pool's windows have gaps.
  var dilatedPool: Bool
  /// Whether a row may end within a vector.
  var partial: Bool
  /// Whether there is a sigmoid.
  var sigmoid: Bool
  /// Whether a matrix is stored as float16.
  var half: Bool
  var functions: [Line]
  var tables: [Table]
  var steps: [Step]
  var maxThreads: Int
  var function: String
  var outputParameters: String
  var barrier: String

  init(
    _ runtime: RuntimeDescription, instructionSet: InstructionSet, plan: KernelPlan,
    functions: [String], tables: [Table], steps: [Step]
  ) {
    bannerLines = runtime.banner
    isaName = instructionSet.name
    header = instructionSet.header
    avx512 = instructionSet == .avx512
    portable = instructionSet == .portable
    neon = instructionSet == .neon
    avx2 = instructionSet == .avx2
    exact = plan.accuracy == .exact
    maximum = plan.steps.contains(where: \.kernel.hasMaximum)
    let maps = plan.steps.compactMap { step in
      if case .elementwise(let map) = step.kernel { map } else { nil }
    }
    partial = maps.contains { $0.output.layout == .nchw }
    sigmoid = maps.contains { $0.activation == .sigmoid }
    dilatedPool = plan.steps.contains { step in
      if case .pool(let pool) = step.kernel { pool.window.dilation != Extent(1) } else { false }
    }
    half = plan.weights.contains { $0.format == .float16 }
    self.functions = functions.map(Line.init)
    self.tables = tables
    self.steps = steps
    maxThreads = plan.maxThreads
    function = "\(runtime.names.cPrefix)_\(instructionSet.name)_steps"
    outputParameters = runtime.outputParameters
    barrier = "\(runtime.names.cPrefix)_barrier(arena, threads);"
  }
}

/// The C of a plan's kernels: `csrc/network_NAME.c` for each instruction set.
///
/// - Throws: `TemplateError` for a mistake in a template.
public func emitNetworkSources(
  _ plan: KernelPlan, runtime: RuntimeDescription
) throws -> [GeneratedFile] {
  let renderer = try TemplateRenderer()
  return try plan.variants.map { variant in
    GeneratedFile(
      path: "csrc/network_\(variant.instructionSet.name).c",
      contents: wrappingLongLines(
        try NetworkEmitter.emit(plan, variant: variant, runtime: runtime, renderer: renderer)))
  }
}

extension Kernel {
  /// The format of a result whose last panel the kernel itself does not fill with zeros.
  fileprivate var unfilledOutput: BufferFormat? {
    switch self {
    case .rearrangement(let move): move.to.storedChannels > move.to.channels ? move.to : nil
    case .concatenation(let joined):
      joined.output.storedChannels > joined.output.channels ? joined.output : nil
    default: nil
    }
  }

  /// Whether it is, or ends in, a pool that takes the greatest.
  fileprivate var hasMaximum: Bool {
    switch self {
    case .convolution(let conv): conv.pool != nil
    case .winograd(let winograd): winograd.pool != nil
    case .pool(let pool): pool.kind == .maximum
    case .grouped, .pooledLinear, .copy, .rearrangement, .concatenation, .globalPool, .elementwise,
      .softmax:
      false
    }
  }
}
