import Foundation
import GraphIR
import OnnxSchema

extension Onnx_AttributeProto {
  static func integer(_ name: String, _ value: Int) -> Self {
    .with {
      $0.name = name
      $0.type = .int
      $0.i = Int64(value)
    }
  }

  static func integers(_ name: String, _ values: [Int]) -> Self {
    .with {
      $0.name = name
      $0.type = .ints
      $0.ints = values.map(Int64.init)
    }
  }

  static func float(_ name: String, _ value: Float) -> Self {
    .with {
      $0.name = name
      $0.type = .float
      $0.f = value
    }
  }
}

extension Onnx_TensorProto {
  /// A tensor of the state dict, without its elements.
  init(name: String, shape: Shape) {
    self.init()
    self.name = name
    dims = shape.dimensions.map(Int64.init)
    dataType = Int32(DataType.float.rawValue)
  }

  /// One number.
  init(name: String, scalar: Float) {
    self.init(name: name, shape: [])
    rawData = withUnsafeBytes(of: scalar.bitPattern.littleEndian) { Data($0) }
  }

  /// A list of whole numbers, as operations take shapes and counts.
  init(name: String, integers: [Int]) {
    self.init()
    self.name = name
    dims = [Int64(integers.count)]
    dataType = Int32(DataType.int64.rawValue)
    rawData = integers.map { Int64($0).littleEndian }.withUnsafeBytes { Data($0) }
  }
}

extension Onnx_ValueInfoProto {
  /// A value's name, and its type: float32 numbers of that shape.
  init(name: String, shape: Shape) {
    self.init()
    self.name = name
    type.tensorType.elemType = Int32(Onnx_TensorProto.DataType.float.rawValue)
    type.tensorType.shape.dim = shape.dimensions.map { extent in
      .with { $0.dimValue = Int64(extent) }
    }
  }
}
