import Foundation
import ModelFiles
import OnnxSchema
import SwiftProtobuf

/// The message of a model in a file.
///
/// - Throws: `FileAccessError`, `OnnxFileError`.
func decodeModel(path: String) throws -> Onnx_ModelProto {
  let file = try MappedFile(path: path)
  let message = try decode(Onnx_ModelProto.self, .model, file)
  guard message.hasGraph else {
    if let format = file.withBytes(otherFormat) {
      throw OnnxFileError.notOnnx(path: path, format)
    }
    throw OnnxFileError.noGraph(path: path)
  }
  return message
}

/// The message of one tensor in a file.
///
/// - Throws: `FileAccessError`, `OnnxFileError`.
func decodeTensor(path: String) throws -> Onnx_TensorProto {
  try decode(Onnx_TensorProto.self, .tensor, MappedFile(path: path))
}

/// Decodes a file that holds one message, once it is known to be safe.
private func decode<Message: SwiftProtobuf.Message>(
  _ type: Message.Type, _ kind: OnnxMessage, _ file: MappedFile
) throws -> Message {
  let path = file.path
  return try file.withBytes { bytes in
    var scan = ProtobufScan(bytes)
    do {
      try scan.scan(kind)
      var options = BinaryDecodingOptions()
      options.messageDepthLimit = ProtobufScan.maximalDepth + 1
      options.discardUnknownFields = true
      guard let start = bytes.baseAddress else { return Message() }
      // The decoder copies what it keeps, once.
      let data = Data(
        bytesNoCopy: UnsafeMutableRawPointer(mutating: start), count: bytes.count,
        deallocator: .none)
      return try Message(serializedBytes: data, options: options)
    } catch let fault as ProtobufFault {
      throw error(fault, isPlausible: scan.beginsAsExpected, bytes, path: path)
    } catch BinaryDecodingError.invalidUTF8 {
      throw OnnxFileError.malformed(path: path, "a name in it is not UTF-8")
    } catch let error as BinaryDecodingError {
      throw OnnxFileError.malformed(path: path, "a field cannot be decoded (\(error))")
    }
  }
}

/// - Parameter isPlausible: whether the file begins like an ONNX file.
private func error(
  _ fault: ProtobufFault, isPlausible: Bool, _ bytes: UnsafeRawBufferPointer, path: String
) -> OnnxFileError {
  switch fault {
  case .tooLarge(let reason): return .tooLarge(path: path, reason)
  case .truncated(let reason), .malformed(let reason):
    if let format = otherFormat(bytes) { return .notOnnx(path: path, format) }
    guard isPlausible else { return .notOnnx(path: path, reason) }
    if case .truncated = fault { return .truncated(path: path, reason) }
    return .malformed(path: path, reason)
  }
}
