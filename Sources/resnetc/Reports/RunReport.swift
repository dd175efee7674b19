import GraphIR

/// What a network said about each picture or tensor.
struct RunReport {
  var model: Model
  /// What each row is called.
  var inputs: [String]
  /// The inputs are pictures, and not tensors.
  var hasPictures: Bool
  /// The outputs of each batch. The rows of the last that have no name are fillings, which are also in
  /// outputs that have no rows.
  var batches: [[Tensor]]
  /// Classes to show for each row.
  var top: Int
  var isa: String
  var threads: Int
  var weights: String

  private var batchSize: Int { model.inputShape.batch }

  private func shape(ofOutput output: Int) -> Shape {
    model.graph[model.graph.outputs[output]].type.shape
  }

  /// Whether an output has a row for each of the input. One that has not, such as a sum over all of
  /// the batch, is told whole, once for each batch.
  private func hasRows(_ output: Int) -> Bool {
    shape(ofOutput: output).dimensions.first == batchSize
  }

  /// The dimensions of what is told of an output at once: one row, or all of it.
  private func partShape(_ output: Int) -> [Int] {
    let dimensions = shape(ofOutput: output).dimensions
    return hasRows(output) ? Array(dimensions.dropFirst()) : dimensions
  }

  /// What is told of an output: the values of each row, or of each batch.
  private func parts(ofOutput output: Int) -> [ArraySlice<Float>] {
    hasRows(output)
      ? inputs.indices.map { row($0, ofOutput: output) }
      : batches.map { $0[output].elements[...] }
  }

  /// What each batch is called, by its first row and its last.
  private var batchNames: [String] {
    batches.indices.map { batch in
      let names = inputs.dropFirst(batch * batchSize).prefix(batchSize)
      let ends = names.count > 1 ? [names.first, names.last] : [names.first]
      return ends.compactMap(\.self).joined(separator: " … ")
    }
  }

  /// One row of an output that has them.
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
    func append(_ name: String, _ output: Int, _ part: ArraySlice<Float>) {
      let values = part.map(Double.init)
      let mean = values.reduce(0, +) / Double(values.count)
      table.append(
        [name, model.outputNames[output], Show.shape(partShape(output))]
          + [values.min() ?? 0, mean, values.max() ?? 0].map { Show.fixed($0, 4) })
    }
    for index in inputs.indices {
      for output in outputs where hasRows(output) {
        append(inputs[index], output, row(index, ofOutput: output))
      }
    }
    for (index, name) in batchNames.enumerated() {
      for output in outputs where !hasRows(output) {
        append(name, output, batches[index][output].elements[...])
      }
    }
    return table.text()
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
  /// several. They have an array for each row, but those that `whole_outputs` names for each batch;
  /// `output_shapes` has the shape of one such array.
  var json: JSON {
    let graph = model.graph
    func values(_ output: Int) -> JSON {
      .array(parts(ofOutput: output).map { .floats($0) })
    }
    var pairs: [(String, JSON)] = [
      ("model", .string(graph.name)), ("outputs", values(0)), ("inputs", .strings(inputs)),
      ("labels", .strings(model.labels)),
      ("top", .array(inputs.indices.compactMap { classification($0)?.json })),
      (
        "output_shapes",
        .object(
          graph.outputs.indices.map {
            (model.outputNames[$0], .array(partShape($0).map(JSON.integer)))
          })
      ),
      (
        "whole_outputs",
        .strings(graph.outputs.indices.filter { !hasRows($0) }.map { model.outputNames[$0] })
      ),
    ]
    if graph.outputs.count > 1 {
      pairs.append(
        (
          "named_outputs",
          .object(graph.outputs.indices.map { (model.outputNames[$0], values($0)) })
        ))
    }
    pairs += [
      ("weights", .string(weights)), ("isa", .string(isa)), ("threads", .integer(threads)),
      ("batch", .integer(batchSize)),
    ]
    return .object(pairs)
  }
}
