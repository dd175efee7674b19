"""The results of a run: what follows from the times, and the files for programs and readers."""

import datetime
import json
import os
import platform
from pathlib import Path

import markdown


def machine() -> dict:
    """What was measured on, and when."""
    info = {}
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        name, _, value = line.partition(":")
        info.setdefault(name.strip(), value.strip())
    flags = info.get("flags", info.get("Features", "")).split()
    wanted = ("avx2", "fma", "avx512f", "avx512_bf16", "avx512_fp16", "amx_tile", "asimd")
    try:
        system = platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        system = platform.system()
    return {
        "date": datetime.date.today().isoformat(),
        "processor": info.get("model name", platform.machine()),
        "family_model": f"{info.get('cpu family', '?')}/{info.get('model', '?')}",
        "virtual": "hypervisor" in flags,
        "processors": os.cpu_count(),
        "features": [flag for flag in wanted if flag in flags],
        "system": system,
        "python": platform.python_version(),
    }


def fastest_peer(row: dict) -> tuple[str, float] | None:
    """The name and the least time of the fastest peer."""
    times = [(peer["min_ms"], name) for name, peer in row["peers"].items() if "min_ms" in peer]
    return min(times)[::-1] if times else None


def derive(result: dict) -> None:
    """Adds to each row what follows from its times: rates, ratios, the fastest peer."""
    # The most that was measured for a number of threads: less is the work of other programs.
    peaks: dict[int, float] = {}
    for row in result["rows"]:
        peaks[row["threads"]] = max(row["peak_gflops"], peaks.get(row["threads"], 0))
    for row in result["rows"]:
        row["peak_gflops"] = peaks[row["threads"]]
        peer = fastest_peer(row)
        row["fastest_peer"] = peer[0] if peer else None
        for entry in [*row["ours"], *row["peers"].values()]:
            if "min_ms" in entry:
                entry["gflops"] = row["flops"] / entry["min_ms"] * 1e-6
                entry["peak_percent"] = 100 * entry["gflops"] / row["peak_gflops"]
        for own in row["ours"]:
            own["ratio"] = peer[1] / own["min_ms"] if peer else None


def one_line(row: dict) -> str:
    peer = fastest_peer(row)
    times = ", ".join(
        f"resnetc {own['flags']}".strip() + f" {own['min_ms']:.3f} ms"
        + (f", ratio {peer[1] / own['min_ms']:.2f}" if peer else "")
        for own in row["ours"]
    )
    return f"{times}; " + (f"fastest peer {peer[1]:.3f} ms, {peer[0]}" if peer else "no peer")


def save(result: dict, folder: Path) -> None:
    """Writes Benchmarks.json and Benchmarks.md, each whole or not at all."""
    write(folder / "Benchmarks.json", json.dumps(result, indent=1) + "\n")
    write(folder / "Benchmarks.md", markdown.document(result))


def write(path: Path, text: str) -> None:
    new = path.with_name(f".{path.name}.{os.getpid()}")
    new.write_text(text)
    new.replace(path)
