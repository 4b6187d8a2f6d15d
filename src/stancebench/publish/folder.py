"""The folder of the published dataset: exactly what would be uploaded, written whole or not at all."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path
from typing import NamedTuple

from stancebench.dataset.backstop import VERSION
from stancebench.errors import UserError
from stancebench.paths import project_root
from stancebench.publish.check import SOURCES, check_publishable
from stancebench.publish.configurations import configurations, write_configuration
from stancebench.publish.croissant import croissant
from stancebench.publish.facts import facts
from stancebench.publish.figures import label_figures
from stancebench.publish.hub import repository_id
from stancebench.publish.metadata import metadata
from stancebench.publish.release import read_release
from stancebench.publish.texts import TEXTS, render, sources_table, table_rows

CHECKSUMS = "SHA256SUMS"


class DatasetFolder(NamedTuple):
    """A written folder: the dataset's semantic version, and the size in bytes of each file by its path."""

    folder: Path
    version: str
    files: dict[str, int]


def write_dataset_folder(folder: Path, repo_id: str) -> DatasetFolder:
    """Write what would be uploaded for the dataset to `folder`.

    The same data give the same bytes. Everything is checked by `check_publishable` before it stands
    at `folder`.

    Parameters
    ----------
    folder : Path
        Replaced whole where an earlier call wrote it.
    repo_id : str
        ``USER/NAME`` of the dataset on the Hub, which the card and its examples name.

    Raises
    ------
    UserError
        Where the data do not hold, something in them must not be published, or `folder` holds
        something else.
    """
    repository_id(repo_id)
    if not _is_ours(folder):
        raise UserError(f"{folder}: holds something else", hint="name another folder with --output")
    partial, old = (folder.with_name(f".{folder.name}.{os.getpid()}.{end}") for end in ("partial", "old"))
    try:
        _write(partial, repo_id)
        check_publishable(partial)
        if folder.exists():
            folder.rename(old)
        partial.rename(folder)
    finally:
        for left in (partial, old):
            shutil.rmtree(left, ignore_errors=True)
    sizes = {_name(path, folder): path.stat().st_size for path in _files(folder)}
    return DatasetFolder(folder, VERSION, sizes)


def _is_ours(folder: Path) -> bool:
    """Return whether a folder may be replaced: there is none, it is empty, or it is a written dataset."""
    if not folder.exists():
        return True
    return folder.is_dir() and (not any(folder.iterdir()) or (folder / SOURCES).is_file())


def _write(folder: Path, repo_id: str) -> None:
    release = read_release()
    known = facts(release)
    (folder / "figures").mkdir(parents=True)
    tables = configurations(release)
    files = {table.name: write_configuration(folder, table) for table in tables}
    figures = label_figures(release)
    for figure in figures:
        (folder / "figures" / f"{figure.name}.png").write_bytes(figure.png)
    values = {**known, **table_rows(known, tables, files, figures), "repo_id": repo_id}
    texts = {name: render(name, values) for name in TEXTS}
    texts["README.md"] = metadata(tables, files) + texts["README.md"]
    texts["GUIDELINE.md"] = (project_root() / "docs" / "annotation.md").read_text(encoding="utf-8")
    texts[SOURCES] = sources_table(release)
    texts["croissant.json"] = croissant(folder, repo_id, known, tables, files)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    (folder / CHECKSUMS).write_text(_checksums(folder), encoding="utf-8")


def _checksums(folder: Path) -> str:
    """Return the lines that ``sha256sum -c`` reads."""
    digests = {_name(path, folder): hashlib.sha256(path.read_bytes()).hexdigest() for path in _files(folder)}
    return "".join(f"{digest}  {name}\n" for name, digest in digests.items())


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _name(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix()
