"""The results of a run, for programs and for readers."""

import datetime
import json
import os
import platform
from pathlib import Path


def machine() -> dict:
    """What was measured on, and when."""
    info = {}
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        name, _, value = line.partition(":")
        info.setdefault(name.strip(), value.strip())
    flags = info.get("flags", info.get("Features", "")).split()
    wanted = ("avx2", "fma", "avx512f", "avx512_bf16", "amx_tile", "asimd")
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


def ratio(row: dict, own: dict) -> float | None:
    peer = fastest_peer(row)
    return peer[1] / own["min_ms"] if peer else None


def one_line(row: dict) -> str:
    peer = fastest_peer(row)
    against = f"fastest peer {peer[1]:.3f} ms ({peer[0]}), ratio " if peer else "no peer"
    parts = [
        f"{own['flags'] or 'resnetc'} {own['min_ms']:.3f} ms"
        + (f" = {ratio(row, own):.2f}" if peer else "")
        for own in row["ours"]
    ]
    return against + "; ".join(parts)


def save(result: dict, folder: Path) -> None:
    """Writes Benchmarks.json and Benchmarks.md."""
    # The most that was measured for a number of threads: less is the work of other programs.
    peaks: dict[int, float] = {}
    for row in result["rows"]:
        peaks[row["threads"]] = max(row["peak_gflops"], peaks.get(row["threads"], 0))
    for row in result["rows"]:
        row["peak_gflops"] = peaks[row["threads"]]
        peer = fastest_peer(row)
        row["fastest_peer"] = peer[0] if peer else None
        for own in row["ours"]:
            own["ratio"] = ratio(row, own)
            own["gflops"] = row["flops"] / own["min_ms"] * 1e-6
            own["peak_percent"] = 100 * own["gflops"] / row["peak_gflops"]
    (folder / "Benchmarks.json").write_text(json.dumps(result, indent=1) + "\n")
    (folder / "Benchmarks.md").write_text(markdown(result))


def markdown(result: dict) -> str:
    sections = [heading(result), times(result), footprint(result), settings(result)]
    return "\n".join(sections)


def heading(result: dict) -> str:
    host = result["machine"]
    virtual = ", a virtual machine" if host["virtual"] else ""
    processor = f"{host['processor']} (family/model {host['family_model']}"
    lines = [
        "# Benchmarks",
        "",
        f"Measured on {host['date']} by `make bench-peers`, which measures yours.",
        "",
        f"- Machine: {host['processors']} × {processor}, {' '.join(host['features'])}){virtual};"
        f" {host['system']}, Python {host['python']}",
        f"- {result['rounds']} round(s); in each, every engine has a turn of {result['seconds']} s"
        " in a process of its own, which is stopped otherwise. All are called from Python.",
        "- float32 weights, input, output and arithmetic; the same seeded weights for all; logits"
        " of all within 1e-3 × the largest of PyTorch's in float64. How far they are is below.",
        "",
    ]
    return "\n".join(lines)


def table(head: list[str], rows: list[list[str]]) -> str:
    lines = ["| " + " | ".join(cells) + " |" for cells in [head, *rows]]
    lines.insert(1, "|---" * len(head) + "|")
    return "\n".join(lines) + "\n"


def network_cells(row: dict) -> list[str]:
    return [row["model"], str(row["batch"]), str(row["threads"])]


def own_name(own: dict) -> str:
    return f"resnetc `{own['flags']}`" if own["flags"] else "resnetc"


