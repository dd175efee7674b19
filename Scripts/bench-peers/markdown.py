"""The results of a run as Markdown."""

# Ratios worth counting rows by.
STEPS = (1.3, 1.5, 2.0)
# A lead below this ratio is a small one.
SMALL = 1.2


def document(result: dict) -> str:
    sections = [
        "# Benchmarks\n\n" + circumstances(result), summary(result), times(result), rates(result),
        fresh(result), alone(result), other_precisions(result), settings(result),
    ]
    return "\n".join(section for section in sections if section)


def circumstances(result: dict) -> str:
    seconds, rounds = result["seconds"], result["rounds"]
    return (
        f"Measured on {result['machine']['date']} by `{result['command']}`, which measures"
        " yours.\n\n"
        f"- Machine: {machine_name(result)}.\n"
        "- All engines get the same seeded weights, batch norm folded in, and the same input, in"
        " float32, and give float32; with float16 weights an engine may store and compute in 16"
        " bits. Before they are timed, the logits are compared with PyTorch's in float64: a setting"
        f" counts if none differs by more than {tolerance(result)} of the largest and each image"
        " gets the same class.\n"
        f"- They take turns: in each of {rounds} rounds every one runs alone for {seconds:g} s,"
        " stopped otherwise, in an order that rotates.\n"
    )


def tolerance(result: dict) -> str:
    found = {row["weights"]: row["tolerance"] for row in result["rows"]}
    return " or ".join(f"{value:g} (weights in {weights})" for weights, value in found.items())


def machine_name(result: dict) -> str:
    host = result["machine"]
    virtual = ", a virtual machine" if host["virtual"] else ""
    return (
        f"{host['processors']} × {host['processor']} (family/model {host['family_model']},"
        f" {' '.join(host['features'])}){virtual}; {host['system']}"
    )


def summary(result: dict) -> str:
    """resnetc and the fastest peer of each row, one under the other."""

    def cells(entry: dict) -> list[str]:
        cold = entry.get("cold", {"failed": ""})
        first = ["", ""] if "failed" in cold else [
            f"{cold['peak_bytes'] / 1e6:.0f}", number(first_output(cold))
        ]
        return [
            number(entry["min_ms"]), number(entry["median_ms"]), f"{entry['gflops']:.0f}",
            f"{entry['peak_percent']:.0f}", *first,
        ]

    body = []
    for row in result["rows"]:
        for own, label in zip(row["ours"], own_labels(result)):
            body.append([*row_cells(row), label, *cells(own), ratio(own)])
        if peer := row["fastest_peer"]:
            body.append(["", "", "", "", peer, *cells(row["peers"][peer]), ""])
    head = [
        *ROW_HEAD, "Engine", "Least, ms", "Median, ms", "GFLOP/s", "% of peak", "Memory, MB",
        "First output, ms", "Ratio",
    ]
    return (
        "## Summary\n\nresnetc, and the fastest peer in the line below. Ratio: the least time of"
        " the peer ÷ that of resnetc. Memory and first output are those of a fresh Python process. The"
        " tables after this one have all peers, and say what is measured.\n\n" + table(head, body)
    )


def times(result: dict) -> str:
    peers = peer_names(result)
    labels = own_labels(result)
    ratios = ["Ratio"] if len(labels) == 1 else [f"Ratio {i + 1}" for i in range(len(labels))]

    def cell(row: dict, name: str) -> str:
        peer = row["peers"].get(name, {"failed": ""})
        if "failed" in peer:
            return "failed" if peer["failed"] else ""
        mark = "**" if name == row["fastest_peer"] else ""
        return f"{mark}{number(peer['min_ms'])}{mark} / {number(peer['median_ms'])}"

    body = [
        row_cells(row)
        + [f"{number(own['min_ms'])} / {number(own['median_ms'])}" for own in row["ours"]]
        + [cell(row, name) for name in peers]
        + [ratio(own) for own in row["ours"]]
        for row in result["rows"]
    ]
    return (
        "## Time of an inference\n\nMilliseconds, least / median; the fastest peer is bold. Ratio:"
        " the least of the fastest peer ÷ the least of resnetc.\n\n"
        + table(ROW_HEAD + labels + peers + ratios, body)
        + f"\n{standing(result)}\n\n### Where we lose\n\n{losses(result)}\n\n### Where the lead is"
        f" small, under {SMALL:g}\n\n{small_leads(result)}\n"
    )


