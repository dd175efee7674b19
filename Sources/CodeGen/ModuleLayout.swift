import MachineModel

/// Where each file of a generated module stands, and how its C is compiled.
public struct ModuleLayout: Sendable {
  /// One C file to compile.
  public struct CUnit: Hashable, Sendable {
    /// Relative to the module's folder.
    public var path: String
    /// Those of its instruction set, besides `commonFlags`.
    public var flags: [String]
  }

  /// What every C file is compiled with. What is written is what runs: multiplications and
  /// additions are fused where the code says so and nowhere else.
  public static let commonFlags = [
    "-std=c11", "-O3", "-fPIC", "-fopenmp", "-ffp-contract=off", "-fno-math-errno",
  ]
  /// The version that an artifact bundle has to state; a module and its library are made together,
  /// so it tells nothing.
  static let bundleVersion = "1.0.0"

  public let names: ModuleNames
  public let targetTriple: String
  /// In the order in which the archive holds their objects.
  public let cUnits: [CUnit]

  /// - Parameters:
  ///   - description: of the module.
  ///   - networkSources: the kernels; a C file `csrc/network_NAME.c` is compiled with the flags of
  ///     the instruction set of that name.
  public init(_ description: RuntimeDescription, networkSources: [GeneratedFile]) {
    names = description.names
    targetTriple = description.targetTriple
    var units = ["csrc/model.c", "csrc/team.c", "csrc/weights.c"].map { CUnit(path: $0, flags: []) }
    if description.preprocessing != nil { units.append(CUnit(path: "csrc/pixels.c", flags: [])) }
    units += networkSources.filter { $0.path.hasSuffix(".c") }.map { source in
      let stem = source.path.dropLast(".c".count)
      let isa = description.instructionSets.first { stem.hasSuffix("_" + $0.name) }
      return CUnit(path: source.path, flags: isa?.compilerFlags ?? [])
    }
    cUnits = units
  }

  /// The bundle that Swift packages link.
  public var artifactBundle: String { names.cModule + ".artifactbundle" }
  private var variant: String {
    names.cModule + "-" + Self.bundleVersion + "/" + targetTriple
  }
  /// The static library that the compiled C files go to.
  public var library: String { artifactBundle + "/" + libraryInBundle }
  var libraryInBundle: String { variant + "/lib" + names.cModule + ".a" }
  var includeInBundle: String { variant + "/include" }
  /// The folder with the C header for those who link the library.
  public var include: String { artifactBundle + "/" + includeInBundle }
  /// The packed weights.
  public var weights: String { names.weightsFile }
  /// The folder of the Swift API.
  public var swiftSources: String { "Sources/" + names.module }
}
