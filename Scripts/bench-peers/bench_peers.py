"""Measures resnetc beside other inference engines on this machine, in one run.

Every engine gets the same network with the same seeded weights, and has to give the same logits.
Then they take turns: in each round every one runs alone for a while, in a process that is stopped
otherwise, and the order rotates. Of each peer the fastest of its settings counts: all are tried on
the same network just before, and those that come near the best take part. Run it by `make
bench-peers`.
"""

import argparse
import json
import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

import markdown
import readme
import report
import rows
from bench import Bench, say
from engines import resnetc_engine as ours


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="make bench-peers", description=__doc__.split("\n\n")[0],
        epilog="Example: make bench-peers PEERS='--quick --rounds 5'",
    )
    rows.add_options(parser)
    parser.add_argument(
        "--peers", metavar="NAMES", help="some of onnxruntime, openvino, torch, ncnn, mnn only"
    )
    parser.add_argument("--rounds", type=int, default=10, help="turns of each engine (10)")
    parser.add_argument("--seconds", type=float, default=0.5, help="of each turn (0.5)")
    parser.add_argument(
        "--output", type=Path, default=ours.ROOT / ".build/bench-peers",
        help="folder for Benchmarks.md and Benchmarks.json (.build/bench-peers)",
    )
    parser.add_argument(
        "--readme", action="store_true",
        help="write the whole report to Benchmarks.md beside README.md, and the main figures to"
        " README.md, between its marks, in place of what is there",
    )
    parser.add_argument(
        "--saved", action="store_true",
        help="measure nothing; write the tables of the Benchmarks.json that is in the folder",
    )
    return parser.parse_args()


def command() -> str:
    """What measures the same again."""
    arguments = shlex.join(word for word in sys.argv[1:] if word != "--readme")
    flags = os.environ.get("RESNETC_FLAGS")
    return (
        (f"RESNETC_FLAGS={shlex.quote(flags)} " if flags else "") + "make bench-peers"
        + (f' PEERS="{arguments}"' if arguments else "")
    )


def measured_peak(threads: int) -> float:
    """GFLOP/s of fused multiply-adds on that many threads, as `resnetc bench` measures it."""
    command = [
        ours.RESNETC, "bench", ours.ROOT / "Specs/resnet8-cifar10.spec", "--weights", "seeded",
        "--threads", str(threads), "--runs", "20", "--json",
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"error: resnetc bench failed: {done.stderr.strip()}")
    result = json.loads(done.stdout)
    return result["gflops"] / result["peak_fraction"]


def measure(options: argparse.Namespace) -> dict:
    """All rows, saved after each network, so that an interrupted run leaves what it had."""
    wanted = rows.chosen(options)
    with tempfile.TemporaryDirectory(prefix="bench-peers-") as folder:
        # Compiled code stays in the run's folder, and compiling starts no helper processes.
        os.environ["TORCHINDUCTOR_CACHE_DIR"] = f"{folder}/inductor"
        os.environ["TORCHINDUCTOR_COMPILE_THREADS"] = "1"
        names = options.peers.split(",") if options.peers is not None else None
        bench = Bench(
            names, options.rounds, options.seconds, Path(folder), options.output / "engines.log"
        )
        result = {
            "machine": report.machine(), "rounds": options.rounds, "seconds": options.seconds,
            "command": command(), "versions": bench.versions, "reasons": bench.reasons,
            "skipped": bench.skipped,
            "rows": [],
        }
        groups: dict[tuple[str, int], list[rows.Row]] = {}
        for row in wanted:
            groups.setdefault((row.model, row.batch), []).append(row)
        for group in groups.values():
            measured = bench.group(group)
            for row in measured:
                row["peak_gflops"] = measured_peak(row["threads"])
                say(f"  {markdown.row_name(row)}: {report.one_line(row)}")
            result["rows"] += measured
            report.derive(result)
            report.save(result, options.output)
    return result


def main() -> None:
    options = arguments()
    options.output.mkdir(parents=True, exist_ok=True)
    if options.saved:
        path = options.output / "Benchmarks.json"
        if not path.exists():
            sys.exit(f"error: there is no {path}; measure without --saved first")
        result = json.loads(path.read_text())
        result.setdefault("command", "make bench-peers")
        report.save(result, options.output)
    else:
        result = measure(options)
    print((options.output / "Benchmarks.md").read_text())
    say(f"saved in {options.output}")
    if options.readme:
        readme.replace(result, ours.ROOT / "README.md")
        report.write(ours.ROOT / "Benchmarks.md", markdown.document(result))
        say("README.md and Benchmarks.md have the new figures")


if __name__ == "__main__":
    main()
