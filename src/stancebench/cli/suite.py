"""``stancebench suite``: a saved model on perturbed test sentences, contrast edits and tagged phenomena."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from stancebench.errors import UserError

if TYPE_CHECKING:
    from stancebench.cli import Commands


def add_suite_command(commands: Commands) -> None:
    """Add ``stancebench suite``."""
    suite = commands.add_parser("suite", help="score the model that a run kept on the challenge suite")
    suite.add_argument("runs", nargs="+", type=Path, metavar="RUN", help="folder of a run")
    suite.add_argument("--fold", help="which fold, where the runs have several")
    suite.add_argument("--output", type=Path, metavar="FOLDER", help="default: RUN/suite; of one RUN only")
    suite.set_defaults(run=_suite)


def _suite(options: argparse.Namespace) -> None:
    from stancebench.challenge.command import run_suite
    from stancebench.challenge.table import as_markdown, side_by_side

    if options.output and len(options.runs) > 1:
        raise UserError("--output: one folder for several runs", hint="leave it out, or name one RUN")
    contents = [run_suite(run, options.fold, options.output) for run in options.runs]
    if len(contents) == 1:
        print(as_markdown(contents[0]))
    else:
        print(side_by_side(contents).to_markdown(index=False, disable_numparse=True))
