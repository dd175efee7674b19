/// The fields of a protobuf message as a tree, to change it in ways that leave the lengths right: what
/// is found wrong then is not found by the decoder.
package struct WireTree {
  private var fields: [Field] = []

  private struct Field {
    var number: UInt64
    var value: Value
  }

  package indirect enum Value {
    case varint(UInt64)
    /// Four or eight bytes.
    case fixed([UInt8])
    case bytes([UInt8])
    case message(WireTree)
  }

  /// - Returns: nil if the bytes are no message. Text can look like one by chance.
  package init?(_ bytes: [UInt8]) {
    self.init(bytes[...], depth: 0)
  }

  private init?(_ bytes: ArraySlice<UInt8>, depth: Int) {
    var rest = bytes
    while !rest.isEmpty {
      guard let tag = Self.varint(&rest), tag >> 3 > 0, tag >> 3 < 64 else { return nil }
      let value: Value
      switch tag & 7 {
      case 0:
        guard let number = Self.varint(&rest) else { return nil }
        value = .varint(number)
      case 1, 5:
        let size = tag & 7 == 1 ? 8 : 4
        guard rest.count >= size else { return nil }
        value = .fixed(Array(rest.prefix(size)))
        rest.removeFirst(size)
      case 2:
        guard let length = Self.varint(&rest), length <= rest.count else { return nil }
        let part = rest.prefix(Int(length))
        rest.removeFirst(Int(length))
        let message = part.count > 1 && depth < 12 ? WireTree(part, depth: depth + 1) : nil
        value = message.map { .message($0) } ?? .bytes(Array(part))
      default: return nil
      }
      fields.append(Field(number: tag >> 3, value: value))
    }
  }

  private static func varint(_ bytes: inout ArraySlice<UInt8>) -> UInt64? {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 7) {
      guard let byte = bytes.popFirst() else { return nil }
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    return nil
  }

  package var bytes: [UInt8] {
    fields.flatMap { field -> [UInt8] in
      switch field.value {
      case .varint(let value): Self.varint(field.number << 3) + Self.varint(value)
      case .fixed(let bytes):
        Self.varint(field.number << 3 | (bytes.count == 8 ? 1 : 5)) + bytes
      case .bytes(let bytes): Self.delimited(field.number, bytes)
      case .message(let tree): Self.delimited(field.number, tree.bytes)
      }
    }
  }

  private static func delimited(_ number: UInt64, _ bytes: [UInt8]) -> [UInt8] {
    varint(number << 3 | 2) + varint(UInt64(bytes.count)) + bytes
  }

  private static func varint(_ value: UInt64) -> [UInt8] {
    value < 0x80 ? [UInt8(value)] : [UInt8(value & 0x7F) | 0x80] + varint(value >> 7)
  }

  /// Changes one field somewhere below, each message as likely as the next one.
  ///
  /// - Parameter donors: values that are put in place of others, such as names and messages.
  package mutating func mutate(_ random: inout SeededGenerator, donors: [Value]) {
    guard let index = fields.indices.randomElement(using: &random) else { return }
    if case .message(var tree) = fields[index].value, !tree.fields.isEmpty,
      Int.random(in: 0..<8, using: &random) > 0
    {
      tree.mutate(&random, donors: donors)
      fields[index].value = .message(tree)
      return
    }
    switch Int.random(in: 0..<8, using: &random) {
    case 0: fields.remove(at: index)
    case 1: fields.insert(fields[index], at: index)
    case 2: fields.swapAt(index, Int.random(in: fields.indices, using: &random))
    case 3: fields[index].number = UInt64.random(in: 1...26, using: &random)
    case 4, 5:
      if let donor = donors.randomElement(using: &random) { fields[index].value = donor }
    default:
      switch fields[index].value {
      case .varint(let value):
        let numbers: [UInt64] = [
          0, 1, value &+ 1, value &- 1, .max, 1 << 31, 1 << 62, 1 << 63, 0xFFFF_FFFF, value << 7,
        ]
        fields[index].value = .varint(numbers.randomElement(using: &random) ?? 0)
      case .fixed(let bytes):
        fields[index].value = .fixed(bytes.map { _ in UInt8.random(in: 0...255, using: &random) })
      case .bytes(let bytes):
        fields[index].value = .bytes(mutated(bytes, in: bytes.indices, &random))
      case .message: fields[index].value = .bytes([])
      }
    }
  }

  /// All values in the tree.
  package var values: [Value] {
    fields.flatMap { field -> [Value] in
      guard case .message(let tree) = field.value else { return [field.value] }
      return [field.value] + tree.values
    }
  }
}
