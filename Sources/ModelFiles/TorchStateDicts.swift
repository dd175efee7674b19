extension PickleDocument {
  /// The number of a dictionary, and the key that leads to it.
  struct StateDictPlace: Equatable {
    var choice: TorchStateDictChoice
    var dictionary: Int
  }

  /// The state dicts among the dictionaries of a checkpoint: those that hold more tensors than other
  /// things. Training scripts wrap them, as `{"epoch": 90, "state_dict": …, "optimizer": …}`; those
  /// under other keys than texts, as in an optimizer's state, are none.
  func stateDicts() -> [StateDictPlace] {
    /// Deeper than any training script nests what it saves.
    let maximalDepth = 4
    /// Bytes. A long key in front of many would multiply.
    let maximalKeyLength = 200
    guard case .dictionary(let root) = root else { return [] }
    var found: [StateDictPlace] = []
    var seen: Set<Int> = [root]
    var level = [(key: "", dictionary: root)]
    for _ in 0..<maximalDepth {
      var next: [(key: String, dictionary: Int)] = []
      for (key, dictionary) in level {
        var tensorCount = 0
        for item in dictionaries[dictionary] {
          guard case .text(let name) = item.key else { continue }
          if case .call = item.value { tensorCount += 1 }
          if case .dictionary(let inner) = item.value,
            key.utf8.count + name.utf8.count <= maximalKeyLength, seen.insert(inner).inserted
          {
            next.append((key.isEmpty ? name : key + "." + name, inner))
          }
        }
        if 2 * tensorCount > dictionaries[dictionary].count {
          let choice = TorchStateDictChoice(
            key: key.isEmpty ? "." : key, tensorCount: tensorCount)
          found.append(StateDictPlace(choice: choice, dictionary: dictionary))
        }
      }
      level = next
    }
    return found
  }

  /// The texts among the keys of the outermost dictionary.
  var outermostKeys: [String] {
    guard case .dictionary(let index) = root else { return [] }
    return dictionaries[index].compactMap {
      if case .text(let key) = $0.key { key } else { nil }
    }
  }
}
