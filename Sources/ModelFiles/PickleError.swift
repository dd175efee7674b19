/// What is wrong with a pickle, or what it asks for that no dictionary of tensors needs.
public enum PickleError: Error, Equatable, CustomStringConvertible {
  /// It breaks the format, at a byte counted from the start of the pickle.
  case malformed(path: String, offset: Int, String)
  /// It names a Python object that is no part of a tensor.
  case globalRefused(path: String, offset: Int, name: String)
  /// It has an instruction that dictionaries of tensors do without.
  case unsupportedOpcode(path: String, offset: Int, opcode: UInt8)
  /// It has more bytes or values than any checkpoint.
  case tooLarge(path: String, String)

  public var description: String {
    switch self {
    case .malformed(let path, let offset, let reason):
      "\(path): its pickle is damaged: \(reason), at byte \(offset) of data.pkl"
    case .globalRefused(let path, let offset, let name):
      "\(path): its pickle names the Python object \"\(name)\", at byte \(offset) of data.pkl, which "
        + "is no part of a tensor, and no code of a file is run here; where the model was trained, "
        + "save its weights alone, in Python with torch.save(model.state_dict(), \"weights.pth\"); of a "
        + "file that you trust to run code, torch.load(…, weights_only=False) gives them too"
    case .unsupportedOpcode(let path, let offset, let opcode):
      "\(path): its pickle has the instruction 0x\(String(opcode, radix: 16)), at byte \(offset) of "
        + "data.pkl, which no dictionary of tensors needs; save the weights alone, in Python with "
        + "torch.save(model.state_dict(), \"weights.pth\")"
    case .tooLarge(let path, let reason):
      "\(path): its pickle is too large for one of weights: \(reason)"
    }
  }
}
