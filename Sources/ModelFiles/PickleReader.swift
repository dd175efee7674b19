/// Reads a pickle of dictionaries of tensors and executes nothing.
///
/// A pickle is a program for a stack machine with a memo (Python's `pickletools` describes it). Of
/// its instructions only those of `PickleOpcode` are known, and of Python's objects only those of
/// `TorchGlobal`. Each instruction adds at most one value, and values refer to each other by number,
/// so memory is bounded by the length of the pickle and no structure needs recursion.
struct PickleReader {
  private let bytes: UnsafeRawBufferPointer
  private let path: String
  private var position = 0
  /// Where the current instruction begins.
  private var start = 0

  private var document = PickleDocument()
  private var stack: [PickleValue] = []
  /// The heights of the stack at which the open marks stand.
  private var marks: [Int] = []
  private var memo: [UInt32: PickleValue] = [:]
  private var valueCount = 0

  /// Far above the 0.1 MB of a training checkpoint of ResNet-152.
  static let maximalSize = 32 << 20
  /// Values pushed and remembered.
  static let maximalValueCount = 1_000_000

  /// - Parameter path: the file in which the pickle is, for errors.
  /// - Throws: `PickleError`.
  static func read(_ bytes: UnsafeRawBufferPointer, path: String) throws -> PickleDocument {
    guard bytes.count <= maximalSize else {
      throw PickleError.tooLarge(
        path: path, "it has \(bytes.count) bytes, and \(maximalSize) are allowed")
    }
    var reader = PickleReader(bytes: bytes, path: path)
    return try reader.read()
  }

  private init(bytes: UnsafeRawBufferPointer, path: String) {
    self.bytes = bytes
    self.path = path
  }

  private mutating func read() throws -> PickleDocument {
    while true {
      start = position
      let code = try byte()
      guard let opcode = PickleOpcode(rawValue: code) else { throw try refusal(of: code) }
      if opcode == .stop { break }
      try execute(opcode)
    }
    document.root = try pop()
    guard stack.isEmpty, marks.isEmpty else { throw malformed("it ends with values left over") }
    return document
  }

  private mutating func execute(_ opcode: PickleOpcode) throws {
    switch opcode {
    case .proto:
      let version = try byte()
      guard (2...5).contains(version) else {
        throw malformed("its protocol is \(version), and only 2 to 5 are known")
      }
    case .frame: try skip(try number(UInt64.self), consuming: false)
    case .stop: break
    case .none: try push(.none)
    case .newTrue: try push(.bool(true))
    case .newFalse: try push(.bool(false))
    case .binInt: try push(.integer(Int(Int32(truncatingIfNeeded: try number(UInt32.self)))))
    case .binInt1: try push(.integer(Int(try byte())))
    case .binInt2: try push(.integer(Int(try number(UInt16.self))))
    case .long1: try push(try longInteger())
    case .binFloat:
      try skip(8)
      try push(.opaque)
    case .binUnicode: try push(.text(try text(length: UInt64(try number(UInt32.self)))))
    case .shortBinUnicode: try push(.text(try text(length: UInt64(try byte()))))
    case .binUnicode8: try push(.text(try text(length: try number(UInt64.self))))
    case .binBytes:
      try skip(UInt64(try number(UInt32.self)))
      try push(.opaque)
    case .shortBinBytes:
      try skip(UInt64(try byte()))
      try push(.opaque)
    case .mark:
      try count()
      marks.append(stack.count)
    case .emptyTuple: try pushTuple([])
    case .tuple: try pushTuple(try popToMark())
    case .tuple1: try pushTuple(try pop(1))
    case .tuple2: try pushTuple(try pop(2))
    case .tuple3: try pushTuple(try pop(3))
    case .emptyList: try push(.list)
    case .append:
      _ = try pop()
      try expectList()
    case .appends:
      _ = try popToMark()
      try expectList()
    case .emptyDict: try pushDictionary()
    case .setItem: try setItems(try pop(2))
    case .setItems: try setItems(try popToMark())
    case .binPut: try remember(UInt32(try byte()))
    case .longBinPut: try remember(try number(UInt32.self))
    case .memoize: try remember(UInt32(memo.count))
    case .binGet: try recall(UInt32(try byte()))
    case .longBinGet: try recall(try number(UInt32.self))
    case .global: try pushGlobal(module: try line(), name: try line())
    case .stackGlobal:
      let names = try pop(2)
      guard case .text(let module) = names[0], case .text(let name) = names[1] else {
        throw malformed("the name of a Python object is no text")
      }
      try pushGlobal(module: module, name: name)
    case .binPersID:
      guard case .tuple(let elements) = try pop() else {
        throw malformed("what stands for a storage is no tuple")
      }
      try push(.persistent(elements))
    case .reduce: try reduce()
    case .build: try build()
    }
  }

  // MARK: Objects

  private mutating func pushGlobal(module: String, name: String) throws {
    guard let global = TorchGlobal(module: module, name: name) else {
      throw refusal(ofGlobal: module, name)
    }
    try push(.global(global))
  }

  /// Calls what may be called: containers are made, tensors are noted down.
  private mutating func reduce() throws {
    guard case .tuple(let arguments) = try pop() else {
      throw malformed("the arguments of a call are no tuple")
    }
    guard case .global(let global) = try pop() else {
      throw malformed("it calls something that is no function")
    }
    let values = document.elements[arguments]
    switch (global, values.count, values.first) {
    case (.orderedDictionary, 0, _), (.counter, 0, _): try pushDictionary()
    case (.counter, 1, .dictionary(let index)): try push(.dictionary(index))
    case (.size, 1, .tuple(let elements)): try push(.tuple(elements))
    case (.rebuildTensor, _, _), (.rebuildParameter, _, _):
      document.calls.append(.init(global: global, arguments: arguments))
      try push(.call(document.calls.count - 1))
    default: throw malformed("a call has arguments that PyTorch does not give it")
    }
  }

