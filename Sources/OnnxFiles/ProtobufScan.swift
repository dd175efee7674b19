/// Why bytes are not what protobuf makes.
enum ProtobufFault: Error, Equatable {
  /// A field should have more bytes than follow.
  case truncated(String)
  case malformed(String)
  case tooLarge(String)
}

/// Walks over the fields of an ONNX file before any is decoded, so that decoding is safe: every length
/// fits, and neither the depth nor the number of messages is one that a file should not have.
///
/// An empty message takes two bytes of a file and some hundreds of memory, so without a limit a file
/// of a few megabytes could ask for gigabytes. Lists of whole numbers grow up to eight times; those of
/// weights in float16, the only large ones, by a third.
struct ProtobufScan {
  /// Messages in messages: a tensor in an attribute of a node is the fifth, and branches of control
  /// flow add four each.
  static let maximalDepth = 40
  /// ResNet-152 has some ten thousand, most of them what the exporter notes about nodes.
  static let maximalMessageCount = 250_000
  /// Fields of all kinds; a list of numbers is one.
  static let maximalFieldCount = 2_000_000

  /// What lists of whole numbers may take in memory, in bytes, in a file of that many.
  static func maximalListSize(inFileOf count: Int) -> Int { (32 << 20) + 2 * count }

  private let bytes: UnsafeRawBufferPointer
  private var place = 0
  private var messageCount = 0
  private var fieldCount = 0
  private var listSize = 0
  /// Whether the first field is one that the outermost message can have.
  private(set) var beginsAsExpected = false

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// - Throws: `ProtobufFault`.
  mutating func scan(_ message: OnnxMessage) throws {
    guard bytes.count <= Int(Int32.max) else {
      throw ProtobufFault.tooLarge(
        "it has \(bytes.count) bytes and protobuf files have less than 2³¹; export the model with its "
          + "weights in a file beside it")
    }
    try scan(message, until: bytes.count, depth: 1)
  }

  private mutating func scan(_ message: OnnxMessage, until end: Int, depth: Int) throws {
    guard depth <= Self.maximalDepth else {
      throw ProtobufFault.tooLarge("its parts are nested more than \(Self.maximalDepth) deep")
    }
    messageCount += 1
    guard messageCount <= Self.maximalMessageCount else {
      throw ProtobufFault.tooLarge("it has more than \(Self.maximalMessageCount) parts")
    }
    while place < end {
      fieldCount += 1
      guard fieldCount <= Self.maximalFieldCount else {
        throw ProtobufFault.tooLarge("it has more than \(Self.maximalFieldCount) fields")
      }
      let start = place
      let tag = try varint(until: end)
      let (field, wireType) = (tag >> 3, tag & 7)
      guard field > 0, tag <= UInt64(UInt32.max) else {
        throw ProtobufFault.malformed("the field at byte \(start) has the number \(field)")
      }
      if start == 0 { beginsAsExpected = message.hasField(Int(field)) }
      switch wireType {
      case 0: _ = try varint(until: end)
      case 1: try skip(8, of: start, until: end)
      case 5: try skip(4, of: start, until: end)
      case 2:
        let length = try varint(until: end)
        let dataStart = place
        try skip(length, of: start, until: end)
        if let size = message.listedNumberSize(inField: Int(field)) {
          try countNumbers(in: dataStart..<place, size: size)
        }
        if let part = message.part(inField: Int(field)) {
          let dataEnd = place
          place = dataStart
          try scan(part, until: dataEnd, depth: depth + 1)
        }
      default:
        throw ProtobufFault.malformed(
          "the field at byte \(start) is of the kind \(wireType), which ONNX does not use")
      }
    }
  }

  /// Counts the numbers of a list, each of which ends with the one byte of it that is less than 128.
  private mutating func countNumbers(in range: Range<Int>, size: Int) throws {
    listSize += size * bytes[range].count { $0 < 0x80 }
    let limit = Self.maximalListSize(inFileOf: bytes.count)
    guard listSize <= limit else {
      throw ProtobufFault.tooLarge(
        "its lists of whole numbers would take more than \(limit >> 20) MB, which no network needs")
    }
  }

  private mutating func skip(_ count: UInt64, of start: Int, until end: Int) throws {
    guard count <= UInt64(end - place) else {
      throw fault(
        "the field at byte \(start) should have \(count) bytes and only \(end - place) follow",
        until: end)
    }
    place += Int(count)
  }

  private mutating func varint(until end: Int) throws -> UInt64 {
    let start = place
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      guard place < end else { throw fault("it ends amid the number at byte \(start)", until: end) }
      let byte = bytes[place]
      place += 1
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    throw ProtobufFault.malformed("the number at byte \(start) has more than 10 bytes")
  }

  /// Only what should go on behind the end of the file lacks something.
  private func fault(_ reason: String, until end: Int) -> ProtobufFault {
    end == bytes.count ? .truncated(reason) : .malformed(reason)
  }
}
