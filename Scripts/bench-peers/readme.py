"""The results of a run in README.md, between two marks."""

import sys
import textwrap
from pathlib import Path

import markdown
import report

WIDTH = 110
BEGIN, END = "<!-- benchmarks -->", "<!-- /benchmarks -->"


def section(result: dict) -> str:
    """A row for each of the run's, with the fastest peer alone, and where resnetc loses or leads
    by little."""
    several = len(result["rows"][0]["ours"]) > 1
    body = []
    for row in result["rows"]:
        peer = row["fastest_peer"]
        for own in row["ours"]:
            body.append(
                [
                    row["model"], str(row["batch"]), str(row["threads"]),
                    row["weights"] + (f" `{own['flags']}`" if several else ""),
                    markdown.number(own["min_ms"]),
                    markdown.number(row["peers"][peer]["min_ms"]) if peer else "",
                    peer or "", markdown.ratio(own),
                ]
            )
    head = [*markdown.ROW_HEAD, "resnetc, ms", "Fastest peer, ms", "which", "Ratio"]
    versions = ", ".join(
        f"{name} {next(iter(found.values()))}" for name, found in result["versions"].items()
    )
    introduction = textwrap.fill(
        f"Measured on {result['machine']['date']} on {markdown.machine_name(result)}, by"
        f" `{result['command']}`: all engines in one run, by turns, with the same weights and"
        " logits that agree; the least time of each, and of each peer the fastest of its settings. Peers:"
        f" {versions}. [Benchmarks.md](Benchmarks.md) has the whole report: all engines' times,"
        " rates, memory, cold starts, versions and settings.", WIDTH, break_on_hyphens=False,
    )
    standing = textwrap.fill(markdown.standing(result), WIDTH)
    return (
        f"{introduction}\n\n{markdown.table(head, body)}\n{standing}\n\nWhere we lose:\n\n"
        f"{wrapped(markdown.losses(result))}\n\nWhere the lead is small, under"
        f" {markdown.SMALL:g}:\n\n{wrapped(markdown.small_leads(result))}\n"
    )


def wrapped(items: str) -> str:
    """A list's lines, filled."""
    return "\n".join(
        textwrap.fill(line, WIDTH, subsequent_indent="  ") for line in items.splitlines()
    )


def replace(result: dict, path: Path) -> None:
    """Puts the section between the marks of a file, which is replaced whole."""
    text = path.read_text()
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        sys.exit(f"error: {path} lacks the marks {BEGIN} and {END}, each on a line, in that order")
    report.write(path, f"{before}{BEGIN}\n{section(result)}{END}{after}")
