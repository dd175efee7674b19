import GraphIR
import Interpreter
import KernelPlanning
import ModuleBuilding
import Pictures
import ResNetCompiler

/// What runs a model on batches of tensors or pictures.
protocol Executor {
  /// The name of what computes: an instruction set, or `interpreter`.
  var name: String { get }
  /// - Parameter tensor: a whole batch, NCHW.
  func run(_ tensor: [Float]) throws -> [Tensor]
  /// - Parameter pictures: as many as the batch has images.
  func run(_ pictures: [Picture]) throws -> [Tensor]
}

/// The generated library.
struct CompiledExecutor: Executor {
  let context: NativeContext

  var name: String { context.module.instructionSetName }
  func run(_ tensor: [Float]) throws -> [Tensor] { try context.run(tensor) }
  func run(_ pictures: [Picture]) throws -> [Tensor] { try context.run(pictures: pictures) }
}

/// The interpreter on the graph as the spec has it.
///
/// Pictures are converted by generated code all the same: that of a network which is only an input.
struct InterpretedExecutor: Executor {
  let interpreter: GraphInterpreter
  let inputShape: Shape
  /// Made if pictures are to be run.
  let conversion: NativeContext?

  let name = "interpreter"

  init(_ model: Model, weights: Weights, conversion: NativeContext?) {
    interpreter = GraphInterpreter(model.graph, parameters: weights)
    inputShape = model.inputShape
    self.conversion = conversion
  }

  func run(_ tensor: [Float]) throws -> [Tensor] {
    try interpreter.run([Tensor(inputShape, tensor)])
  }

  func run(_ pictures: [Picture]) throws -> [Tensor] {
    guard let conversion else { throw NativeModuleError.noPreprocessing }
    return try interpreter.run([try conversion.run(pictures: pictures)[0]])
  }
}

extension Model {
  /// The shape of the first input; a network that is compiled has only one.
  var inputShape: Shape { graph.inputs.first.map { graph[$0].type.shape } ?? [] }

  /// A model whose output is the input of this one: what is left is the conversion of pictures.
  var conversionOnly: Model {
    get throws {
      guard let imageShape else { throw PlanningError.inputCount(0) }
      var conversion = Graph(name: "conversion")
      let pixels = conversion.appendInput(TensorType(imageShape))
      conversion.outputs = [
        imageShape == inputShape
          ? pixels : try conversion.append(.transpose(.nchwToNHWC), [pixels], name: "array")
      ]
      return Model(graph: conversion, preprocessing: preprocessing)
    }
  }
}
