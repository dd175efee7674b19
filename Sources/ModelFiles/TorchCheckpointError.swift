/// What is wrong with a PyTorch checkpoint, or with the choice of what to take from it.
public enum TorchCheckpointError: Error, Equatable, CustomStringConvertible {
  /// It was saved by PyTorch before 1.6, or by another program as a bare pickle.
  case legacyFormat(path: String)
  /// It is neither a zip file nor a pickle, whatever its name says.
  case notACheckpoint(path: String)
  /// It is a zip file that `torch.save` has not written.
  case notSavedByTorch(path: String, String)
  /// It holds a program of TorchScript rather than tensors alone.
  case torchScript(path: String)
  /// It was saved on a processor with the other order of bytes.
  case bigEndian(path: String)
  /// A tensor does not lie where the file says.
  case badTensor(path: String, tensor: String, String)
  /// No dictionary in it is one of tensors.
  case noStateDict(path: String, keys: [String])
  /// It holds more than one state dict and no key says which is meant.
  case severalStateDicts(path: String, [TorchStateDictChoice])
  /// No state dict has the key that was asked for.
  case unknownKey(path: String, key: String, [TorchStateDictChoice])

  public var description: String {
    switch self {
    case .legacyFormat(let path):
      "\(path): this is a bare pickle, as PyTorch wrote before its version 1.6; save it again with a "
        + "later one, in Python with torch.save(torch.load(\"old.pth\", weights_only=True), \"new.pth\")"
    case .notACheckpoint(let path):
      "\(path): this is not a PyTorch checkpoint: it begins like neither a zip file nor a pickle; it "
        + "may be damaged or not downloaded in full"
    case .notSavedByTorch(let path, let reason):
      "\(path): this zip file was not written by torch.save: \(reason)"
    case .torchScript(let path):
      "\(path): this is a TorchScript program; save its weights alone, in Python with "
        + "torch.save(torch.jit.load(\"program.pt\").state_dict(), \"weights.pth\")"
    case .bigEndian(let path):
      "\(path): its numbers are big-endian; load it with PyTorch on a little-endian machine, such as "
        + "any x86 one, and save it there"
    case .badTensor(let path, let tensor, let reason):
      "\(path): the file is wrong about tensor \"\(tensor)\": \(reason)"
    case .noStateDict(let path, let keys):
      "\(path): there is no dictionary of tensors in it; "
        + (keys.isEmpty
          ? "save the weights with torch.save(model.state_dict(), \"weights.pth\")"
          : "its keys are " + keys.prefix(10).map { "\"\($0.prefix(60))\"" }.joined(separator: ", "))
    case .severalStateDicts(let path, let choices):
      "\(path): it holds \(choices.count) state dicts; choose one with --weights-key:"
        + Self.list(choices)
    case .unknownKey(let path, let key, let choices):
      "\(path): it holds no state dict under the key \"\(key)\"; it has:" + Self.list(choices)
    }
  }

  private static func list(_ choices: [TorchStateDictChoice]) -> String {
    let listed = choices.prefix(20).map { "\n  \($0.key) (\($0.tensorCount) tensors)" }
    let rest = choices.count - listed.count
    return listed.joined() + (rest > 0 ? "\n  … and \(rest) more" : "")
  }
}

/// A state dict in a checkpoint.
public struct TorchStateDictChoice: Equatable, Sendable {
  /// The keys that lead to it, joined with dots; `.` if it is the whole file.
  public var key: String
  public var tensorCount: Int
}
