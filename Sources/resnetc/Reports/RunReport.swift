import GraphIR

/// What a network said about each picture or tensor.
struct RunReport {
  var model: Model
  /// What each row is called.
  var inputs: [String]
  /// The inputs are pictures, and not tensors.
  var hasPictures: Bool
  /// The outputs of each batch. The rows of the last that have no name are fillings.
  var batches: [[Tensor]]
  /// Classes to show for each row.
  var top: Int
  var isa: String
  var threads: Int
  var weights: String

  private var batchSize: Int { model.inputShape.batch }

  /// One row of one output.
  private func row(_ index: Int, ofOutput output: Int) -> ArraySlice<Float> {
    batches[index / batchSize][output].row(index % batchSize)
  }

  /// The best classes of a row of the output that has them; none if there is no such output.
  private func classification(_ index: Int) -> Classification? {
    model.classOutput.map { output in
      Classification(
        row(index, ofOutput: output),
        isProbability: model.graph[model.graph.outputs[output]].op == .softmax,
        labels: model.labels, count: top)
    }
  }

  /// A table of the best classes for each row, one line for each if it is only the best, and of the
  /// outputs that have no classes.
  var text: String {
    let others = model.graph.outputs.indices.filter { $0 != model.classOutput }
    let classes = model.classOutput == nil ? "" : top == 1 ? linePerInput : linesPerInput
    return classes + (others.isEmpty ? "" : statistics(of: others))
  }

  /// What can be told of numbers that have no names.
  private func statistics(of outputs: [Int]) -> String {
    var table = TextTable([.left, .left, .left, .right, .right, .right])
    table.append([hasPictures ? "picture" : "input", "output", "shape", "least", "mean", "most"])
    for index in inputs.indices {
      for output in outputs {
        let values = row(index, ofOutput: output).map(Double.init)
        let mean = values.reduce(0, +) / Double(values.count)
        table.append(
          [inputs[index], model.outputNames[output], Show.shape(rowShape(output))]
            + [values.min() ?? 0, mean, values.max() ?? 0].map { Show.fixed($0, 4) })
      }
    }
    return table.text()
  }

  /// The dimensions of one row of an output.
  private func rowShape(_ output: Int) -> [Int] {
    Array(model.graph[model.graph.outputs[output]].type.shape.dimensions.dropFirst())
  }

  private var linePerInput: String {
    var table = TextTable([.left, .left, .right])
    table.append([hasPictures ? "picture" : "input", "class", "probability"])
    for index in inputs.indices {
      for entry in classification(index)?.entries ?? [] {
        table.append([inputs[index], entry.label, Show.percent(entry.probability) + " %"])
      }
    }
    return table.text()
  }

  private var linesPerInput: String {
    var table = TextTable([.left, .right, .right])
    for index in inputs.indices {
      table.append([inputs[index]])
      for entry in classification(index)?.entries ?? [] {
        table.append([
          "  " + entry.label, Show.percent(entry.probability) + " %",
          Show.fixed(Double(entry.score), 4),
        ])
      }
    }
    return table.text()
  }

  /// All outputs, each row-major: `outputs` holds the first, and `named_outputs` all where there are
  /// several.
  var json: JSON {
    let graph = model.graph
    func rows(_ output: Int) -> JSON {
      .array(inputs.indices.map { .floats(row($0, ofOutput: output)) })
    }
    var pairs: [(String, JSON)] = [
      ("model", .string(graph.name)), ("outputs", rows(0)), ("inputs", .strings(inputs)),
      ("labels", .strings(model.labels)),
      ("top", .array(inputs.indices.compactMap { classification($0)?.json })),
      (
        "output_shapes",
        .object(
          graph.outputs.indices.map {
            (model.outputNames[$0], .array(rowShape($0).map(JSON.integer)))
          })
      ),
    ]
    if graph.outputs.count > 1 {
      pairs.append(
        (
          "named_outputs",
          .object(graph.outputs.indices.map { (model.outputNames[$0], rows($0)) })
        ))
    }
    pairs += [
      ("weights", .string(weights)), ("isa", .string(isa)), ("threads", .integer(threads)),
      ("batch", .integer(batchSize)),
    ]
    return .object(pairs)
  }
}
