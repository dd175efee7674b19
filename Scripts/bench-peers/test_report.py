"""What tables and README say of results that are made up, and which settings are for which rows.
Needs nothing but Python:

    python3 -B -m unittest discover --start-directory Scripts/bench-peers
"""

import copy
import tempfile
import unittest
from pathlib import Path

import markdown
import readme
import report
from variants import Variant, split

COLD = {
    "import_ms": 1.0, "load_ms": 2.0, "first_ms": 12.0, "warm_ms": 10.0, "peak_bytes": 50_000_000,
    "python_bytes": 20_000_000,
}
ALONE = {
    "open_ms": 1.0, "first_ms": 12.0, "warm_ms": 10.0, "peak_bytes": 30_000_000,
    "workspace_bytes": 4_000_000,
}


def engine(milliseconds: float, **others) -> dict:
    return {
        "min_ms": milliseconds, "median_ms": milliseconds + 1, "runs": 9, "difference": 1e-6,
        "cold": dict(COLD), "settings": "as it comes", "precision": "float32", **others,
    }


def results(ours: float, **peers: float) -> dict:
    own = engine(
        ours, flags="", weights_bytes=26_000_000, alone=ALONE, compiler="clang", cflags="-O3"
    )
    result = {
        "machine": {
            "date": "2026-01-02", "processor": "Abacus", "family_model": "1/2", "virtual": False,
            "processors": 2, "features": ["avx2"], "system": "Linux", "python": "3.11",
        },
        "command": 'make bench-peers PEERS="--rounds 2"', "rounds": 2, "seconds": 0.5,
        "versions": {name: {name.lower(): "1.0"} for name in peers},
        "reasons": {name: "No other settings." for name in peers}, "skipped": {},
        "rows": [{
            "model": "resnet50", "batch": 1, "threads": 2, "weights": "float32", "tolerance": 1e-4,
            "flops": 8e9, "peak_gflops": 1000.0, "ours": [own], "inexact": [],
            "peers": {name: engine(time) for name, time in peers.items()},
        }],
    }
    report.derive(result)
    return result


class SettingsTests(unittest.TestCase):
    def test_bound_threads_and_parts_of_a_batch_are_for_several_threads(self):
        variant = Variant("bound", pinned=True, environment={"OMP_PROC_BIND": "true"})
        self.assertTrue(variant.fits(1, 2, "float32"))
        self.assertFalse(variant.fits(1, 1, "float32"))
        parted = split(Variant("as it comes", {"a": 1}))
        self.assertEqual(parted.options, {"a": 1})
        self.assertTrue(parted.fits(8, 2, "float32"))
        for batch, threads in ((1, 2), (8, 1), (3, 2)):
            self.assertFalse(parted.fits(batch, threads, "float32"))


