"""``stancebench publish``: the dataset or a trained model as a folder, and to the Hugging Face Hub."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from stancebench.errors import UserError

if TYPE_CHECKING:
    from stancebench.cli import Commands
    from stancebench.publish.hub import Change, Kind, Repository

_EXAMPLES = """examples:
  stancebench publish dataset --repo-id USER/backstop                 only write the folder
  stancebench publish dataset --repo-id USER/backstop --push          show what differs, ask, upload
  stancebench publish model RUN --repo-id USER/stance-roberta --push

The token is the one of `hf auth login` or HF_TOKEN. More: docs/publishing.md.
"""


def add_publish_commands(commands: Commands) -> None:
    """Add ``stancebench publish dataset`` and ``publish model``."""
    publish = commands.add_parser(
        "publish",
        help="write the dataset or a model for the Hugging Face Hub, and upload it",
        description="Write what is to be published to a folder; with --push, upload the folder.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    kinds = publish.add_subparsers(required=True, metavar="KIND")
    dataset = kinds.add_parser("dataset", help="Backstop, with its card and Croissant metadata")
    dataset.set_defaults(run=_dataset)
    model = kinds.add_parser("model", help="a run's fine-tuned transformer, with its card")
    model.add_argument("run_folder", type=Path, metavar="RUN", help="folder of a run")
    model.set_defaults(run=_model)
    for command in (dataset, model):
        command.add_argument("--repo-id", required=True, metavar="USER/NAME", help="repository on the Hub")
        command.add_argument("--output", type=Path, metavar="DIR", help="folder (default: published/NAME)")
        command.add_argument("--push", action="store_true", help="upload the folder")
        command.add_argument("--yes", action="store_true", help="upload without asking")


def _dataset(options: argparse.Namespace) -> None:
    from stancebench.publish.folder import write_dataset_folder

    repository, folder = _places(options, "dataset")
    version = write_dataset_folder(folder, options.repo_id).version
    _publish(folder, repository, version, options.yes)


def _model(options: argparse.Namespace) -> None:
    from stancebench.publish.model import write_model_folder

    repository, folder = _places(options, "model")
    write_model_folder(options.run_folder, options.repo_id, folder)
    _publish(folder, repository, None, options.yes)


def _places(options: argparse.Namespace, kind: Kind) -> tuple[Repository | None, Path]:
    """Return where to push to (``None``: nowhere) and the folder; both are checked before any work."""
    from stancebench.publish.hub import Repository, repository_id

    name = repository_id(options.repo_id).partition("/")[2]
    folder = options.output.resolve() if options.output else Path("published") / name
    return Repository(options.repo_id, kind) if options.push else None, folder


def _publish(folder: Path, repository: Repository | None, version: str | None, yes: bool) -> None:
    """Show the folder and, where there is a `repository`, push it."""
    from stancebench.publish.hub import Remote, compare
    from stancebench.publish.push import carry_out, plan_push

    if repository is None:
        _print_tree(str(folder), compare(folder, Remote(None, {})), compared=False)
        print("Nothing was sent; --push uploads it.")
        return
    push = plan_push(repository, folder, version)
    _print_tree(f"{folder} → {push.repository}", push.changes, compared=True)
    if not (push.commits or push.tags):
        print("All of it is published already; nothing to do.")
        return
    steps = [*(["commit"] if push.commits else []), *([f"tag {version}"] if push.tags else [])]
    if not yes and not _agrees(f"{' and '.join(steps)} at {push.repository}? [y/N] "):
        print("Nothing was sent.")
        return
    message = f"Version {version}" if version else "Model of a stancebench run"
    print(f"{push.repository}: {', '.join(carry_out(push, message))}")


def _agrees(question: str) -> bool:
    try:
        return input(question).strip().lower() in ("y", "yes")
    except EOFError:
        raise UserError("nobody to ask: nothing was sent", hint="--yes uploads without asking") from None


def _print_tree(title: str, changes: Sequence[Change], compared: bool) -> None:
    """Print the files as a tree with their sizes and, where `compared`, how they differ from the Hub's."""
    from rich.console import Console
    from rich.filesize import decimal
    from rich.text import Text
    from rich.tree import Tree

    tree = Tree(Text(title))
    branches = {Path(): tree}
    for change in changes:
        path = Path(change.path)
        for parent in reversed(path.parents):
            if parent not in branches:
                branches[parent] = branches[parent.parent].add(Text(f"{parent.name}/"))
        what = f"  {change.what}" if compared else ""
        branches[path.parent].add(Text(f"{path.name}  {decimal(change.size)}{what}"))
    Console().print(tree, soft_wrap=True)
    total = decimal(sum(change.size for change in changes if change.what != "removed"))
    print(f"{sum(change.what != 'removed' for change in changes)} files, {total}")
