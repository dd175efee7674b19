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

  private func classification(_ index: Int) -> Classification {
    let isProbability = model.graph.outputs.first.map { model.graph[$0].op == .softmax } ?? false
    return Classification(
      row(index, ofOutput: 0), isProbability: isProbability, labels: model.labels, count: top)
  }

  /// A table of the best classes for each row; one line for each if it is only the best.
  var text: String {
    top == 1 ? linePerInput : linesPerInput
  }

  private var linePerInput: String {
    var table = TextTable([.left, .left, .right])
    table.append([hasPictures ? "picture" : "input", "class", "probability"])
    for index in inputs.indices {
      for entry in classification(index).entries {
        table.append([inputs[index], entry.label, Show.percent(entry.probability) + " %"])
      }
    }
    return table.text()
  }

  private var linesPerInput: String {
    var table = TextTable([.left, .right, .right])
    for index in inputs.indices {
      table.append([inputs[index]])
      for entry in classification(index).entries {
        table.append([
          "  " + entry.label, Show.percent(entry.probability) + " %",
          Show.fixed(Double(entry.score), 4),
        ])
      }
    }
    return table.text()
  }

  /// All outputs; where there are several, `outputs` holds the first, and `named_outputs` all.
  var json: JSON {
    let graph = model.graph
    func rows(_ output: Int) -> JSON {
      .array(inputs.indices.map { .floats(row($0, ofOutput: output)) })
    }
    var pairs: [(String, JSON)] = [
      ("model", .string(graph.name)), ("outputs", rows(0)), ("inputs", .strings(inputs)),
      ("labels", .strings(model.labels)),
      ("top", .array(inputs.indices.map { classification($0).json })),
    ]
    if graph.outputs.count > 1 {
      pairs.append(
        (
          "named_outputs",
          .object(graph.outputs.indices.map { (graph[graph.outputs[$0]].name, rows($0)) })
        ))
    }
    pairs += [
      ("weights", .string(weights)), ("isa", .string(isa)), ("threads", .integer(threads)),
      ("batch", .integer(batchSize)),
    ]
    return .object(pairs)
  }
}
