import ArgumentParser
import Foundation
import GraphIR
import Interpreter
import ModuleBuilding
import OnnxExport
import ResNetCompiler

extension CompareCommand {
  /// Runs the network in generated code and in ONNX Runtime.
  func compareWithOnnxRuntime(_ model: Model, weights: Weights, input: [Float]) throws {
    // What is missing is said before anything is compiled.
    let python = try peer.findPython()
    // As the spec has it: then the passes are held against the other runtime too.
    let export = try OnnxExport(
      model.graph, outputNames: model.outputNames, producerVersion: compilerVersion)
    let progress = Progress()
    defer { progress.clear() }
    progress.show("starting ONNX Runtime …")
    let other = try OnnxRuntimePeer(
      python: python, graph: model.graph, export: export, weights: weights, input: input,
      threads: threads)
    // Read when the library is opened.
    setenv("RESNETC_PIN", "1", 1)
    let module = try compiler.load(
      model, weights: weights, plan: plan, threads: threads, progress: progress)
    let context = try module.makeContext(threads: threads)

    progress.show("timing …")
    let times = try PeerTimes(context, other, input: input, runs: runs)
    progress.show("interpreting …")
    let expected = try GraphInterpreter(model.graph, parameters: weights).run([
      Tensor(model.inputShape, input)
    ])
    let report = PeerReport(
      network: module.network, isa: module.instructionSetName, threads: threads,
      peerVersion: other.version, python: python, times: times,
      tolerance: tolerance ?? plan.accuracy.tolerance, outputs: context.results,
      peerOutputs: try other.outputs(), expected: expected)
    progress.clear()
    print(json ? report.json.text + "\n" : report.text, terminator: "")
    if !report.passes { throw ExitCode(ExitStatus.input) }
  }
}

/// The times of inferences in generated code and in another runtime, which took turns.
struct PeerTimes {
  let own: RunTimes
  let peer: RunTimes

  /// How often each has its turn, if there are enough runs.
  private static let turns = 5

  /// - Parameter runs: of each, at least.
  init(_ context: NativeContext, _ other: OnnxRuntimePeer, input: [Float], runs: Int) throws {
    let steps = 0..<context.module.network.plan.steps.count
    let count = (runs + Self.turns - 1) / Self.turns
    var (own, peer): ([Double], [Double]) = ([], [])
    while own.count < runs {
      peer += try other.run(times: count)
      // As many as the other has before those that count: threads wake, and caches are filled.
      for _ in 0..<2 { try context.run(input, steps: steps) }
      for _ in 0..<count { own.append(try elapsed { try context.run(input, steps: steps) }) }
    }
    self.own = RunTimes(own)
    self.peer = RunTimes(peer)
  }
}
