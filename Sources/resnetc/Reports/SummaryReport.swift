import GraphIR
import KernelPlanning
import MachineModel
import ResNetCompiler

/// A network and its plan on one screen.
struct SummaryReport {
  var network: CompiledNetwork
  var machine: Machine
  var use: TuneLogUse

  var text: String {
    let plan = network.plan
    let parameters = network.model.graph.parameters()
    var table = TextTable([.left, .left])
    table.append(["network", plan.modelName])
    table.append(["input", "\(network.runtime.inputShape)"])
    for output in network.runtime.outputs { table.append([output.name, "\(output.shape)"]) }
    table.append([
      "parameters",
      "\(parameters.map(\.shape.elementCount).reduce(0, +)) in \(parameters.count) tensors",
    ])
    table.append([
      "graph",
      "\(network.model.graph.nodes.count) nodes, \(network.graph.nodes.count) after passes",
    ])
    table.append(["passes", PassRewrites.text(network.passReports)])
    table.append(["steps", "\(plan.steps.count): \(families)"])
    table.append([
      "arithmetic", Show.fixed(plan.steps.map(\.cost.flops).reduce(0, +) / 1e9, 3) + " GFLOP",
    ])
    table.append(["weights", Show.megabytes(plan.weightBytes)])
    table.append([
      "arena",
      "\(Show.megabytes(plan.arenaBytes)) (\(Show.megabytes(plan.unsharedBytes)) without sharing)",
    ])
    table.append([
      "resident",
      ResidentMemory(plan: plan, addedWeightBytes: network.layoutReport.addedWeightBytes).text,
    ])
    table.append(["machine", "\(machine.name), \(machine.instructionSet)"])
    table.append(["kernels", use.summary(network)])
    table.append([
      "predicted",
      Show.milliseconds(plan.steps.map(\.cost.expectedSeconds).reduce(0, +))
        + " ms on \(plan.threads == 1 ? "one thread" : "\(plan.threads) threads")",
    ])
    return table.text()
  }

  /// How many steps each kind of kernel has, in the order of their first appearance.
  private var families: String {
    var counts: [(String, Int)] = []
    for step in network.plan.steps {
      let family = step.kernel.family
      if let index = counts.firstIndex(where: { $0.0 == family }) {
        counts[index].1 += 1
      } else {
        counts.append((family, 1))
      }
    }
    return counts.map { "\($1) \($0)" }.joined(separator: ", ")
  }
}

extension Kernel {
  fileprivate var family: String {
    switch self {
    case .copy: "copy"
    case .rearrangement(let move): move.operation
    case .concatenation: "concatenate"
    case .convolution(let conv): conv.pool == nil ? "direct" : "direct with pool"
    case .grouped: "grouped"
    case .winograd: "winograd"
    case .pooledLinear: "mean with linear"
    case .pool: "pool"
    case .globalPool: "global mean"
    case .elementwise: "elementwise"
    case .softmax: "softmax"
    }
  }
}
