import Diagnostics
import SpecLanguage
import Testing

@Suite struct `The formatter` {
  /// Expects the canonical form of a text, and that this form is its own.
  private func expectForm(
    _ text: String, _ canonical: String, sourceLocation: Testing.SourceLocation = #_sourceLocation
  ) {
    #expect(format(text) == canonical, sourceLocation: sourceLocation)
    #expect(format(canonical) == canonical, sourceLocation: sourceLocation)
  }

  @Test func `sets blanks and breaks, whatever there was`() {
    expectForm(
      """
      import   "a.spec"
      c=[1,2 ,3]
      block  f( x,n=1 ){
      y=x|>conv1:conv( n*2,3,stride:(1 ,2) )|>relu
          if n>1 and not(n==3){return y} else if n<-1 { return x }
         else{ }
      for (a,b) in [(1,2)] { z = a..<b }
      return y if n//2==0
         else x }
      """,
      """
      import "a.spec"
      c = [1, 2, 3]

      block f(x, n = 1) {
        y = x |> conv1: conv(n * 2, 3, stride: (1, 2)) |> relu
        if n > 1 and not (n == 3) {
          return y
        } else if n < -1 {
          return x
        } else {}
        for (a, b) in [(1, 2)] {
          z = a..<b
        }
        return y if n // 2 == 0 else x
      }

      """)
  }

  @Test func `begins a line of a long pipeline at each stage with positional arguments`() {
    expectForm(
      """
      block f(x) {
        return x |> conv1: conv(64, 3, pad: 1) |> bn1: bn(eps: 1e-3) |> relu |> layer{1}.0: conv(64, 3, pad: 1) |> bn
      }
      """,
      """
      block f(x) {
        return x
          |> conv1: conv(64, 3, pad: 1) |> bn1: bn(eps: 1e-3) |> relu
          |> layer{1}.0: conv(64, 3, pad: 1) |> bn
      }

      """)
  }

  @Test func `fills long lists of words and stacks other arguments`() {
    let words = (0..<14).map { "\"label\($0)\"" }
    expectForm(
      "model m() { labels([\(words.joined(separator: ","))]) \n"
        + "return some_block(\"a long argument, so long that\", stride: \"the call does not\", "
        + "pad: \"fit on a line\") }",
      """
      model m() {
        labels([
          "label0", "label1", "label2", "label3", "label4", "label5", "label6", "label7", "label8",
          "label9", "label10", "label11", "label12", "label13",
        ])
        return some_block(
          "a long argument, so long that",
          stride: "the call does not",
          pad: "fit on a line",
        )
      }

      """)
  }

  @Test func `keeps every comment, and one blank line where there were more`() {
    expectForm(
      """
      # File.


      import "a.spec" # why
      # Block.
      block f(x, # the input
        n) { # body
        # first

        y = x # one


        z = [ # list
          1, # a
          # b
          2
          # end
        ]
        w = x # source
          # before
          |> relu # after
          |> relu # last
        v = ( # odd
          1 + # places
          2)
        return y
        # close
      } # tail
      # eof
      """,
      """
      # File.

      import "a.spec"  # why

      # Block.
      block f(
        x,  # the input
        n,
      ) {
        # body
        # first

        y = x  # one

        z = [
          # list
          1,  # a
          # b
          2,
          # end
        ]
        w = x
          # source
          # before
          |> relu  # after
          |> relu  # last
        # odd
        # places
        v = (1 + 2)
        return y
        # close
      }  # tail

      # eof

      """)
  }

  @Test func `leaves a text with errors alone`() {
    let result = formatSpec(SourceFile(path: "net.spec", text: "model"))
    #expect(result.text == nil)
    #expect(result.diagnostics.count == 1)
  }

  @Test func `makes nothing of nothing`() {
    expectForm("\n\n", "")
    expectForm("\n\n# only\n\n", "# only\n")
  }
}