  /// Drops the attributes of an ordered dictionary: PyTorch notes the versions of modules there.
  private mutating func build() throws {
    _ = try pop()
    guard case .dictionary? = stack.last else {
      throw malformed("it gives attributes to something that is no dictionary")
    }
  }

  private mutating func setItems(_ values: [PickleValue]) throws {
    guard case .dictionary(let index)? = stack.last, marks.last ?? 0 < stack.count else {
      throw malformed("it sets items of something that is no dictionary")
    }
    guard values.count.isMultiple(of: 2) else { throw malformed("a key has no value") }
    for place in stride(from: 0, to: values.count, by: 2) {
      document.dictionaries[index].append(.init(key: values[place], value: values[place + 1]))
    }
  }

  private func expectList() throws {
    guard case .list? = stack.last, marks.last ?? 0 < stack.count else {
      throw malformed("it appends to something that is no list")
    }
  }

  // MARK: The stack and the memo

  /// Counts a value that is going to take memory.
  private mutating func count() throws {
    valueCount += 1
    guard valueCount <= Self.maximalValueCount else {
      throw PickleError.tooLarge(
        path: path, "it has more than \(Self.maximalValueCount) values")
    }
  }

  private mutating func push(_ value: PickleValue) throws {
    try count()
    stack.append(value)
  }

  private mutating func pushTuple(_ elements: [PickleValue]) throws {
    let first = document.elements.count
    document.elements += elements
    try push(.tuple(first..<document.elements.count))
  }

  private mutating func pushDictionary() throws {
    document.dictionaries.append([])
    try push(.dictionary(document.dictionaries.count - 1))
  }

  private mutating func pop() throws -> PickleValue {
    guard stack.count > marks.last ?? 0, let value = stack.popLast() else {
      throw malformed("it takes a value from an empty stack")
    }
    return value
  }

  private mutating func pop(_ count: Int) throws -> [PickleValue] {
    guard stack.count - count >= marks.last ?? 0 else {
      throw malformed("it takes a value from an empty stack")
    }
    defer { stack.removeLast(count) }
    return Array(stack.suffix(count))
  }

  private mutating func popToMark() throws -> [PickleValue] {
    guard let height = marks.popLast() else { throw malformed("it ends a list that has no start") }
    defer { stack.removeSubrange(height...) }
    return Array(stack[height...])
  }

  private mutating func remember(_ key: UInt32) throws {
    guard stack.count > marks.last ?? 0, let value = stack.last else {
      throw malformed("it remembers a value of an empty stack")
    }
    try count()
    memo[key] = value
  }

  private mutating func recall(_ key: UInt32) throws {
    guard let value = memo[key] else {
      throw malformed("it recalls value \(key), which is not there")
    }
    try push(value)
  }

  // MARK: Bytes

  private mutating func byte() throws -> UInt8 { try number(UInt8.self) }

  private mutating func number<Integer: FixedWidthInteger>(_ type: Integer.Type) throws -> Integer {
    guard let value = bytes.littleEndian(type, at: position) else {
      throw malformed("it is cut off")
    }
    position += MemoryLayout<Integer>.size
    return value
  }

  /// Checks that so many bytes follow, and passes over them unless told not to.
  private mutating func skip(_ count: UInt64, consuming: Bool = true) throws {
    guard count <= UInt64(bytes.count - position) else { throw malformed("it is cut off") }
    if consuming { position += Int(count) }
  }

  private mutating func text(length: UInt64) throws -> String {
    let first = position
    try skip(length)
    guard let text = String(validating: bytes[first..<position], as: UTF8.self) else {
      throw malformed("a text is not UTF-8")
    }
    return text
  }

  private mutating func line() throws -> String {
    let first = position
    guard let end = bytes[first...].firstIndex(of: UInt8(ascii: "\n")) else {
      throw malformed("it is cut off")
    }
    position = end + 1
    guard let text = String(validating: bytes[first..<end], as: UTF8.self) else {
      throw malformed("a name is not UTF-8")
    }
    return text
  }

  /// A little-endian integer in two's complement, of a length that the first byte gives.
  private mutating func longInteger() throws -> PickleValue {
    let length = Int(try byte())
    let first = position
    try skip(UInt64(length))
    guard length <= 8 else { return .opaque }
    guard length > 0 else { return .integer(0) }
    let negative = bytes[position - 1] >= 0x80
    return .integer(
      bytes[first..<position].reversed().reduce(negative ? -1 : 0) { $0 << 8 | Int($1) })
  }

  // MARK: Errors

  private func malformed(_ reason: String) -> PickleError {
    .malformed(path: path, offset: start, reason)
  }

  private func refusal(ofGlobal module: String, _ name: String) -> PickleError {
    // A name is not worth more than a line on the screen.
    .globalRefused(path: path, offset: start, name: String((module + "." + name).prefix(120)))
  }

  /// Why an instruction is refused. The old way of making an object names it, as GLOBAL does.
  private mutating func refusal(of code: UInt8) throws -> PickleError {
    if code == UInt8(ascii: "i") { return refusal(ofGlobal: try line(), try line()) }
    return .unsupportedOpcode(path: path, offset: start, opcode: code)
  }
}
