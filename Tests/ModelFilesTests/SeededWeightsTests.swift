import GraphIR
import ModelFiles
import Testing

@Suite struct `Seeded weights` {
  /// Bit patterns of the first four elements and of the last, from an independent implementation
  /// of the definition in NumPy.
  @Test(
    arguments: [
      ("input", [1, 3, 4, 4], [0xbfcd_eac2, 0x3f1c_045c, 0xbf97_be90, 0xbf66_f7fc], 0xbed4_5850),
      (
        "conv1.weight", [64, 3, 7, 7], [0x3c95_337c, 0x3dca_e01f, 0xbe45_652c, 0x3dc3_7529],
        0xbdf8_793e
      ),
      (
        "bn1.running_mean", [64], [0x3d40_0fb6, 0x3ca4_da86, 0x3c09_f1e6, 0x3d99_77ee], 0xbd92_7935
      ),
      ("bn1.running_var", [64], [0x3f87_4941, 0x3f8e_ae89, 0x3f98_1a98, 0x3f7a_4018], 0x3f8d_1f1f),
      ("bn1.weight", [64], [0x3ef1_af55, 0x3f10_9c18, 0x3f03_8adc, 0x3ee6_569d], 0x3efe_6a01),
      ("bn1.bias", [64], [0xbd86_44b8, 0xbdbc_5a4a, 0x3d98_5eba, 0x3d4a_cef6], 0xbcf1_9206),
      ("fc.weight", [10, 64], [0xbc1a_0cf0, 0x3e69_705b, 0x3e18_b501, 0x3dfb_766d], 0xbd71_212c),
    ] as [(String, [Int], [UInt32], UInt32)])
  func `are the same bits as everywhere`(
    name: String, dimensions: [Int], first: [UInt32], last: UInt32
  ) throws {
    let parameter = ParameterSpec(name: name, shape: Shape(dimensions))
    let bits = SeededWeights().values(of: parameter).map(\.bitPattern)
    #expect(bits.count == parameter.shape.elementCount)
    #expect(Array(bits.prefix(4)) == first)
    #expect(bits.last == last)
  }

  @Test func `make the seeded input`() {
    #expect(seededInput([1, 3, 4, 4]).first == -1.6087267398834229)
    #expect(seededInput([0, 3, 4, 4]) == [])
  }
}
