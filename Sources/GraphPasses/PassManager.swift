import Diagnostics
import GraphIR

/// What the command line can say about passes.
public struct PassOptions: Equatable, Sendable {
  /// Names of passes to leave out (`--disable-pass`); `all` stands for every one.
  public var disabled: Set<String>
  /// Names of passes whose result is to be printed (`--print-after`).
  public var printAfter: Set<String>

  public init(disabled: Set<String> = [], printAfter: Set<String> = []) {
    self.disabled = disabled
    self.printAfter = printAfter
  }

  /// What stands for every pass among those to leave out.
  public static let all = "all"

  func leavesOut(_ pass: any Pass) -> Bool {
    disabled.contains(pass.name) || disabled.contains(Self.all)
  }
}

/// What one pass did.
public struct PassReport: Equatable, Sendable {
  public var name: String
  public var rewrites: Int
  /// Time taken by the pass and the verification after it (`--time-passes`).
  public var seconds: Double
  /// The graph after the pass, if that was asked for.
  public var text: String?
}

/// Why no passes ran, or which one failed.
public enum PassError: Error, Equatable, CustomStringConvertible {
  /// An option names a pass that does not exist.
  case unknownPass(String, known: [String])
  /// The graph was not valid before the first pass.
  case invalidInput(VerificationError)
  /// The table of passes contradicts its constraints: a fault of the compiler.
  case brokenPipeline(String)
  /// A pass threw or left an invalid graph: a fault of the compiler.
  case failed(pass: String, message: String)

  public var description: String {
    switch self {
    case .unknownPass(let name, let known):
      let near = nearestName(to: name, among: known).map { "; did you mean '\($0)'?" } ?? ""
      return "there is no pass '\(name)'\(near) (passes: \(known.joined(separator: ", ")))"
    case .invalidInput(let error): return "before the first pass, \(error)"
    case .brokenPipeline(let message): return "the order of the passes is wrong: \(message)"
    case .failed(let pass, let message):
      return
        "internal error in the pass '\(pass)': \(message); --disable-pass=\(pass) leaves it out"
    }
  }
}

/// Runs a pipeline, and verifies the graph after each pass.
public struct PassManager: Sendable {
  public var pipeline: Pipeline

  public init(pipeline: Pipeline = standardPipeline) {
    self.pipeline = pipeline
  }

  /// The graph after all passes that are not disabled, and a report on each that ran.
  ///
  /// - Parameter observe: called with each report as soon as its pass has run, so that what was
  ///   printed before a failure is not lost.
  /// - Throws: `PassError`.
  public func run(
    _ graph: Graph, options: PassOptions = PassOptions(),
    observe: (PassReport) -> Void = { _ in }
  ) throws -> (graph: Graph, reports: [PassReport]) {
    try pipeline.check()
    let known = pipeline.passNames
    let named = options.disabled.subtracting([PassOptions.all]).union(options.printAfter)
    for name in named.sorted() where !known.contains(name) {
      throw PassError.unknownPass(name, known: known)
    }
    do {
      try graph.verify()
    } catch let error as VerificationError {
      throw PassError.invalidInput(error)
    }
    var graph = graph
    var reports: [PassReport] = []
    let clock = ContinuousClock()
    for pass in pipeline.passes where !options.leavesOut(pass) {
      let start = clock.now
      let rewrites: Int
      do {
        rewrites = try pass.run(on: &graph)
        try graph.verify()
      } catch {
        throw PassError.failed(pass: pass.name, message: "\(error)")
      }
      let report = PassReport(
        name: pass.name, rewrites: rewrites, seconds: (clock.now - start) / .seconds(1),
        text: options.printAfter.contains(pass.name) ? graph.text() : nil)
      observe(report)
      reports.append(report)
    }
    return (graph, reports)
  }
}
