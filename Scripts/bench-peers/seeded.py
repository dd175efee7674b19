"""Seeded weights and inputs, the same bits as `resnetc --weights seeded` makes.

    h     = FNV-1a-64 of the tensor's name
    z     = splitmix64 output function of h + (i + 1) * 0x9E3779B97F4A7C15   (mod 2^64)
    u     = (z >> 40) / 2^24                                                 in [0, 1)
    value = float32(low + (high - low) * u)      in float64, rounded once

Sources/ModelFiles/SeededWeights.swift has the table of the ranges.
"""

import math

import numpy as np


def tensor(name: str, shape: tuple[int, ...]) -> np.ndarray:
    """The float32 tensor of that name in a PyTorch state dict, or "input"."""
    low, high = _range(name, shape)
    values = low + (high - low) * _uniform(name, math.prod(shape))
    return values.astype(np.float32).reshape(shape)


def _range(name: str, shape: tuple[int, ...]) -> tuple[float, float]:
    if name == "input":
        return -2.0, 2.0
    if name.endswith("running_mean"):
        return -0.1, 0.1
    if name.endswith("running_var"):
        return 0.8, 1.2
    if len(shape) == 1:
        return (-0.1, 0.1) if name.endswith("bias") else (0.4, 0.6)
    bound = math.sqrt(6.0 / math.prod(shape[1:]))
    return -bound, bound


def _uniform(name: str, count: int) -> np.ndarray:
    hashed = 0xCBF29CE484222325
    for byte in name.encode():
        hashed = ((hashed ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    with np.errstate(over="ignore"):
        steps = np.arange(1, count + 1, dtype=np.uint64)
        z = np.uint64(hashed) + steps * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return (z >> np.uint64(40)).astype(np.float64) / float(1 << 24)
