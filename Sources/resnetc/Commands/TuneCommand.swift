import ArgumentParser
import Foundation
import GraphIR
import KernelPlanning
import ModelFiles
import ModuleBuilding
import ResNetCompiler
import Toolchain
import Tuning

/// `resnetc tune`: measures which kernels are the fastest for a network on this machine.
struct TuneCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tune",
    abstract: "Measure which algorithms and tiles are the fastest here, for later compilations.",
    discussion: """
      Every layer is measured within whole inferences, in the ways that the cost model finds most \
      promising, best first. What was measured goes into a log after every round, so it can be stopped \
      at any time; the next run goes on from there. Compilations for this machine follow the log.

      Example:
        resnetc tune Specs/resnet50.spec --threads 2
        resnetc tune Specs/resnet50.spec --budget 5m --tune-log tune.json
      """)

  @OptionGroup var spec: SpecOptions

  @Option(help: "With how many threads to measure.")
  var threads = 1

  @Option(
    help: ArgumentHelp(
      "How long to measure, compiling included: 120s, or 2m.", valueName: "time"))
  var budget = TimeBudget(seconds: 120)

  @OptionGroup var plan: PlanOptions
  @OptionGroup var compiler: CompilerChoice

  func validate() throws {
    try validateThreads(threads)
    guard !plan.tuning.noTuneLog else {
      throw ValidationError("'--no-tune-log' leaves nowhere to write what is measured to")
    }
    guard plan.isNative || plan.tuning.tuneLog != nil else {
      throw ValidationError(
        "'--isa \(plan.isa)' plans for no machine in particular, and your own log is only followed "
          + "where plans are for this one; name a log for such plans with --tune-log, or set "
          + "RESNETC_ISA=\(plan.isa) to measure those kernels for this machine")
    }
  }

  func run() throws {
    guard let path = plan.tuning.tuneLog ?? TuneLogPlaces.userPath() else {
      throw InputError("there is no home folder to keep the log in; name a file with --tune-log")
    }
    let model = try spec.loadModel()
    try TuneLog.checkContinuable(path)
    let progress = TuneProgress(network: model.graph.name, budget: budget.seconds)
    progress.show("finding a C compiler …")
    let cc = try compiler.find()
    var options = try plan.hostOptions(threads: threads)
    options.openMPLibrary = cc.openMPLinkLibrary
    var tuning = try NetworkTuning(
      model, options: options, compiler: cc, path: path, budget: budget.seconds)
    while let round = try tuning.measureRound() { progress.report(round) }
    progress.show("measuring the plan …")
    while try tuning.settle() {}
    let result = try tuning.conclude()
    progress.clear()
    print(TuneReport(tuning: tuning, result: result, path: path).text, terminator: "")
  }
}

/// A time on the command line: `120s`, `2m`, or a number of seconds.
struct TimeBudget: ExpressibleByArgument, CustomStringConvertible {
  var seconds: Double

  init(seconds: Double) {
    self.seconds = seconds
  }

  init?(argument: String) {
    let scale = argument.hasSuffix("m") ? 60.0 : 1
    let number = argument.last == "m" || argument.last == "s" ? argument.dropLast() : argument[...]
    guard let value = Double(number), value > 0, value * scale <= 86400 else { return nil }
    seconds = value * scale
  }

  var description: String { String(format: "%gs", seconds) }
  var defaultValueDescription: String { description }
}