def rates(result: dict) -> str:
    peers = peer_names(result)

    def cell(entry: dict) -> str:
        if "gflops" not in entry:
            return ""
        return f"{entry['gflops']:.0f} ({entry['peak_percent']:.0f} %)"

    body = [
        row_cells(row) + [f"{row['peak_gflops']:.0f}"] + [cell(own) for own in row["ours"]]
        + [cell(row["peers"].get(name, {})) for name in peers]
        for row in result["rows"]
    ]
    scaling = two_threads(result)
    return (
        "## GFLOP/s and part of the peak\n\nOf the arithmetic by definition: Winograd's algorithm"
        " does less, and so can pass 100 %. The peak is that of fused multiply-adds in float32,"
        " measured on as many threads.\n\n"
        + table(ROW_HEAD + ["Peak"] + own_labels(result) + peers, body)
        + (f"\n{scaling}\n" if scaling else "")
    )


def two_threads(result: dict) -> str:
    """How much faster two threads are than one, where both were measured."""
    found: dict[tuple, dict[int, dict]] = {}
    for row in result["rows"]:
        key = row["model"], row["batch"], row["weights"]
        found.setdefault(key, {})[row["threads"]] = row
    parts = []
    for (model, batch, _), by_threads in found.items():
        if {1, 2} <= set(by_threads):
            one, two = by_threads[1], by_threads[2]
            own = one["ours"][0]["min_ms"] / two["ours"][0]["min_ms"]
            peers = [
                f"{name} {one['peers'][name]['min_ms'] / peer['min_ms']:.2f}"
                for name, peer in two["peers"].items()
                if "min_ms" in peer and "min_ms" in one["peers"].get(name, {})
            ]
            parts.append(f"{model}, batch {batch}: resnetc {own:.2f}, " + ", ".join(peers))
    return "Two threads over one: " + "; ".join(parts) + "." if parts else ""


def fresh(result: dict) -> str:
    peers = peer_names(result)

    def cells(entry: dict) -> tuple[str, str, str]:
        cold = entry.get("cold", {"failed": ""})
        if "failed" in cold:
            return "", "", ""
        return (
            f"{cold['peak_bytes'] / 1e6:.0f}",
            f"{number(cold['import_ms'])} + {number(cold['load_ms'])} + {number(cold['first_ms'])}",
            f"{cold['first_ms'] / cold['warm_ms']:.2f}",
        )

    tables = []
    for index, title in enumerate([
        "Memory resident at most, MB", "Milliseconds to the first output: import + load + inference",
        "First inference ÷ warm one",
    ]):
        body = [
            row_cells(row) + [cells(own)[index] for own in row["ours"]]
            + [cells(row["peers"].get(name, {}))[index] for name in peers]
            for row in result["rows"]
        ]
        tables.append(f"{title}:\n\n" + table(ROW_HEAD + own_labels(result) + peers, body))
    baseline = min(
        (
            entry["cold"]["python_bytes"] for row in result["rows"] for entry in row["ours"]
            if "failed" not in entry["cold"]
        ), default=0,
    )
    return (
        "## A fresh process\n\nA Python process that imports one engine and loads and runs one"
        " model, with the settings that were fastest; the median of three, with files in the page"
        f" cache. Python and NumPy alone take {baseline / 1e6:.0f} MB of the memory, and what"
        " starting them takes is not in the times.\n\n" + "\n".join(tables)
    )


