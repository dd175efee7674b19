import GraphIR

/// Writes tensors as a safetensors file of float32 values, one tensor after the other.
///
/// The header is filled up with blanks to a multiple of eight bytes, so that the values are aligned
/// where the file is mapped. The file appears when all of it is there.
///
/// - Parameters:
///   - tensors: what to write, in this order; no name may stand twice.
///   - source: has the values; it is asked for one tensor at a time.
///   - metadata: free text for `__metadata__`.
/// - Throws: `WriteError`, or what the source throws.
public func writeSafetensors(
  _ tensors: [ParameterSpec], from source: some ParameterSource, metadata: [String: String] = [:],
  to path: String
) throws {
  try writeAtomically(to: path) { append in
    let header = safetensorsHeader(tensors, metadata: metadata)
    try withUnsafeBytes(of: UInt64(header.count).littleEndian) { try append($0) }
    try header.withUnsafeBytes { try append($0) }
    for tensor in tensors {
      let values = try source.values(of: tensor)
      #if _endian(little)
        try values.withUnsafeBytes { try append($0) }
      #else
        try values.map(\.bitPattern.littleEndian).withUnsafeBytes { try append($0) }
      #endif
    }
  }
}

private func safetensorsHeader(
  _ tensors: [ParameterSpec], metadata: [String: String]
) -> [UInt8] {
  var members: [String] = []
  if !metadata.isEmpty {
    let pairs = metadata.sorted { $0.key < $1.key }.map { key, value in
      "\(jsonString(key)):\(jsonString(value))"
    }
    members.append("\"__metadata__\":{\(pairs.joined(separator: ","))}")
  }
  var end = 0
  for tensor in tensors {
    let start = end
    end += tensor.shape.elementCount * ElementType.float32.byteCount
    let shape = tensor.shape.dimensions.map(String.init).joined(separator: ",")
    members.append(
      jsonString(tensor.name)
        + ":{\"dtype\":\"F32\",\"shape\":[\(shape)],\"data_offsets\":[\(start),\(end)]}")
  }
  var header = Array("{\(members.joined(separator: ","))}".utf8)
  while header.count % 8 != 0 { header.append(UInt8(ascii: " ")) }
  return header
}

private func jsonString(_ text: String) -> String {
  var result = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"": result += "\\\""
    case "\\": result += "\\\\"
    case _ where scalar.value < 0x20:
      let digits = String(scalar.value, radix: 16)
      result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result + "\""
}
