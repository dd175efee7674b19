import KernelPlanning
import MachineModel
import ModuleBuilding

/// The multiply-add rate that a core of this machine reaches, measured around something else: the
/// machine may be slower for a while, and the greater of two measurements is nearer to the truth.
struct FMAPeak {
  /// Operations a second of one thread.
  let operationsPerSecond: Double

  /// Measures, runs `body`, and measures again.
  ///
  /// - Throws: `MachineError`, or what `body` throws.
  static func around<Result>(
    _ instructionSet: InstructionSet, _ body: () throws -> Result
  ) throws -> (FMAPeak, Result) {
    let before = try measureFMAPeak(instructionSet)
    let result = try body()
    let after = try measureFMAPeak(instructionSet)
    return (FMAPeak(operationsPerSecond: max(before, after) * 1e9), result)
  }
}

extension NativeModule {
  /// The part of the plan that the library chose for this processor.
  var variant: Variant {
    get throws {
      let variants = network.plan.variants
      guard let found = variants.first(where: { $0.instructionSet.name == instructionSetName })
      else { throw InputError("the library runs unknown instructions: \(instructionSetName)") }
      return found
    }
  }
}