def alone(result: dict) -> str:
    several = len(own_labels(result)) > 1
    body = []
    for row in result["rows"]:
        for own in row["ours"]:
            found = own["alone"]
            body.append(
                row_cells(row) + ([f"`{own['flags']}`"] if several else [])
                + [
                    f"{own['weights_bytes'] / 1e6:.1f}", f"{found['workspace_bytes'] / 1e6:.1f}",
                    f"{found['peak_bytes'] / 1e6:.1f}", number(found["open_ms"]),
                    number(found["first_ms"]), number(found["warm_ms"]),
                    f"{found['first_ms'] / found['warm_ms']:.2f}",
                ]
            )
    head = ROW_HEAD + (["Options"] if several else []) + [
        "Weights, MB", "Plan, MB", "Memory, MB", "Open, ms", "First, ms", "Warm, ms",
        "First ÷ warm",
    ]
    return (
        "## resnetc without Python\n\nA C program that runs the network in a fresh process: its"
        " weights; the memory that its plan has for activations; memory resident at most; opening"
        " the model, with its checksum; the first inference; a warm one. The median of"
        " five processes, files in the page cache.\n\n" + table(head, body)
    )


def other_precisions(result: dict) -> str:
    body = [
        row_cells(row)
        + [
            entry["engine"], entry["precision"], number(entry["min_ms"]),
            f"{entry['difference']:.1e}", number(row["ours"][0]["min_ms"]),
        ]
        for row in result["rows"] for entry in row["inexact"]
    ]
    if not body:
        return ""
    return (
        "## Faster, but not as exact\n\nSettings that do not count, since their logits are further"
        " off than the row allows; timed alone for a moment.\n\n"
        + table(ROW_HEAD + ["Engine", "Precision", "Least, ms", "Logits off by", "resnetc"], body)
    )


def settings(result: dict) -> str:
    lines = ["## Versions and settings", ""]
    fastest: list[list[str]] = []
    first = result["rows"][0]["ours"][0]
    flags = {own["flags"] for row in result["rows"] for own in row["ours"]}
    options = " or ".join(f"`{text}`" if text else "none" for text in sorted(flags))
    lines.append(
        "- **resnetc**: compiled with `--threads` and `--set batch` of each row; further options of"
        f" `resnetc compile`: {options}; {first['compiler']},"
        f" `{first['cflags']}` and the flags of each instruction set."
        f" {agreement(result, lambda row: row['ours'])}"
    )
    for name, found in result["versions"].items():
        packages = ", ".join(f"{package} {version}" for package, version in found.items())
        logits = agreement(result, lambda row, name=name: [row["peers"].get(name, {})])
        lines.append(f"- **{name}**: {packages}. {logits} {result['reasons'][name]}")
        places: dict[str, list[str]] = {}
        for row in result["rows"]:
            peer = row["peers"].get(name, {})
            text = f"failed: {peer['failed']}" if "failed" in peer else peer.get("settings", "")
            place = f"{row['model']} b{row['batch']} t{row['threads']}"
            places.setdefault(text, []).append(
                place + (" float16" if row["weights"] == "float16" else "")
            )
        for text, where in places.items():
            every = len(where) == len(result["rows"])
            fastest.append([name, text, "all rows" if every else ", ".join(where)])
    for name, reason in result["skipped"].items():
        lines.append(f"- **{name}**: {reason}")
    head = ["Engine", "Settings", "Where"]
    return "\n".join(lines) + (
        "\n\nThe fastest settings of each peer, and where they were; b is the batch and t the"
        " number of threads:\n\n" + table(head, fastest) if fastest else "\n"
    )


def agreement(result: dict, entries) -> str:
    """The largest difference of logits, for each format of weights."""
    parts = []
    for weights in ("float32", "float16"):
        found = [
            entry["difference"] for row in result["rows"] if row["weights"] == weights
            for entry in entries(row) if "difference" in entry
        ]
        if found:
            parts.append(f"{max(found):.1e} in rows with {weights} weights")
    return f"Logits are at most off by {', by '.join(parts)}." if parts else ""


def standing(result: dict) -> str:
    """On how many rows resnetc is faster than every peer, and by how much."""
    ratios = [own["ratio"] for row in result["rows"] for own in row["ours"] if own["ratio"]]
    if not ratios:
        return "No peer was measured."
    parts = [f"by {step:g} times or more on {sum(r >= step for r in ratios)}" for step in STEPS]
    faster = sum(r > 1 for r in ratios)
    return (
        f"resnetc is faster than every peer on {faster} of {len(ratios)} rows: {', '.join(parts)}."
    )