class ReportTests(unittest.TestCase):
    def test_the_ratio_is_that_of_the_fastest_peer(self):
        row = results(10, Slow=30, Fast=15)["rows"][0]
        self.assertEqual(row["fastest_peer"], "Fast")
        self.assertAlmostEqual(row["ours"][0]["ratio"], 1.5)
        self.assertAlmostEqual(row["ours"][0]["gflops"], 800)
        self.assertAlmostEqual(row["peers"]["Slow"]["peak_percent"], 100 * 8 / 30)

    def test_the_largest_peak_measured_counts(self):
        result = results(10, Peer=15)
        result["rows"].append(copy.deepcopy(result["rows"][0]))
        result["rows"][1]["peak_gflops"] = 2000.0
        report.derive(result)
        self.assertAlmostEqual(result["rows"][0]["ours"][0]["peak_percent"], 40)

    def test_it_says_on_how_many_rows_resnetc_is_faster(self):
        self.assertIn("on 1 of 1 rows: by 1.3 times or more on 1, by 1.5 times or more on 0",
                      markdown.standing(results(10, Peer=14)))

    def test_a_faster_peer_is_named_as_a_loss(self):
        self.assertEqual(
            markdown.losses(results(10, Peer=8)),
            "- resnet50, batch 1, 2 threads: Peer takes 8.000 ms, resnetc 10.00 ms.",
        )
        self.assertEqual(markdown.losses(results(10, Peer=14)), "On none of these rows.")

    def test_a_small_lead_is_named(self):
        self.assertEqual(
            markdown.small_leads(results(10, Peer=11, Slow=30)),
            "- resnet50, batch 1, 2 threads: 1.10; Peer takes 11.00 ms, resnetc 10.00 ms.",
        )
        self.assertEqual(markdown.small_leads(results(10, Peer=12)), "On none of these rows.")
        self.assertEqual(markdown.small_leads(results(10, Peer=8)), "On none of these rows.")

    def test_the_summary_has_resnetc_above_the_fastest_peer(self):
        lines = markdown.summary(results(10, Slow=30, Fast=15)).splitlines()
        self.assertEqual(
            lines[-2:],
            [
                "| resnet50 | 1 | 2 | float32 | resnetc | 10.00 | 11.00 | 800 | 80 | 50 | 15.00 |"
                " 1.50 |",
                "|  |  |  |  | Fast | 15.00 | 16.00 | 533 | 53 | 50 | 15.00 |  |",
            ],
        )

    def test_the_report_says_how_it_was_measured(self):
        text = markdown.document(results(10, Peer=15))
        self.assertIn('by `make bench-peers PEERS="--rounds 2"`', text)
        self.assertIn("| Peer | as it comes | all rows |", text)

    def test_less_memory_and_an_earlier_output_are_losses_too(self):
        result = results(10, Peer=14)
        result["rows"][0]["peers"]["Peer"]["cold"] |= {"peak_bytes": 40_000_000, "load_ms": 1.0}
        lines = markdown.losses(result).splitlines()
        self.assertEqual(len(lines), 2)
        self.assertIn("Peer 40.00 MB, resnetc 50.00 MB", lines[0])
        self.assertIn("Peer 14.00 ms, resnetc 15.00 ms", lines[1])

    def test_a_faster_but_inexact_setting_is_named(self):
        result = results(10, Peer=14)
        result["rows"][0]["inexact"] = [{
            "engine": "Peer", "settings": "short numbers", "precision": "bfloat16", "min_ms": 7.0,
            "difference": 3e-3,
        }]
        self.assertIn("Peer would take 7.000 ms in bfloat16, with logits off by 3e-03",
                      markdown.losses(result))

    def test_a_peer_that_fails_leaves_its_cells_empty(self):
        result = results(10, Peer=14, Broken=1)
        result["rows"][0]["peers"]["Broken"] = {"failed": "it has no weights"}
        report.derive(result)
        text = markdown.document(result)
        self.assertIn("| failed |", text)
        self.assertIn("| Broken | failed: it has no weights | all rows |", text)

    def test_the_readme_changes_between_its_marks_only(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "README.md")
            path.write_text(f"before\n{readme.BEGIN}\noutdated\n{readme.END}\nafter\n")
            readme.replace(results(10, Peer=15), path)
            text = path.read_text()
            self.assertTrue(text.startswith(f"before\n{readme.BEGIN}\nMeasured on 2026-01-02"))
            self.assertTrue(text.endswith(f"\n{readme.END}\nafter\n"))
            self.assertNotIn("outdated", text)
            self.assertIn('`make bench-peers PEERS="--rounds 2"`', " ".join(text.split()))
            self.assertIn("| resnet50 | 1 | 2 | float32 | 10.00 | 15.00 | Peer | 1.50 |", text)
            self.assertEqual(list(Path(folder).iterdir()), [path])

    def test_a_readme_without_marks_is_left_alone(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "README.md")
            path.write_text("nothing\n")
            with self.assertRaises(SystemExit):
                readme.replace(results(10, Peer=15), path)
            self.assertEqual(path.read_text(), "nothing\n")


if __name__ == "__main__":
    unittest.main()
