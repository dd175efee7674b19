import GraphIR

extension Graph {
  /// For each node, whether its elements are known to be 0 or more, whatever the input and the
  /// weights. A rewriting that keeps a node's value keeps what is known of it.
  func nonNegativeValues() -> [Bool] {
    var known: [Bool] = []
    for node in nodes {
      func allInputs() -> Bool { node.inputs.allSatisfy { known[$0.index] } }
      let isNonNegative =
        switch node.op {
        case .input, .constant, .linear: false
        case .activation(let activation): activation.isNonNegative
        case .scaledAdd(let add): add.relu
        case .relu, .softmax: true
        case .convolution(let conv): conv.epilogue.relu
        case .batchNorm(let batchNorm): batchNorm.relu
        case .add(let add): add.relu || allInputs()
        case .maxPool, .averagePool, .globalAveragePool, .padChannels, .flatten, .reshape,
          .transpose,
          .expand, .concatenate, .multiply:
          allInputs()
        case .pad(let pad): pad.value >= 0 && allInputs()
        }
      known.append(isNonNegative)
    }
    return known
  }
}
