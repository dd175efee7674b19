import Testing

@Suite struct `resnetc inspect` {
  private func inspect(_ flags: String...) throws -> String {
    let outcome = try RunningProgram(resnetcPath, ["inspect", resnet8] + flags).wait()
    #expect(outcome.code == 0, "\(outcome.errors)")
    return outcome.output
  }

  @Test func `summarises without flags`() throws {
    let text = try inspect()
    for line in [
      "network     resnet8_cifar10", "input       [1, 3, 32, 32]", "output      [1, 10]",
    ] {
      #expect(text.contains(line + "\n"), "\(text)")
    }
  }

  @Test func `says what fast algorithms add to the weights only where they add anything`() throws {
    let added = try inspect("--isa", "avx2", "--force", "*conv2=winograd4")
    #expect(added.contains(" of it weights, of which fast algorithms add 1."))
    let saved = try inspect(
      "--isa", "avx2", "--accuracy", "relaxed", "--force", "*=direct-float16")
    #expect(saved.contains(" of it weights\n"))
  }

  @Test func `prints the graph before and after passes`() throws {
    #expect(try inspect("--graph").contains("batch_norm"))
    #expect(!(try inspect("--graph-after-passes").contains("batch_norm")))
  }

  @Test func `shows candidates, the choice, the runner-up and that the choice is optimal`() throws {
    let text = try inspect("--layouts")
    #expect(text.contains("layer1.0.conv1: "))
    #expect(text.contains("nchw→blocked "))
    #expect(text.contains("\nchoice "))
    #expect(text.contains("\nrunner-up "))
    #expect(text.contains("The choice is optimal, exactly: solved by reductions alone"))
  }

  @Test func `shows kernels, tiles, loops and costs`() throws {
    let text = try inspect("--plan", "--isa", "avx2", "--no-winograd")
    let line = try #require(text.split(separator: "\n").first { $0.contains(" layer2.0.conv1 ") })
    // 16 · 16 · 32 outputs of 3 · 3 · 16 multiply-adds.
    #expect(line.contains(" 2.36 "))
    #expect(line.contains("direct 3×3/2"))
    #expect(line.contains("ky 3 kx 3 c 16"))
  }

  @Test func `shows the arena against no sharing and the lower bound`() throws {
    let text = try inspect("--memory")
    for word in ["arena", "without sharing", "lower bound", "scratch", "█"] {
      #expect(text.contains(word), "\(word)")
    }
  }

  @Test func `shows the shares of any number of threads`() throws {
    let text = try inspect("--threads-plan", "3")
    #expect(text.contains("3 thread(s)"))
    #expect(text.contains("threads are busy"))
  }
}
