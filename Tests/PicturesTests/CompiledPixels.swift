import CodeGen
import Foundation
import GraphIR
import Pictures

/// The rendered `pixels.c`, compiled by the system's compiler and loaded into this process.
final class CompiledPixels {
  struct Failure: Error {
    var message: String
  }

  /// How the bytes of one pixel are ordered, by the numbers of the generated enum.
  enum Format: Int32, CaseIterable {
    case rgb, rgba, bgr, bgra
  }

  private typealias ScratchBytes = @convention(c) (Int32, Int32) -> Int
  private typealias Convert =
    @convention(c) (
      UnsafePointer<UInt8>?, Int32, Int32, Int, Int32, UnsafeMutableRawPointer?,
      UnsafeMutablePointer<Float>?
    ) -> Int32

  private let folder: URL
  private let library: UnsafeMutableRawPointer
  private let scratch: ScratchBytes
  private let convert: Convert

  init(
    _ preprocessing: Preprocessing, input: Shape, buffer: RuntimeDescription.InputBuffer
  ) throws {
    let view = try PixelsView(
      preprocessing, inputShape: input, buffer: buffer, names: try ModuleNames(model: "net"),
      banner: ["Written by a test."])
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "pixels-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    func write(_ name: String, _ text: String) throws {
      try Data(text.utf8).write(to: folder.appending(path: name))
    }
    try write("internal.h", Self.header)
    try write("pixels.c", try TemplateRenderer().render("pixels.c", view))
    try write("entry.c", Self.entry)

    let compiler = Process()
    compiler.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    compiler.arguments =
      ["cc", "-std=c99", "-O1", "-Wall", "-Wextra", "-Werror", "-pedantic", "-ffp-contract=off"]
      + ["-shared", "-fPIC", "-o", "pixels.so", "pixels.c", "entry.c"]
    compiler.currentDirectoryURL = folder
    let output = Pipe()
    compiler.standardError = output
    try compiler.run()
    let messages = output.fileHandleForReading.readDataToEndOfFile()
    compiler.waitUntilExit()
    guard compiler.terminationStatus == 0 else {
      throw Failure(message: String(decoding: messages, as: UTF8.self))
    }
    guard let library = dlopen(folder.appending(path: "pixels.so").path, RTLD_NOW | RTLD_LOCAL),
      let scratchBytes = dlsym(library, "net_picture_scratch_bytes"),
      let convert = dlsym(library, "convert")
    else { throw Failure(message: String(cString: dlerror())) }
    self.folder = folder
    self.library = library
    self.scratch = unsafeBitCast(scratchBytes, to: ScratchBytes.self)
    self.convert = unsafeBitCast(convert, to: Convert.self)
  }

  deinit {
    dlclose(library)
    try? FileManager.default.removeItem(at: folder)
  }

  func scratchBytes(width: Int, height: Int) -> Int {
    scratch(Int32(width), Int32(height))
  }

  /// Converts a picture into `out`, whose first element is channel 0 of pixel (0, 0).
  ///
  /// - Returns: whether the arguments were accepted.
  func run(
    _ pixels: [UInt8], width: Int, height: Int, stride: Int, format: Int32 = 0,
    firstByte: Int = 0, into out: UnsafeMutablePointer<Float>?
  ) -> Bool {
    let count = max(scratchBytes(width: width, height: height), 1)
    // A guard behind the memory shows whether more was written than the C function asked for.
    let scratch = UnsafeMutableRawPointer.allocate(byteCount: count + 64, alignment: 64)
    defer { scratch.deallocate() }
    scratch.initializeMemory(as: UInt8.self, repeating: 0xA5, count: count + 64)
    let status = pixels.withUnsafeBufferPointer { pixels in
      convert(
        pixels.baseAddress.map { $0 + firstByte }, Int32(width), Int32(height), stride, format,
        scratch, out)
    }
    let intact = (count..<(count + 64)).allSatisfy {
      scratch.load(fromByteOffset: $0, as: UInt8.self) == 0xA5
    }
    return status == 0 && intact
  }

  /// Converts a picture to a dense image of `count` elements.
  func run(_ picture: Picture, count: Int) -> [Float]? {
    var out = [Float](repeating: .nan, count: count)
    let accepted = out.withUnsafeMutableBufferPointer {
      run(
        picture.pixels, width: picture.width, height: picture.height, stride: picture.width * 3,
        into: $0.baseAddress)
    }
    return accepted ? out : nil
  }

  /// What a module's headers declare for `pixels.c`.
  private static let header = """
    #include <stddef.h>
    #include <stdint.h>
    typedef enum net_status { NET_OK = 0, NET_ERROR_PICTURE = 1 } net_status;
    typedef enum net_pixel_format { NET_RGB, NET_RGBA, NET_BGR, NET_BGRA } net_pixel_format;
    typedef struct net_picture {
      const uint8_t *pixels;
      int width;
      int height;
      ptrdiff_t row_stride;
      net_pixel_format format;
    } net_picture;
    size_t net_picture_scratch_bytes(int width, int height);
    net_status net_convert_picture(const net_picture *picture, void *scratch, float *image);

    """

  /// An entry without structs, which Swift cannot lay out as C does.
  private static let entry = """
    #include "internal.h"
    int convert(
        const uint8_t *pixels, int width, int height, ptrdiff_t stride, int format, void *scratch,
        float *image);
    int convert(
        const uint8_t *pixels, int width, int height, ptrdiff_t stride, int format, void *scratch,
        float *image) {
      const net_picture picture = {pixels, width, height, stride, (net_pixel_format)format};
      return (int)net_convert_picture(&picture, scratch, image);
    }

    """
}

extension RuntimeDescription.InputBuffer {
  /// The strides of a buffer; the place of the image in it is of no interest here.
  init(channel: Int, row: Int, pixel: Int) {
    self.init(
      offset: 0, byteCount: 0, originOffset: 0, imageStride: 0, channelStride: channel,
      rowStride: row, pixelStride: pixel)
  }

  static func nchw(height: Int, width: Int) -> Self {
    Self(channel: height * width, row: width, pixel: 1)
  }

  static func nhwc(width: Int) -> Self {
    Self(channel: 1, row: 3 * width, pixel: 3)
  }
}
