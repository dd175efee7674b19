import TestSupport
import Testing

@Suite struct `resnetc fmt` {
  private let untidy = "model m(batch=1){return input[batch,3,8,8]|>c:conv(4,3)} # end\n"

  @Test func `prints the canonical form of a file or of standard input`() throws {
    let folder = try TemporaryFolder()
    let canonical = try resnetc("fmt", "-", input: untidy)
    #expect(canonical.code == 0)
    #expect(canonical.output.contains("# end"))
    #expect(
      canonical.output.contains("model m(batch = 1) {\n  return input[batch, 3, 8, 8] |> c: "))
    let file = try folder.file("a.spec", untidy)
    #expect(try resnetc("fmt", file).output == canonical.output)
    #expect(try folder.text(of: "a.spec") == untidy)
    #expect(try resnetc("fmt", "-", input: canonical.output).output == canonical.output)
  }

  @Test func `checks, and rewrites in place`() throws {
    let folder = try TemporaryFolder()
    let file = try folder.file("a.spec", untidy)
    let check = try resnetc("fmt", "--check", file, resnet8)
    #expect(check.code == 1)
    #expect(check.output == file + "\n")
    #expect(try resnetc("fmt", "-i", file).code == 0)
    #expect(try resnetc("fmt", "--check", file).code == 0)
    #expect(try folder.contents() == ["a.spec"])
  }

  @Test func `leaves a file with errors alone, and goes on with the next`() throws {
    let folder = try TemporaryFolder()
    let broken = try folder.file("a.spec", "model m( {")
    let outcome = try resnetc("fmt", "-i", broken, try folder.file("b.spec", untidy))
    #expect(outcome.code == 1)
    #expect(outcome.errors.hasPrefix(broken + ":1:"))
    #expect(try folder.text(of: "a.spec") == "model m( {")
    #expect(try folder.text(of: "b.spec") != untidy)
  }
}
