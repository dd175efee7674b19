import ArgumentParser
import KernelPlanning
import ResNetCompiler
import Toolchain
import Tuning

/// Which measurements a plan follows.
struct TuneLogOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The tuning log to follow; without it, your own and those that come with the compiler.",
      valueName: "file"),
    completion: .file(extensions: ["json"]))
  var tuneLog: String?

  @Flag(help: "Follow no tuning log: the cost model chooses.")
  var noTuneLog = false

  func validate() throws {
    guard tuneLog == nil || !noTuneLog else {
      throw ValidationError("give either --tune-log or --no-tune-log")
    }
  }

  /// Gives a compilation what was measured on its machine.
  ///
  /// - Parameters:
  ///   - compiler: nil if no C will be compiled.
  ///   - isNative: whether the plan is for this machine. For a generic one only a named log counts.
  /// - Returns: what was found.
  /// - Throws: `TuneLogError`.
  func apply(to options: inout CompilerOptions, compiler: CCompiler?, isNative: Bool) throws
    -> TuneLogUse
  {
    guard !noTuneLog, isNative || tuneLog != nil else { return .none }
    let measured = compiler.map(MeasuredCompiler.init)
    let logs = try TuneLogs(path: tuneLog)
    if let error = logs.unusable {
      Terminal.warn(
        "\(error.problem), so it is not followed; remove it, or leave all logs out with --no-tune-log"
      )
    }
    guard
      let found = logs.record(for: options.machine, compiler: measured),
      let threads = found.record.threads(nearest: options.threads)
    else {
      var use = TuneLogUse.none
      let isOutdated = logs.areOutdated(for: options.machine, compiler: measured)
      use.misfit = tuneLog.map {
        isOutdated
          ? "\($0) was measured with the kernels of another version of resnetc"
          : "\($0) has no measurements for this machine"
            + (compiler.map { " and \($0.version)" } ?? "")
      }
      return use
    }
    options.machine.rates = found.record.rates.processorRates
    for instructionSet in options.instructionSets {
      var machine = options.machine
      machine.instructionSet = instructionSet
      let other = logs.record(for: machine, compiler: measured)
      options.measurements[instructionSet.name] = other?.record.measurements(threads: threads)
    }
    return TuneLogUse(sources: found.sources, threads: threads)
  }
}

/// What logs had to say about a compilation.
struct TuneLogUse {
  /// Empty if there was none for the machine.
  var sources: [String]
  /// The number of threads of the measurements.
  var threads: Int
  /// That a log which was named has no measurements that fit, as half a sentence.
  var misfit: String?

  static let none = TuneLogUse(sources: [], threads: 0)

  /// Warns of a log that was named in vain.
  func warnOfMisfit() {
    if let misfit { Terminal.warn("\(misfit), so the cost model chooses") }
  }

  /// Who chose the kernels of a network.
  func summary(_ network: CompiledNetwork) -> String {
    let (measured, all) = network.layoutReport.measuredLayers
    guard measured > 0 else { return "chosen by the cost model" }
    return "\(measured) of \(all) layers as measured with \(threads) thread(s): "
      + sources.joined(separator: ", ")
  }
}

extension LayoutReport {
  /// How many layers that have a choice follow a measurement, and how many there are.
  var measuredLayers: (measured: Int, all: Int) {
    let layers = rows.filter(\.isTunable)
    return (layers.count { $0.isMeasured[$0.choice] }, layers.count)
  }
}

extension MeasuredCompiler {
  init(_ compiler: CCompiler) {
    self.init(name: compiler.kind.rawValue, versionLine: compiler.version)
  }
}
