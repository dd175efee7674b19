import Foundation
import OnnxFiles
import OnnxSchema
import TestSupport
import Testing

@Suite struct `A tensor of an ONNX file` {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func tensor(_ message: Onnx_TensorProto) throws -> OnnxTensor {
    try OnnxTensor(path: folder.file("t.pb", message.serializedBytes()))
  }

  private func fault(_ tensor: Onnx_TensorProto) -> String {
    OnnxFilesTests.fault(onnxModel(adding: tensor), in: folder)
  }

  /// A tensor of that type whose elements are stored as in memory.
  private func raw(
    _ type: OnnxElementType, _ dimensions: [Int64], _ bytes: [UInt8]
  ) -> Onnx_TensorProto {
    .with {
      ($0.name, $0.dataType, $0.dims, $0.rawData) = (
        "w", Int32(type.code), dimensions, Data(bytes)
      )
    }
  }

  @Test(arguments: [
    (
      OnnxElementType.float,
      littleEndian(Float(-1.5).bitPattern) + littleEndian(Float(2).bitPattern)
    ),
    (.float16, [0x00, 0xBE, 0x00, 0x40]),
    (.bfloat16, [0xC0, 0xBF, 0x00, 0x40]),
    (.double, littleEndian((-1.5).bitPattern) + littleEndian(2.0.bitPattern)),
  ])
  func `has floating-point numbers of four types`(type: OnnxElementType, bytes: [UInt8]) throws {
    let tensor = try tensor(raw(type, [2, 1], bytes))
    #expect(tensor.elementType == type)
    #expect(tensor.shape == [2, 1])
    #expect(try tensor.floatValues() == [-1.5, 2])
  }

  @Test func `has floating-point numbers in lists of their own`() throws {
    func list(_ type: OnnxElementType, _ fill: (inout Onnx_TensorProto) -> Void) throws -> [Float] {
      try tensor(
        .with {
          ($0.dataType, $0.dims) = (Int32(type.code), [2])
          fill(&$0)
        }
      ).floatValues()
    }
    #expect(try list(.float) { $0.floatData = [-1.5, 2] } == [-1.5, 2])
    #expect(try list(.double) { $0.doubleData = [-1.5, 1e300] } == [-1.5, .infinity])
    #expect(try list(.float16) { $0.int32Data = [0xBE00, 0x4000] } == [-1.5, 2])
    #expect(try list(.bfloat16) { $0.int32Data = [0xBFC0, 0x4000] } == [-1.5, 2])
  }

  @Test(arguments: [
    (OnnxElementType.int64, littleEndian(Int64(-2)) + littleEndian(Int64.max), [-2, Int.max]),
    (.int32, littleEndian(Int32(-2)) + littleEndian(Int32.max), [-2, 2_147_483_647]),
    (.uint32, littleEndian(UInt32.max), [4_294_967_295]),
    (.uint64, littleEndian(UInt64(5)), [5]),
    (.int16, littleEndian(Int16(-2)), [-2]), (.uint16, littleEndian(UInt16.max), [65535]),
    (.int8, [0xFE], [-2]), (.uint8, [0xFE], [254]), (.bool, [0, 1, 2], [0, 1, 1]),
  ])
  func `has integers of nine types`(type: OnnxElementType, bytes: [UInt8], values: [Int]) throws {
    #expect(try tensor(raw(type, [Int64(values.count)], bytes)).intValues() == values)
  }

  @Test func `has integers in lists of their own`() throws {
    func list(_ type: OnnxElementType, _ fill: (inout Onnx_TensorProto) -> Void) throws -> [Int] {
      try tensor(
        .with {
          ($0.dataType, $0.dims) = (Int32(type.code), [2])
          fill(&$0)
        }
      ).intValues()
    }
    #expect(try list(.int64) { $0.int64Data = [-1, 7] } == [-1, 7])
    #expect(try list(.int32) { $0.int32Data = [-1, 7] } == [-1, 7])
    #expect(try list(.bool) { $0.int32Data = [0, 1] } == [0, 1])
    #expect(try list(.uint64) { $0.uint64Data = [0, 7] } == [0, 7])
  }

