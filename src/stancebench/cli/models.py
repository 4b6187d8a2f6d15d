"""``stancebench predict``, ``search`` and ``models``: saved models, hyper-parameters, the list of models."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from stancebench.errors import UserError
from stancebench.registry import suggest

if TYPE_CHECKING:
    from stancebench.cli import Commands


def add_model_commands(commands: Commands) -> None:
    """Add ``stancebench predict``, ``search`` and ``models``."""
    predict = commands.add_parser("predict", help="label texts with the model that a run kept")
    predict.add_argument("run_folder", type=Path, metavar="RUN", help="folder of a run")
    predict.add_argument(
        "file",
        nargs="?",
        metavar="FILE",
        help="CSV or Parquet with columns text, target; - for lines of stdin",
    )
    predict.add_argument("--text", action="append", default=[], help="a sentence (may be repeated)")
    predict.add_argument(
        "--target",
        action="append",
        default=[],
        metavar="ID",
        help="default: every target of the training data",
    )
    predict.add_argument("--fold", help="which fold's model, where the run has several")
    predict.add_argument(
        "--output", type=Path, metavar="FILE", help="CSV or Parquet (default: CSV to stdout)"
    )
    predict.set_defaults(run=_predict)

    search = commands.add_parser("search", help="search hyper-parameters on the validation part")
    search.add_argument(
        "overrides", nargs="+", metavar="KEY=VALUE", help="as for train.py, and budget=20, overwrite=true"
    )
    search.set_defaults(run=_search)

    models = commands.add_parser("models", help="list every model with its size, source and expected score")
    models.add_argument("--output", type=Path, metavar="FILE", help="write the list as Markdown")
    models.set_defaults(run=_models)


def _predict(options: argparse.Namespace) -> None:
    from stancebench.predict import label_rows, rows_of, rows_of_file, write_rows
    from stancebench.saved import load

    if bool(options.text) == bool(options.file):
        raise UserError(
            "nothing to label, or two things", hint="give either --text SENTENCE or FILE (- for stdin)"
        )
    model = load(options.run_folder, options.fold)
    for target in sorted(set(options.target) - set(model.targets)):
        hint = suggest(target, list(model.targets))
        print(f"target {target!r} is not of the training data, read as words; {hint}", file=sys.stderr)
    targets = options.target or list(model.targets)
    if options.text:
        rows = rows_of(options.text, targets)
    elif options.file == "-":
        rows = rows_of([line.strip() for line in sys.stdin if line.strip()], targets)
    else:
        rows = rows_of_file(Path(options.file), options.target)
    sys.stdout.write(write_rows(label_rows(model, rows), options.output))


def _search(options: argparse.Namespace) -> int:
    from stancebench.search import main

    return main(options.overrides)


def _models(options: argparse.Namespace) -> None:
    from stancebench.catalogue import as_markdown, read_catalogue
    from stancebench.files import write_atomically

    text = as_markdown(read_catalogue())
    if options.output:
        write_atomically(options.output, text)
    else:
        sys.stdout.write(text)
