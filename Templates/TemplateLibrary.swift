/// The index of the templates that generated files are made from.
///
/// A template is a file `c/NAME.mustache` or `swift/NAME.mustache` in this folder, embedded in the
/// compiler's own binary, and is known by NAME: `model.c`, `tile.c`. A partial refers to it by the
/// same name: `{{> tile.c}}`. A new file needs one line here; a test compares this list with the
/// folder.
public enum TemplateLibrary {
  /// Every template's text by its name.
  public static let all: [String: String] = embedded.mapValues {
    String(decoding: $0, as: UTF8.self)
  }

  private static let embedded: [String: [UInt8]] = [
    "api.h": PackageResources.api_h_mustache,
    "banner.c": PackageResources.banner_c_mustache,
    "concatenation.c": PackageResources.concatenation_c_mustache,
    "convolution.c": PackageResources.convolution_c_mustache,
    "convolution_pool.c": PackageResources.convolution_pool_c_mustache,
    "copy.c": PackageResources.copy_c_mustache,
    "elementwise.c": PackageResources.elementwise_c_mustache,
    "filling.c": PackageResources.filling_c_mustache,
    "global_pool.c": PackageResources.global_pool_c_mustache,
    "grouped.c": PackageResources.grouped_c_mustache,
    "grouped_spread.c": PackageResources.grouped_spread_c_mustache,
    "grouped_tile.c": PackageResources.grouped_tile_c_mustache,
    "halo.c": PackageResources.halo_c_mustache,
    "info.json": PackageResources.info_json_mustache,
    "internal.h": PackageResources.internal_h_mustache,
    "Makefile": PackageResources.Makefile_mustache,
    "model.c": PackageResources.model_c_mustache,
    "module.modulemap": PackageResources.module_modulemap_mustache,
    "network.c": PackageResources.network_c_mustache,
    "pixels.c": PackageResources.pixels_c_mustache,
    "pool.c": PackageResources.pool_c_mustache,
    "pooled_linear.c": PackageResources.pooled_linear_c_mustache,
    "rearrangement.c": PackageResources.rearrangement_c_mustache,
    "softmax.c": PackageResources.softmax_c_mustache,
    "team.c": PackageResources.team_c_mustache,
    "team.h": PackageResources.team_h_mustache,
    "tile.c": PackageResources.tile_c_mustache,
    "tile_factors.c": PackageResources.tile_factors_c_mustache,
    "tile_shape.c": PackageResources.tile_shape_c_mustache,
    "vector.c": PackageResources.vector_c_mustache,
    "weights.c": PackageResources.weights_c_mustache,
    "weights.h": PackageResources.weights_h_mustache,
    "winograd.c": PackageResources.winograd_c_mustache,
    "winograd_band.c": PackageResources.winograd_band_c_mustache,
    "winograd_input.c": PackageResources.winograd_input_c_mustache,
    "winograd_lean.c": PackageResources.winograd_lean_c_mustache,
    "winograd_lean_tiles.c": PackageResources.winograd_lean_tiles_c_mustache,
    "winograd_multiply.c": PackageResources.winograd_multiply_c_mustache,
    "winograd_pool.c": PackageResources.winograd_pool_c_mustache,
    "winograd_transforms.c": PackageResources.winograd_transforms_c_mustache,
    "banner.swift": PackageResources.banner_swift_mustache,
    "Classification.swift": PackageResources.Classification_swift_mustache,
    "Context+Pictures.swift": PackageResources.Context_Pictures_swift_mustache,
    "Context.swift": PackageResources.Context_swift_mustache,
    "Model.swift": PackageResources.Model_swift_mustache,
    "ModelError.swift": PackageResources.ModelError_swift_mustache,
    "Package.swift": PackageResources.Package_swift_mustache,
    "Picture.swift": PackageResources.Picture_swift_mustache,
  ]
}