  @Test func `may be a single number or have none`() throws {
    #expect(try tensor(onnxTensor("", [], [3])).floatValues() == [3])
    let empty = try tensor(onnxTensor("", [0], []))
    #expect(empty.shape == [0])
    #expect(try empty.floatValues() == [])
    #expect(try tensor(raw(.int64, [0, 4], [])).intValues() == [])
  }

  @Test func `is read from the data of ONNX's tests`() throws {
    let tensor = try OnnxTensor(path: onnxFile("convolution-input.pb"))
    #expect(tensor.shape == [1, 1, 7, 5])
    #expect(try tensor.floatValues() == (0..<35).map { Float($0) })
  }

  @Test func `has elements of one kind only`() throws {
    let tensor = try tensor(raw(.int8, [1], [1]))
    #expect(
      message { _ = try tensor.floatValues() }
        == "\(folder.path)/t.pb: the tensor has elements of type int8, and floating-point numbers are "
        + "needed there")
    let text = try self.tensor(.with { ($0.dataType, $0.dims) = (8, [1 << 40]) })
    #expect(message { _ = try text.floatValues() }.contains("elements of type string"))
    #expect(message { _ = try text.intValues() }.contains("and integers are needed there"))
    #expect(
      message { _ = try self.tensor(raw(.uint64, [1], littleEndian(UInt64.max))).intValues() }
        .contains("its element 18446744073709551615 is larger than any that is understood"))
  }

  @Test func `is refused if its elements do not fill its shape`() {
    #expect(
      fault(onnxTensor("w", [2, 3], [1]))
        == "the file is wrong about initializer \"w\": float [2, 3] has 6 elements, and 1 are in the "
        + "file")
    #expect(
      fault(raw(.float, [3], [1, 2, 3, 4]))
        == "the file is wrong about initializer \"w\": float [3] takes 12 bytes, and it has 4")
    // Four gigabytes are not allocated for it.
    #expect(
      fault(onnxTensor("w", [1_000_000_000], []))
        == "the file is wrong about initializer \"w\": float [1000000000] has 1000000000 elements, and "
        + "0 are in the file")
  }

  @Test func `is refused for a shape that cannot be`() {
    func reason(_ dimensions: [Int64]) -> String {
      fault(onnxTensor("w", dimensions, [1]))
        .replacing("the file is wrong about initializer \"w\": ", with: "")
    }
    #expect(reason([1, -1]) == "its shape [1, -1] has a negative dimension")
    #expect(reason([.min]) == "its shape [\(Int.min)] has a negative dimension")
    #expect(reason([1 << 32, 1 << 31]) == "its shape [4294967296, 2147483648] is too large")
    #expect(reason([1 << 62]) == "its shape [\(1 << 62)] is too large")
    #expect(reason(Array(repeating: 1, count: 65)) == "it has 65 dimensions")
  }

  @Test func `is refused for a type or a form that is not known`() {
    var tensor = onnxTensor("w", [1], [1])
    tensor.dataType = 99
    #expect(fault(tensor).hasSuffix("the number 99 of its element type is not known"))
    tensor.clearDataType()
    #expect(fault(tensor).hasSuffix("the number 0 of its element type is not known"))
    tensor = onnxTensor("w", [1], [1])
    tensor.segment.begin = 0
    #expect(fault(tensor).hasSuffix("it is stored in segments, which nobody writes"))
  }

  @Test func `has the numbers of onnx.proto for its types`() {
    for type in OnnxElementType.allCases {
      #expect(OnnxElementType(code: type.code) == type)
      let name = Onnx_TensorProto.DataType(rawValue: type.code).map { "\($0)" }
      #expect(name?.lowercased() == "\(type)".lowercased())
    }
    #expect(OnnxElementType.allCases.count == Onnx_TensorProto.DataType.allCases.count - 1)
  }
}