def times(result: dict) -> str:
    rows = result["rows"]
    peers = list(dict.fromkeys(name for row in rows for name in row["peers"]))
    labels = [own_name(own) for own in rows[0]["ours"]]
    head = ["Network", "Batch", "Threads", *labels, *peers]
    head += [f"Ratio{f' {i + 1}' if len(labels) > 1 else ''}" for i in range(len(labels))]

    def cell(entry: dict, bold: bool = False) -> str:
        if "failed" in entry:
            return "failed"
        mark = "**" if bold else ""
        return f"{mark}{number(entry['min_ms'])}{mark} / {number(entry['median_ms'])}"

    body = []
    for row in rows:
        best = fastest_peer(row)
        body.append(
            network_cells(row)
            + [cell(own) for own in row["ours"]]
            + [cell(row["peers"][name], bool(best) and name == best[0]) for name in peers]
            + [f"{ratio(row, own):.2f}" if best else "" for own in row["ours"]]
        )
    losses = [
        f"{row['model']} (batch {row['batch']}, {row['threads']} thread(s)"
        + (f", {own['flags']}" if own["flags"] else "") + ")"
        for row in rows for own in row["ours"] if (ratio(row, own) or 2) < 1
    ]
    lost = "resnetc loses on " + ", ".join(losses) if losses else "resnetc loses on none of these"
    return (
        "## Time of an inference\n\nMilliseconds, least / median; the fastest peer is bold. Ratio:"
        " the least of the fastest peer ÷ the least of resnetc.\n\n"
        + table(head, body) + f"\n{lost}.\n"
    )


def footprint(result: dict) -> str:
    body = []
    for row in result["rows"]:
        for own in row["ours"]:
            gflops = row["flops"] / own["min_ms"] * 1e-6
            body.append(
                network_cells(row)
                + ([f"`{own['flags']}`"] if len(row["ours"]) > 1 else [])
                + [
                    f"{gflops:.0f}", f"{row['peak_gflops']:.0f}",
                    f"{100 * gflops / row['peak_gflops']:.0f} %",
                    f"{own['weights_bytes'] / 1e6:.1f}", f"{own['peak_bytes'] / 1e6:.1f}",
                    number(own["open_ms"]), number(own["first_ms"]), number(own["warm_ms"]),
                ]
            )
    several = ["Options"] if len(result["rows"][0]["ours"]) > 1 else []
    head = [
        "Network", "Batch", "Threads", *several, "GFLOP/s", "Peak", "Of peak", "Weights, MB",
        "Memory, MB", "Open, ms", "First, ms", "Warm, ms",
    ]
    return (
        "## resnetc alone\n\nGFLOP/s of the definition's arithmetic (Winograd's algorithm does"
        " less, and so can pass 100 %); the FMA peak measured on as many threads. Then a C program"
        " that runs the network in a fresh process: its weights, memory resident at most, opening"
        " the model with its checksum, first inference, a warm one; the least of five processes,"
        " files in the page cache.\n\n" + table(head, body)
    )


def settings(result: dict) -> str:
    lines = ["## Versions and settings", ""]
    first = result["rows"][0]["ours"][0]
    flags = " or ".join(f"`{own['flags']}`" for own in result["rows"][0]["ours"] if own["flags"])
    off = max(own["difference"] for row in result["rows"] for own in row["ours"])
    lines += [
        f"- **resnetc**: options {flags or 'by default'}; {first['compiler']}, `{first['cflags']}`"
        f" and the flags of each instruction set. Logits at most {off:.1e} off"
    ]
    for name, found in result["versions"].items():
        packages = ", ".join(f"{package} {version}" for package, version in found.items())
        peers = [row["peers"].get(name, {}) for row in result["rows"]]
        off = max((peer["difference"] for peer in peers if "difference" in peer), default=None)
        logits = f" Logits at most {off:.1e} off." if off is not None else ""
        lines.append(f"- **{name}**: {packages}.{logits} The fastest of its settings, and where:")
        places: dict[str, list[str]] = {}
        for row, peer in zip(result["rows"], peers):
            text = f"failed: {peer['failed']}" if "failed" in peer else peer.get("settings", "")
            place = f"{row['model']} b{row['batch']} t{row['threads']}"
            places.setdefault(text, []).append(place)
        for text, where in places.items():
            every = len(where) == len(result["rows"])
            lines.append(f"  - {text}: {'all' if every else ', '.join(where)}")
    for name, reason in result["skipped"].items():
        lines.append(f"- **{name}**: {reason}")
    return "\n".join(lines) + "\n"


def number(value: float) -> str:
    """Three or four significant digits."""
    if value >= 100:
        return f"{value:.1f}"
    return f"{value:.2f}" if value >= 10 else f"{value:.3f}"
