/// What a file seems to be that is no ONNX file, and what to do about it; nil if it looks like nothing
/// that is known. To be asked once reading it has failed: a rare ONNX file may begin like another one.
func otherFormat(_ bytes: UnsafeRawBufferPointer) -> String? {
  func begins(_ start: [UInt8], at place: Int = 0) -> Bool {
    bytes.count >= place + start.count && bytes[place..<(place + start.count)].elementsEqual(start)
  }
  func begins(_ start: String, at place: Int = 0) -> Bool { begins(Array(start.utf8), at: place) }

  if begins("PK") { return "it looks like a zip archive, as PyTorch checkpoints are" }
  for (name, start) in compressions where begins(start) {
    return "it looks compressed with \(name); unpack it first"
  }
  if begins("version https://git-lfs") {
    return "it is what Git LFS keeps in place of the file; fetch that with git lfs pull"
  }
  if begins("ORTM", at: 4) {
    return
      "it looks like a model in ONNX Runtime's own format; compile the ONNX file that it was made of"
  }
  if begins("TFL3", at: 4) {
    return "it looks like a TensorFlow Lite model; convert it with tf2onnx"
  }
  if begins([0x89, 0x48, 0x44, 0x46]) {
    return "it looks like an HDF5 file, as Keras writes; convert the model with tf2onnx"
  }
  if bytes.count >= 2, bytes[0] == 0x80, (2...5).contains(bytes[1]) {
    return "it looks like a Python pickle"
  }
  if bytes.count > 8, bytes[8] == UInt8(ascii: "{"), bytes[4..<8].allSatisfy({ $0 == 0 }) {
    return "it looks like a safetensors file, which has weights and no graph"
  }
  let isText = bytes.prefix(64).allSatisfy {
    $0 >= 0x20 && $0 != 0x7F || (0x09...0x0D).contains($0)
  }
  guard isText else { return nil }
  let first = bytes.first { !(0x09...0x0D).contains($0) && $0 != 0x20 }
  return first == UInt8(ascii: "<")
    ? "it looks like text, perhaps a web page that was saved in place of the file"
    : "it looks like text"
}

private let compressions: [(name: String, start: [UInt8])] = [
  ("gzip", [0x1F, 0x8B]), ("bzip2", Array("BZh".utf8)), ("xz", [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0]),
  ("Zstandard", [0x28, 0xB5, 0x2F, 0xFD]),
]
