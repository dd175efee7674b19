import CodeGen
import GraphIR
import Pictures
import Testing

/// Preprocessing that leaves the bytes as they are, so that resizing is seen alone.
private func identity(
  _ resize: Preprocessing.Resize, _ order: Preprocessing.ChannelOrder = .rgb
) -> Preprocessing {
  Preprocessing(resize: resize, channelOrder: order, scale: 1)
}

@Suite struct `The generated conversion of pictures` {
  /// `Tests/Data/pictures/NOTICE.md` says what the expected pictures are. JPEG decoders differ by a
  /// level in places, so equality to the bit is asked for below, of noise, and not here.
  @Test(arguments: ["china", "flower"])
  func `agrees with Pillow on photographs`(name: String) throws {
    let photograph = try testPicture("\(name).jpg")
    let expected = try testPicture("\(name)-resize256-crop224.png")
    let pixels = try CompiledPixels(
      identity(.shortSide(256)), input: [1, 3, 224, 224], buffer: .nhwc(width: 224))
    let floats = try #require(pixels.run(photograph, count: 224 * 224 * 3))
    let found = difference(floats.map(UInt8.init), expected.pixels)
    #expect(found.largest <= 2)
    #expect(found.mean < 0.3)
  }

  /// Hashes of what Pillow 13 makes of the noise: resize (bilinear), then crop as torchvision does.
  @Test(
    arguments: [
      (37, 23, .shortSide(17), 12, 16, 0x9dfa_9014_4863_636c),
      (23, 37, .shortSide(17), 17, 17, 0xc9c7_3221_3c66_b693),
      (9, 7, .shortSide(31), 30, 31, 0x51ad_b70a_daf8_3287),
      (301, 5, .shortSide(5), 4, 3, 0x7e37_b6dd_d298_e332),
      (160, 121, .shortSide(32), 32, 32, 0xf916_0911_2329_ebd6),
      (500, 333, .shortSide(9), 8, 7, 0xf141_a5a7_e839_53ed),
      (1, 1, .shortSide(4), 4, 4, 0x9e85_6f61_a805_4725),
      (1, 90, .shortSide(3), 3, 2, 0xe989_bec1_ea12_d29d),
      (37, 23, .exact(Extent(height: 20, width: 31)), 19, 30, 0x94a6_1077_0c3c_4a16),
      (5, 64, .exact(Extent(height: 64, width: 5)), 60, 5, 0xbff6_67c6_f705_f125),
      (20, 15, .none, 10, 10, 0x751f_9548_9a2c_4dfd),
      (21, 16, .none, 10, 10, 0x32a1_9815_339d_b28b),
      (23, 13, .none, 10, 10, 0xe574_b749_206e_aae7),
    ] as [(Int, Int, Preprocessing.Resize, Int, Int, UInt64)])
  func `equals Pillow to the bit`(
    width: Int, height: Int, resize: Preprocessing.Resize, cropHeight: Int, cropWidth: Int,
    hash: UInt64
  ) throws {
    let pixels = try CompiledPixels(
      identity(resize), input: [1, 3, cropHeight, cropWidth], buffer: .nhwc(width: cropWidth))
    let floats = try #require(
      pixels.run(noise(width: width, height: height), count: cropHeight * cropWidth * 3))
    #expect(fnv1a64(floats.map(UInt8.init)) == hash)
  }

  @Test(
    arguments: Preprocessing.ChannelOrder.allCases,
    [.none, .shortSide(7)] as [Preprocessing.Resize])
  func `takes every pixel format, row stride and direction`(
    order: Preprocessing.ChannelOrder, resize: Preprocessing.Resize
  ) throws {
    let pixels = try CompiledPixels(
      identity(resize, order), input: [1, 3, 6, 5], buffer: .nhwc(width: 5))
    let picture = try noise(width: 9, height: 8)
    var expected = try #require(
      CompiledPixels(identity(resize), input: [1, 3, 6, 5], buffer: .nhwc(width: 5))
        .run(picture, count: 90))
    if order == .bgr {
      for i in stride(from: 0, to: 90, by: 3) { expected.swapAt(i, i + 2) }
    }
    for format in CompiledPixels.Format.allCases {
      for bottomUp in [false, true] {
        let step = format == .rgba || format == .bgra ? 4 : 3
        let rowStride = 9 * step + 5
        var bytes = [UInt8](repeating: 77, count: rowStride * 8)
        for y in 0..<8 {
          for x in 0..<9 {
            for c in 0..<3 {
              let place = format == .bgr || format == .bgra ? 2 - c : c
              bytes[(bottomUp ? 7 - y : y) * rowStride + x * step + place] =
                picture.pixels[(y * 9 + x) * 3 + c]
            }
          }
        }
        var out = [Float](repeating: .nan, count: 90)
        let accepted = out.withUnsafeMutableBufferPointer {
          pixels.run(
            bytes, width: 9, height: 8, stride: bottomUp ? -rowStride : rowStride,
            format: format.rawValue, firstByte: bottomUp ? 7 * rowStride : 0, into: $0.baseAddress)
        }
        #expect(accepted)
        #expect(out == expected, "\(format), bottom-up: \(bottomUp)")
      }
    }
  }

  /// The three strides of a buffer with a border of one pixel, in three layouts, each with room for
  /// more channels than three.
  @Test(arguments: [
    RuntimeDescription.InputBuffer(channel: 8 * 7, row: 7, pixel: 1),
    .init(channel: 1, row: 7 * 4, pixel: 4), .init(channel: 1, row: 7 * 8, pixel: 8),
  ])
  func `writes through the buffer's strides and nowhere else`(
    buffer: RuntimeDescription.InputBuffer
  ) throws {
    let picture = try noise(width: 5, height: 6)
    let pixels = try CompiledPixels(identity(.none), input: [1, 3, 6, 5], buffer: buffer)
    let origin = buffer.rowStride + buffer.pixelStride
    var expected = [Float](repeating: -1, count: 8 * 7 * 8)
    for y in 0..<6 {
      for x in 0..<5 {
        for c in 0..<3 {
          let place =
            c * buffer.channelStride + y * buffer.rowStride + x * buffer.pixelStride + origin
          expected[place] = Float(picture.pixels[(y * 5 + x) * 3 + c])
        }
      }
    }
    var out = [Float](repeating: -1, count: 8 * 7 * 8)
    let accepted = out.withUnsafeMutableBufferPointer {
      pixels.run(
        picture.pixels, width: 5, height: 6, stride: 15, into: $0.baseAddress.map { $0 + origin })
    }
    #expect(accepted)
    #expect(out == expected)
  }

  /// Two roundings of float32 (product and sum) of terms below 3: at most 4e-7.
  @Test func `scales, subtracts the mean and divides by the standard deviation`() throws {
    let preprocessing = Preprocessing(
      channelOrder: .bgr, mean: [0.406, 0.456, 0.485], standardDeviation: [0.225, 0.224, 0.229])
    let picture = try noise(width: 16, height: 16)
    let pixels = try CompiledPixels(
      preprocessing, input: [1, 3, 16, 16], buffer: .nchw(height: 16, width: 16))
    let floats = try #require(pixels.run(picture, count: 768))
    for (index, found) in floats.enumerated() {
      let (channel, pixel) = (index / 256, index % 256)
      let byte = Double(picture.pixels[3 * pixel + 2 - channel])
      let expected =
        (byte / 255 - preprocessing.mean[channel]) / preprocessing.standardDeviation[channel]
      #expect(abs(Double(found) - expected) < 4e-7)
    }
  }

  @Test func `refuses pictures it cannot convert`() throws {
    for (resize, smallest) in [(Preprocessing.Resize.none, 6), (.shortSide(6), 1)] {
      let pixels = try CompiledPixels(
        identity(resize), input: [1, 3, 6, 6], buffer: .nhwc(width: 6))
      func accepts(_ width: Int, _ height: Int, stride: Int? = nil, format: Int32 = 0) -> Bool {
        var out = [Float](repeating: 0, count: 108)
        return out.withUnsafeMutableBufferPointer {
          pixels.run(
            [UInt8](repeating: 0, count: 8 * 8 * 4), width: width, height: height,
            stride: stride ?? width * 4, format: format, into: $0.baseAddress)
        }
      }
      #expect(accepts(8, 8))
      #expect(accepts(smallest, 8))
      #expect(!accepts(smallest - 1, 8))
      #expect(!accepts(8, smallest - 1))
      #expect(!accepts(-8, 8))
      #expect(!accepts(8, 1 << 20 + 1))
      #expect(!accepts(8, 8, stride: 23))
      #expect(!accepts(8, 8, stride: -23))
      #expect(!accepts(8, 8, stride: 31, format: 1))
      #expect(!accepts(8, 8, format: 4))
      #expect(!accepts(8, 8, format: -1))
      #expect(pixels.scratchBytes(width: 0, height: 8) == 0)
      #expect(pixels.scratchBytes(width: 8, height: 8) > 0)
    }
  }

  @Test func `is not made for inputs that are no pictures, or from constants that make no sense`()
    throws
  {
    func failure(_ preprocessing: Preprocessing, _ input: Shape) -> PixelsViewError? {
      #expect(throws: PixelsViewError.self) {
        try CompiledPixels(preprocessing, input: input, buffer: .nhwc(width: 1))
      }
    }
    #expect(failure(identity(.none), [1, 1, 8, 8]) != nil)
    #expect(failure(identity(.none), [1, 3]) != nil)
    #expect(failure(Preprocessing(mean: [0]), [1, 3, 8, 8]) != nil)
    #expect(
      failure(identity(.shortSide(7)), [1, 3, 8, 7])
        == .cropLargerThanResized(crop: Extent(height: 8, width: 7), resized: Extent(7)))
    #expect(
      failure(Preprocessing(standardDeviation: [1, 0, 1]), [1, 3, 8, 8])
        == .badConstants(channel: 1))
  }
}