def losses(result: dict) -> str:
    """Where a peer is faster, takes less memory or gives its first output sooner; and where one
    would be faster that is less exact."""
    lines = []
    for row in result["rows"]:
        for own in row["ours"]:
            if own["ratio"] and own["ratio"] <= 1:
                peer = row["peers"][row["fastest_peer"]]
                lines.append(
                    f"- {row_name(row)}: {row['fastest_peer']} takes {number(peer['min_ms'])} ms,"
                    f" resnetc {number(own['min_ms'])} ms."
                )
            lines += cold_losses(row, own)
    for row in result["rows"]:
        own = min(own["min_ms"] for own in row["ours"])
        for entry in row["inexact"]:
            if entry["min_ms"] < own:
                lines.append(
                    f"- {row_name(row)}: {entry['engine']} would take {number(entry['min_ms'])} ms"
                    f" in {entry['precision']}, with logits off by {entry['difference']:.0e};"
                    f" resnetc takes {number(own)} ms."
                )
    return "\n".join(lines) if lines else "On none of these rows."


def cold_losses(row: dict, own: dict) -> list[str]:
    """What a peer does better in a fresh process."""
    lines = []
    measures = [
        ("memory in a fresh process", "MB", lambda cold: cold["peak_bytes"] * 1e-6),
        ("first output of a fresh process", "ms", first_output),
    ]
    for name, unit, measure in measures:
        peers = {
            peer: measure(entry["cold"]) for peer, entry in row["peers"].items()
            if "failed" not in entry.get("cold", {"failed": ""})
        }
        if not peers or "failed" in own["cold"]:
            continue
        best = min(peers, key=peers.get)
        if peers[best] < measure(own["cold"]):
            lines.append(
                f"- {row_name(row)}, {name}: {best} {number(peers[best])} {unit}, resnetc"
                f" {number(measure(own['cold']))} {unit}."
            )
    return lines


def small_leads(result: dict) -> str:
    """Where resnetc is the fastest, but not by much."""
    lines = [
        f"- {row_name(row)}: {ratio(own)}; {row['fastest_peer']} takes"
        f" {number(row['peers'][row['fastest_peer']]['min_ms'])} ms, resnetc"
        f" {number(own['min_ms'])} ms."
        for row in result["rows"] for own in row["ours"]
        if own["ratio"] and 1 < own["ratio"] < SMALL
    ]
    return "\n".join(lines) if lines else "On none of these rows."


def first_output(cold: dict) -> float:
    """Milliseconds of a fresh process to its first output, but for starting Python."""
    return sum(cold[part] for part in ("import_ms", "load_ms", "first_ms"))


def row_name(row: dict) -> str:
    half = ", float16 weights" if row["weights"] == "float16" else ""
    threads = "1 thread" if row["threads"] == 1 else f"{row['threads']} threads"
    return f"{row['model']}, batch {row['batch']}, {threads}{half}"


ROW_HEAD = ["Network", "Batch", "Threads", "Weights"]


def row_cells(row: dict) -> list[str]:
    return [row["model"], str(row["batch"]), str(row["threads"]), row["weights"]]


def peer_names(result: dict) -> list[str]:
    return list(result["versions"])


def own_labels(result: dict) -> list[str]:
    """One for each set of options; what a row's weights add is not repeated."""
    ours = result["rows"][0]["ours"]
    if len(ours) == 1:
        return ["resnetc"]
    return [f"resnetc `{own['flags']}`" if own["flags"] else "resnetc" for own in ours]


def ratio(own: dict) -> str:
    return f"{own['ratio']:.2f}" if own["ratio"] else ""


def table(head: list[str], body: list[list[str]]) -> str:
    def line(cells: list[str]) -> str:
        return "| " + " | ".join(cells) + " |\n"

    # Numbers to the right.
    words = ("Weights", "Engine", "Precision", "Options", "which", "Settings", "Where")
    rule = ["---"] + ["---" if name in words else "---:" for name in head[1:]]
    return line(head) + line(rule) + "".join(line(cells) for cells in body)


def number(value: float) -> str:
    """Three or four significant digits."""
    if value >= 100:
        return f"{value:.1f}"
    return f"{value:.2f}" if value >= 10 else f"{value:.3f}"
