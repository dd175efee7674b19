import GraphIR
import ModelFiles
import TestSupport
import Testing

@Suite struct `A rule for other names` {
  private func names(_ rules: String...) throws -> [String] {
    let dict = try StateDict(path: checkpoint("plain.pth")).renamed(by: rules.map(RenameRule.init))
    return try ["stem.conv.weight", "conv.weight", "head.bias", "fc.bias", "bn.weight", "norm.var"]
      .filter { name in
        let shapes: [Shape] = [[4, 3, 1, 1], [2], [4]]
        return try shapes.contains { shape in
          do {
            _ = try dict.values(of: ParameterSpec(name: name, shape: shape))
            return true
          } catch is StateDictMismatch {
            return false
          }
        }
      }
  }

  @Test func `replaces every match of a regular expression, in the order of the rules`() throws {
    #expect(try names("^conv=stem.conv") == ["stem.conv.weight", "fc.bias", "bn.weight"])
    #expect(
      try names(#"^fc\.(\w+)$=head.$1"#) == ["conv.weight", "head.bias", "bn.weight"])
    #expect(
      try names("running_=", #"bn\.(var)=norm.$1"#)
        == ["conv.weight", "fc.bias", "bn.weight", "norm.var"])
  }

  @Test func `leaves tensors out whose names become empty`() throws {
    #expect(try names("^fc.*=") == ["conv.weight", "bn.weight"])
  }

  @Test func `is divided by its last equals sign`() throws {
    #expect(try names("^(?=conv)=stem.") == ["stem.conv.weight", "fc.bias", "bn.weight"])
  }

  @Test(arguments: [
    ("conv", "should read pattern=replacement"), ("=conv", "should read pattern=replacement"),
    ("(=x", "is no regular expression"), ("a=$1", "no group $1"), ("(a)=$2", "no group $2"),
    ("a=$", "'$' should be followed"), ("a=$x", "'$' should be followed"),
    ("nowhere=x", "matches the name of no tensor; there are \"conv.weight\", \"bn.weight\""),
    ("^bn\\.(weight|bias)=bn.x", "\"bn.weight\" and \"bn.bias\" are both called \"bn.x\""),
  ])
  func `is refused if it is wrong or of no use`(rule: String, words: String) {
    let text = message { _ = try names(rule) }
    #expect(text.contains(words), "\(text)")
  }
}
