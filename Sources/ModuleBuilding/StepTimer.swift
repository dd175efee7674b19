import Foundation
import GraphIR
import ResNetCompiler
import Synchronization

/// Times the steps of loaded networks within whole inferences, so that each step finds its weights and
/// inputs where it would find them in use.
public struct StepTimer {
  private let contexts: [NativeContext]
  private let inputs: [[Float]]
  /// The least seconds of each step of each network so far.
  public private(set) var steps: [[Double]]
  /// Seconds that it takes to run no step at all, which every measurement includes.
  private var overhead: [Double]

  /// Warms up, so that weights, code and threads are there.
  ///
  /// - Parameters:
  ///   - contexts: all with the same number of threads.
  ///   - inputs: one a network.
  /// - Throws: `NativeModuleError`.
  public init(_ contexts: [NativeContext], inputs: [[Float]]) throws {
    self.contexts = contexts
    self.inputs = inputs
    steps = contexts.map { .init(repeating: .infinity, count: $0.stepCount) }
    overhead = contexts.map { _ in .infinity }
    for (context, input) in zip(contexts, inputs) {
      for _ in 0..<2 { try context.run(input, steps: 0..<context.stepCount) }
    }
  }

  /// Runs each network once, step by step, one after the other.
  ///
  /// - Returns: the seconds that it took.
  /// - Throws: `NativeModuleError`.
  public mutating func measureOnce() throws -> Double {
    let clock = ContinuousClock()
    let start = clock.now
    for (index, context) in contexts.enumerated() {
      let input = inputs[index]
      var last = clock.now
      try context.run(input, steps: 0..<0)
      overhead[index] = min(overhead[index], (clock.now - last) / .seconds(1))
      for step in 0..<context.stepCount {
        last = clock.now
        try context.run(input, steps: step..<step + 1)
        steps[index][step] = min(steps[index][step], (clock.now - last) / .seconds(1))
      }
    }
    return (clock.now - start) / .seconds(1)
  }

  /// The least seconds of each step of a network, without what calling it takes.
  public func seconds(ofNetwork index: Int) -> [Double] {
    steps[index].map { max($0 - overhead[index], 1e-9) }
  }
}

extension NativeContext {
  var stepCount: Int { module.network.plan.steps.count }
}

extension ModuleBuilder {
  /// Compiles several networks at a time and loads them into this process.
  ///
  /// - Throws: as `load` for one of them.
  public func load(
    _ networks: [CompiledNetwork], parameters: some ParameterSource
  ) throws -> [NativeModule] {
    let results = Slots<Result<NativeModule, any Error>>(count: networks.count)
    DispatchQueue.concurrentPerform(iterations: networks.count) { index in
      results.set(index, to: Result { try load(networks[index], parameters: parameters) })
    }
    return try results.values.map { try $0.get() }
  }
}

/// Values that several threads hand in, each at its place.
private final class Slots<Value: Sendable>: Sendable {
  private let slots: Mutex<[Value?]>

  init(count: Int) {
    slots = Mutex([Value?](repeating: nil, count: count))
  }

  func set(_ index: Int, to value: Value) {
    slots.withLock { $0[index] = value }
  }

  var values: [Value] { slots.withLock { $0.compactMap(\.self) } }
}
