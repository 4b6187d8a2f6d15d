"""``stancebench report``, ``compare`` and ``rescore``: tables over runs, and their figures."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stancebench.cli import Commands


def add_result_commands(commands: Commands) -> None:
    """Add ``stancebench report``, ``compare`` and ``rescore``."""
    report = commands.add_parser("report", help="write tables over runs: Markdown, CSV, LaTeX")
    report.add_argument("runs", nargs="*", type=Path, default=[Path("runs")], metavar="FOLDER")
    report.add_argument("--output", type=Path, default=Path("reports"), metavar="FOLDER")
    report.set_defaults(run=_report)

    compare = commands.add_parser("compare", help="show two or more runs side by side")
    compare.add_argument("runs", nargs="+", type=Path, metavar="RUN")
    compare.set_defaults(run=_compare)

    rescore = commands.add_parser("rescore", help="compute metrics.json anew from the predictions of runs")
    rescore.add_argument("runs", nargs="+", type=Path, metavar="FOLDER")
    rescore.set_defaults(run=_rescore)


def _rescore(options: argparse.Namespace) -> None:
    from stancebench.report.collect import run_folders
    from stancebench.run import rescore

    for folder in run_folders(options.runs):
        print(f"{folder}: {rescore(folder)}", flush=True)


def _report(options: argparse.Namespace) -> None:
    from stancebench.report.collect import by_protocol, find_runs
    from stancebench.report.tables import make_tables, write_tables

    groups = by_protocol(find_runs(options.runs))
    for protocol, runs in groups.items():
        output = options.output / protocol if len(groups) > 1 else options.output
        written = write_tables(runs, output)
        print(make_tables(runs)[0].frame.to_markdown(index=False, disable_numparse=True))
        print(f"{protocol}: {len(runs)} runs, {len(written)} files in {output}/\n")


def _compare(options: argparse.Namespace) -> None:
    from stancebench.report.collect import find_runs
    from stancebench.report.paired import PAIRED_LEGEND, paired_table
    from stancebench.report.tables import side_by_side

    runs = [run for folder in options.runs for run in find_runs([folder])]
    print(side_by_side(runs).to_markdown(index=False, disable_numparse=True))
    pairs = paired_table(runs)
    if len(pairs):
        print(f"\n{pairs.to_markdown(index=False, disable_numparse=True)}\n\n{PAIRED_LEGEND}")
