import GraphIR
import ModelFiles
import TestSupport
import Testing

@Suite struct `A npy file` {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  func npy(_ header: String, version: UInt8 = 1, _ data: [UInt8]) throws -> String {
    let length = UInt16(header.utf8.count)
    let lengthBytes = version == 1 ? littleEndian(length) : littleEndian(UInt32(length))
    return try folder.file(
      "a.npy",
      [0x93] + Array("NUMPY".utf8) + [version, 0] + lengthBytes + Array(header.utf8) + data)
  }

  @Test(arguments: [[2, 3], [6], [], [1, 0]]) func `comes back as it was written`(
    dimensions: [Int]
  ) throws {
    let shape = Shape(dimensions)
    let array = NumpyArray(shape: shape, values: (0..<shape.elementCount).map { Float($0) / 3 })
    try array.write(to: folder.path + "/b.npy")
    #expect(try NumpyArray(path: folder.path + "/b.npy") == array)
  }

  @Test func `is written as NumPy writes it`() {
    let bytes = NumpyArray(shape: [2], values: [1, 2]).encoded()
    #expect(bytes.count == 128 + 8)
    #expect(Array(bytes.prefix(10)) == [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1, 0, 118, 0])
    let header = String(decoding: bytes[10..<128], as: UTF8.self)
    #expect(header.hasPrefix("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }  "))
    #expect(header.hasSuffix(" \n"))
  }

  @Test func `may be of version 2, with its keys in any order, in float64 or float16`() throws {
    let doubles = [0.5, -3].flatMap { littleEndian($0.bitPattern) }
    let path = try npy(
      #"{"shape": (2, 1), "descr": "<f8", "fortran_order": False}"#, version: 2, doubles)
    #expect(try NumpyArray(path: path) == NumpyArray(shape: [2, 1], values: [0.5, -3]))
    let half = try npy(
      "{'descr': '<f2', 'fortran_order': False, 'shape': (), }\n", littleEndian(UInt16(0x3C00)))
    #expect(try NumpyArray(path: half) == NumpyArray(shape: [], values: [1]))
  }

  @Test(arguments: [
    ("{'descr': '<f4', 'fortran_order': True, 'shape': (1,), }", "numpy.ascontiguousarray"),
    ("{'descr': '|u1', 'fortran_order': False, 'shape': (4,), }", "elements are |u1; save it as"),
    ("{'descr': '>f4', 'fortran_order': False, 'shape': (1,), }", "elements are >f4"),
    ("{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (1,), }", "elements are records"),
    (
      "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }",
      "announces 8 bytes of data, but 4"
    ),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }", "whole numbers of 0 or more"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 4), }", "too large"),
    ("{'descr': '<f4', 'shape': (1,), }", "must have the keys"),
    ("{'descr': '<f4', ", "malformed"), ("", "malformed"), ("{'a': 1}", "unknown key 'a'"),
  ])
  func `is refused with a sentence that says what to do`(header: String, expected: String) throws {
    let path = try npy(header, [0, 0, 128, 63])
    let found = message { _ = try NumpyArray(path: path) }
    #expect(found.contains(expected), "\(found)")
  }

  @Test func `is told from other files and other versions`() throws {
    let other = try folder.file("x.npy", Array("a text of some length".utf8))
    #expect(throws: NumpyError.notNumpy(path: other)) { try NumpyArray(path: other) }
    let future = try npy("{}", version: 9, [])
    #expect(throws: NumpyError.unsupportedVersion(path: future, major: 9)) {
      try NumpyArray(path: future)
    }
  }
}
