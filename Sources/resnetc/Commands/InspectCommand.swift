import ArgumentParser
import GraphIR
import GraphPasses
import KernelPlanning
import ResNetCompiler

/// `resnetc inspect`: shows what the compiler decides, without compiling C.
struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Show a network's graph, layouts, plan, memory and threads.",
    discussion: """
      Without any of the flags a summary is printed. No C compiler and no weights are needed.

      Example:
        resnetc inspect Specs/resnet50.spec --layouts
        resnetc inspect Specs/resnet18.spec --plan --memory --threads-plan 4
      """)

  @OptionGroup var spec: SpecOptions

  @Flag(help: "Print the graph as the spec has it.")
  var graph = false

  @Flag(help: "Print the graph after all passes.")
  var graphAfterPasses = false

  @Flag(help: "Print each node's candidates with their costs, the choice and the runner-up.")
  var layouts = false

  @Flag(help: "Print each step's kernel, tiles, loops, FLOPs, bytes and predicted time.")
  var plan = false

  @Flag(help: "Print the buffers' places and lifetimes, and what sharing saves.")
  var memory = false

  @Option(
    help: ArgumentHelp("Print how each step is shared among N threads.", valueName: "n"))
  var threadsPlan: Int?

  @Option(help: ArgumentHelp("Print the graph after a pass. Repeatable.", valueName: "pass"))
  var printAfter: [String] = []

  @Flag(help: "Print to standard error how long each pass took.")
  var timePasses = false

  @OptionGroup var planOptions: PlanOptions

  func validate() throws {
    if let threadsPlan, !(1...256).contains(threadsPlan) {
      throw ValidationError("'--threads-plan \(threadsPlan)' should be between 1 and 256")
    }
  }

  func run() throws {
    let model = try spec.loadModel()
    var options = try planOptions.compilerOptions(
      maxThreads: max(threadsPlan ?? 1, CompilerOptions.usualThreads))
    options.threads = threadsPlan ?? 1
    options.passes.printAfter = Set(printAfter)
    let use = try planOptions.tuning.apply(
      to: &options, compiler: nil, isNative: planOptions.isNative)
    use.warnOfMisfit()
    if graph { print(model.graph.text(), terminator: "") }
    let network = try compile(model, options: options) { report in
      if let text = report.text { print("after \(report.name):\n\(text)") }
    }
    if timePasses { Terminal.writeError(PassTimes.text(network.passReports)) }

    var sections: [String] = []
    if graphAfterPasses { sections.append(network.graph.text()) }
    if layouts { sections.append(LayoutsReport(network: network).text) }
    let variant = network.plan.variants.first {
      $0.instructionSet == options.machine.instructionSet
    }
    if plan, let variant {
      sections.append(
        try PlanReport(network: network, variant: variant, machine: options.machine).text)
    }
    if memory {
      sections.append(
        MemoryReport(
          plan: network.plan, addedWeightBytes: network.layoutReport.addedWeightBytes
        ).text)
    }
    if threadsPlan != nil, let variant {
      sections.append(ThreadsReport(plan: network.plan, variant: variant).text)
    }
    if sections.isEmpty, !graph, printAfter.isEmpty {
      sections.append(SummaryReport(network: network, machine: options.machine, use: use).text)
    }
    print(sections.joined(separator: "\n"), terminator: "")
  }
}
