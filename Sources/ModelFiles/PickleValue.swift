/// A value of a pickle, as far as dictionaries of tensors need it.
///
/// Containers are numbers of a `PickleDocument`'s rows: pickles can hold cycles.
enum PickleValue: Equatable, Sendable {
  case none
  case bool(Bool)
  case integer(Int)
  case text(String)
  case global(TorchGlobal)
  /// The elements of a tuple, as a part of `PickleDocument.elements`.
  case tuple(Range<Int>)
  case dictionary(Int)
  case call(Int)
  /// A tuple that names something outside of the pickle: a storage.
  case persistent(Range<Int>)
  /// A list, whose elements no tensor needs.
  case list
  /// A fraction, bytes, or an integer of more than 64 bits.
  case opaque
}

/// What a pickle describes. Nothing has been executed: calls are there to be read.
struct PickleDocument: Sendable {
  struct Item: Sendable {
    var key: PickleValue
    var value: PickleValue
  }

  /// `global(arguments…)`.
  struct Call: Sendable {
    var global: TorchGlobal
    /// A part of `elements`.
    var arguments: Range<Int>
  }

  var root = PickleValue.none
  /// The elements of all tuples.
  var elements: [PickleValue] = []
  /// In the order in which they were set. A key can stand several times; Python keeps the last.
  var dictionaries: [[Item]] = []
  var calls: [Call] = []
}
