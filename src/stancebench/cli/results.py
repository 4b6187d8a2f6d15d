"""``stancebench report``, ``compare``, ``rescore`` and ``metrics``: tables over runs, and their figures."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stancebench.cli import Commands


def add_result_commands(commands: Commands) -> None:
    """Add ``stancebench report``, ``compare``, ``rescore`` and ``metrics``."""
    report = commands.add_parser("report", help="write tables, figures and a page (report.html) over runs")
    report.add_argument("runs", nargs="*", type=Path, default=[Path("runs")], metavar="FOLDER")
    report.add_argument("--output", type=Path, default=Path("reports"), metavar="FOLDER")
    report.set_defaults(run=_report)

    compare = commands.add_parser("compare", help="models side by side, every pair, and what the target adds")
    compare.add_argument("runs", nargs="+", type=Path, metavar="FOLDER")
    compare.add_argument("--output", type=Path, metavar="FILE", help=".md: the tables; .csv: every pair")
    compare.set_defaults(run=_compare)

    rescore = commands.add_parser("rescore", help="compute metrics.json anew from the predictions of runs")
    rescore.add_argument("runs", nargs="+", type=Path, metavar="FOLDER")
    rescore.set_defaults(run=_rescore)

    metrics = commands.add_parser("metrics", help="list every metric with its definition, range and source")
    metrics.set_defaults(run=_metrics)


def _metrics(options: argparse.Namespace) -> None:
    from stancebench.report.metric_list import metrics_in_markdown

    print(metrics_in_markdown(), end="")


def _rescore(options: argparse.Namespace) -> None:
    from stancebench.report.collect import run_folders
    from stancebench.run import rescore

    for folder in run_folders(options.runs):
        print(f"{folder}: {rescore(folder)}", flush=True)


def _report(options: argparse.Namespace) -> None:
    from stancebench.report.collect import by_protocol, find_runs
    from stancebench.report.figures import draw_across, draw_figures, write_figures
    from stancebench.report.models import folds_apart
    from stancebench.report.page.write import write_page
    from stancebench.report.tables import across_protocols, make_tables, write_across, write_tables

    found = find_runs(options.runs)
    groups = by_protocol(found)
    figures, overviews = {}, {}
    for protocol, runs in groups.items():
        output = options.output / protocol if len(groups) > 1 else options.output
        tables = make_tables(runs)
        if folds_apart(runs) == [""]:
            overviews[protocol] = tables[0]
        figures[protocol] = draw_figures(runs)
        written = write_tables(runs, output, tables) + write_figures(figures[protocol], output)
        print(tables[0].frame.to_markdown(index=False, disable_numparse=True))
        print(f"{protocol}: {len(runs)} runs, {len(written)} files in {output}/\n")
    if len(overviews) > 1:
        write_across(across_protocols(overviews), options.output)
    if across := draw_across(groups):
        figures["all protocols"] = across
        write_figures(across, options.output)
    print(write_page(found, options.output / "report.html", figures))


def _compare(options: argparse.Namespace) -> None:
    from stancebench.report.collect import find_runs
    from stancebench.report.compared import compare_runs, require_suffix, write_comparison
    from stancebench.report.terminal import print_sections

    if options.output:
        require_suffix(options.output)
    sections = compare_runs(find_runs(options.runs))
    print_sections(sections)
    if options.output:
        write_comparison(sections, options.output)
