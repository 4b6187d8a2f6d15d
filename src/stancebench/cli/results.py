"""``stancebench report`` and ``compare``: tables over runs."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stancebench.cli import Commands


def add_result_commands(commands: Commands) -> None:
    """Add ``stancebench report`` and ``stancebench compare``."""
    report = commands.add_parser("report", help="write tables over runs: Markdown, CSV, LaTeX")
    report.add_argument("runs", nargs="*", type=Path, default=[Path("runs")], metavar="FOLDER")
    report.add_argument("--output", type=Path, default=Path("reports"), metavar="FOLDER")
    report.set_defaults(run=_report)

    compare = commands.add_parser("compare", help="show two or more runs side by side")
    compare.add_argument("runs", nargs="+", type=Path, metavar="RUN")
    compare.set_defaults(run=_compare)


def _report(options: argparse.Namespace) -> None:
    from stancebench.report.collect import find_runs
    from stancebench.report.tables import make_tables, write_tables

    runs = find_runs(options.runs)
    written = write_tables(runs, options.output)
    print(make_tables(runs)[0].frame.to_markdown(index=False, disable_numparse=True))
    print(f"{len(runs)} runs, {len(written)} files in {options.output}/")


def _compare(options: argparse.Namespace) -> None:
    from stancebench.report.collect import find_runs
    from stancebench.report.tables import side_by_side

    runs = [run for folder in options.runs for run in find_runs([folder])]
    print(side_by_side(runs).to_markdown(index=False, disable_numparse=True))
