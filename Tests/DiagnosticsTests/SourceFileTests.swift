import Diagnostics
import Testing

@Suite struct `A source file` {
  @Test func `counts lines and characters from one`() {
    let file = SourceFile(path: "a.spec", text: "ab\r\n×é👍c\n")
    let places = [0, 1, 3, 4, 6, 8, 12, 13, 14, 99].map(file.location(of:))
    #expect(
      places.map { [$0.line, $0.column] } == [
        [1, 1], [1, 2], [1, 4], [2, 1], [2, 2], [2, 3], [2, 4], [2, 5], [3, 1], [3, 1],
      ])
  }

  @Test func `gives lines without their ends`() {
    let file = SourceFile(path: "a.spec", text: "ab\r\n\n×c")
    #expect((1...4).map(file.line) == ["ab", "", "×c", ""])
    #expect(file.lineCount == 3)
    #expect(SourceFile(path: "a.spec", text: "a\n").lineCount == 1)
    #expect(SourceFile(path: "a.spec", text: "").lineCount == 1)
  }

  @Test func `gives the text of a range`() {
    let file = SourceFile(path: "a.spec", text: "a×b")
    #expect(file.text(in: SourceRange(file: "a.spec", lower: 1, upper: 3)) == "×")
    #expect(file.text(in: SourceRange(file: "a.spec", lower: 3, upper: 99)) == "b")
    #expect(file.text(in: SourceRange(file: "a.spec", lower: -5, upper: -9)) == "")
  }
}
