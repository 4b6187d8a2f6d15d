"""The command ``stancebench``: what is done with data, models and results; training is ``train.py``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import TypeAlias

from stancebench.errors import UserError

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return the exit status (0, or 1 after a message for the user)."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options) or 0)
    except UserError as fault:
        print(f"stancebench: {fault}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    from stancebench.cli.data import add_data_commands
    from stancebench.cli.models import add_model_commands
    from stancebench.cli.publish import add_publish_commands
    from stancebench.cli.results import add_result_commands
    from stancebench.cli.suite import add_suite_command

    parser = argparse.ArgumentParser(prog="stancebench", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    data = commands.add_parser("data", help="documents, judgements, the dataset")
    add_data_commands(data.add_subparsers(required=True, metavar="COMMAND"))
    add_model_commands(commands)
    add_result_commands(commands)
    add_suite_command(commands)
    add_publish_commands(commands)
    return parser


def entry() -> None:
    """Run the command line and leave with its exit status."""
    sys.exit(main())
