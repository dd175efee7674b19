import Foundation
import TestSupport
import Testing

/// The folder with checkpoints that PyTorch has written.
let checkpointFolder =
  URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().path
  + "/Data/checkpoints"

/// The path of one of those checkpoints.
func checkpoint(_ name: String) -> String { checkpointFolder + "/" + name }

/// The entries of a zip file that is in order, without zip64's large numbers.
func unzip(_ file: [UInt8]) throws -> [(name: String, data: [UInt8])] {
  func number(_ place: Int, _ size: Int) -> Int {
    file[place..<place + size].reversed().reduce(0) { $0 << 8 | Int($1) }
  }
  var place = try #require(file.firstRange(of: [0x50, 0x4B, 1, 2])?.lowerBound)
  var entries: [(name: String, data: [UInt8])] = []
  while number(place, 4) == 0x0201_4B50 {
    let (size, nameLength, local) = (
      number(place + 24, 4), number(place + 28, 2), number(place + 42, 4)
    )
    let data = local + 30 + number(local + 26, 2) + number(local + 28, 2)
    let name = String(decoding: file[place + 46..<place + 46 + nameLength], as: UTF8.self)
    entries.append((name, Array(file[data..<data + size])))
    place += 46 + nameLength + number(place + 30, 2) + number(place + 32, 2)
  }
  return entries
}

/// A checkpoint with this pickle and the storages "0", "1" and so on.
func torchFile(pickle: Pickle, storages: [[UInt8]] = []) -> [UInt8] {
  zip(
    [("net/data.pkl", pickle.bytes), ("net/byteorder", Array("little".utf8))]
      + storages.enumerated().map { ("net/data/\($0.offset)", $0.element) })
}

/// The instructions of a pickle.
struct Pickle: ExpressibleByArrayLiteral {
  var bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  init(arrayLiteral parts: Pickle...) { bytes = parts.flatMap(\.bytes) }

  static func + (a: Pickle, b: Pickle) -> Pickle { Pickle(a.bytes + b.bytes) }

  static let start = Pickle([0x80, 2])
  static let stop = Pickle(Array(".".utf8))
  static let mark = Pickle(Array("(".utf8))
  static let dict = Pickle(Array("}".utf8))
  static let setItems = Pickle(Array("u".utf8))
  static let tuple = Pickle(Array("t".utf8))
  static let persistent = Pickle(Array("Q".utf8))
  static let call = Pickle(Array("R".utf8))
  static let `false` = Pickle([0x89])
  static let none = Pickle(Array("N".utf8))

  static func op(_ text: String) -> Pickle { Pickle(Array(text.utf8)) }

  static func text(_ text: String) -> Pickle {
    Pickle(Array("X".utf8) + littleEndian(UInt32(text.utf8.count)) + Array(text.utf8))
  }

  static func int(_ value: Int) -> Pickle { Pickle([0x8A, 8] + littleEndian(Int64(value))) }

  static func global(_ module: String, _ name: String) -> Pickle { op("c\(module)\n\(name)\n") }

  static func ints(_ values: [Int]) -> Pickle {
    mark + Pickle(values.flatMap { int($0).bytes }) + tuple
  }

  static func storage(_ type: String, _ key: String, count: Int) -> Pickle {
    [
      mark, text("storage"), global("torch", type), text(key), text("cpu"), int(count), tuple,
      persistent,
    ]
  }

  static func tensor(
    _ storage: Pickle, offset: Int = 0, _ shape: [Int], _ strides: [Int],
    rest: Pickle = [`false`, none]
  ) -> Pickle {
    [
      global("torch._utils", "_rebuild_tensor_v2"), mark, storage, int(offset), ints(shape),
      ints(strides), rest, tuple, call,
    ]
  }

  /// A whole pickle of a dictionary with these values.
  static func dictionary(_ items: [(String, Pickle)]) -> Pickle {
    start + dict + mark + Pickle(items.flatMap { text($0.0).bytes + $0.1.bytes }) + setItems + stop
  }
}
