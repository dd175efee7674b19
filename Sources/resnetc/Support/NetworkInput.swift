import GraphIR
import ModelFiles

/// Rows of tensors to run a network on: images of its input, or numbers that stand for them.
struct NetworkInput {
  /// What a report calls each row.
  var names: [String]
  /// The rows, one after another, each a `[channels, height, width]`.
  var values: [Float]
  /// Elements of a row.
  var rowCount: Int

  /// Reads rows from a NumPy file, or makes up one batch of them.
  ///
  /// - Parameters:
  ///   - argument: `seeded`, or the path of a file that holds `[channels, height, width]` or any
  ///     number of those.
  ///   - shape: the network's input.
  /// - Throws: `FileAccessError`, `NumpyError`, or `InputError` for another or too large a shape.
  init(_ argument: String, for shape: Shape) throws {
    let row = Array(shape.dimensions.dropFirst())
    rowCount = row.reduce(1, *)
    var count = shape.batch
    if argument == "seeded" {
      guard shape.elementCount <= Int(Int32.max) else {
        throw InputError(
          "the network's input \(shape) has \(shape.elementCount) elements, and a tensor may have "
            + "\(Int32.max); make it smaller with --set")
      }
      values = seededInput(shape)
    } else {
      let array = try NumpyArray(path: argument)
      let found = array.shape.dimensions
      guard found == row || Array(found.dropFirst()) == row, array.shape.elementCount > 0 else {
        throw InputError(
          "\(argument): the array has the shape \(array.shape), and the network takes \(shape) "
            + "(or any number of \(Shape(row)))")
      }
      count = array.shape.elementCount / rowCount
      values = array.values
    }
    names = count == 1 ? [argument] : (0..<count).map { "\(argument)[\($0)]" }
  }

  /// The rows as whole batches of the network, the last filled with its last row.
  func batches(of size: Int) -> [[Float]] {
    stride(from: 0, to: names.count, by: size).map { first in
      (first..<first + size).flatMap { index in
        let row = min(index, names.count - 1)
        return values[(row * rowCount)..<((row + 1) * rowCount)]
      }
    }
  }
}
