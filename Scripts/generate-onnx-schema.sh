#!/usr/bin/env bash
# Writes Sources/OnnxSchema/onnx.pb.swift anew from the onnx.proto beside it. Needs protoc, and builds
# the Swift generator of swift-protobuf (1.39.0, or the version given) below .build.
set -euo pipefail
cd "$(dirname "$0")/.."

version=${1:-1.39.0}
checkout=.build/swift-protobuf-$version
if [ ! -d "$checkout" ]; then
  git clone --quiet --depth 1 --branch "$version" https://github.com/apple/swift-protobuf "$checkout"
fi
swift build --package-path "$checkout" --product protoc-gen-swift
protoc --plugin="$checkout/.build/debug/protoc-gen-swift" \
  --proto_path=Sources/OnnxSchema --swift_out=Sources/OnnxSchema --swift_opt=Visibility=Package \
  onnx.proto
