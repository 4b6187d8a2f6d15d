"""A repository on the Hugging Face Hub as it stands, and how a folder differs from it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from stancebench.errors import UserError
from stancebench.model.weights import sha256_of_file

if TYPE_CHECKING:
    from huggingface_hub import HfApi

Kind = Literal["dataset", "model"]
What = Literal["new", "changed", "unchanged", "removed"]
#: Seconds of silence after which a request has failed; the client itself would wait for ever.
ANSWER_TIMEOUT = 120.0
#: What the Hub itself puts into a new repository.
HUB_FILES = {".gitattributes"}


class Change(NamedTuple):
    """One file of the folder or of the Hub, its bytes, and how the two differ."""

    path: str
    size: int
    what: What


class Remote(NamedTuple):
    """A revision as it is on the Hub: its commit (``None``: there is none) and its files by path."""

    commit: str | None
    files: dict[str, Any]


class Repository:
    """A dataset's or a model's repository on the Hub.

    Parameters
    ----------
    id : str
        ``USER/NAME``.
    kind : {"dataset", "model"}
    api : HfApi, optional
        The Hub's client; the default takes address and token from its own environment and login.

    Raises
    ------
    UserError
        Where the id is none, or there is no token.
    """

    def __init__(self, id: str, kind: Kind, api: HfApi | None = None) -> None:
        from huggingface_hub import HfApi, get_session, get_token

        self.id, self.kind, self.api = repository_id(id), kind, api or HfApi()
        if not (self.api.token or get_token()):
            raise UserError(
                f"no token of the Hub: {id} cannot be written",
                hint="log in with `hf auth login`, or set HF_TOKEN",
            )
        get_session().timeout = ANSWER_TIMEOUT

    def __str__(self) -> str:
        return f"{self.api.endpoint}/{'datasets/' if self.kind == 'dataset' else ''}{self.id}"

    def commit_of(self, revision: str = "main") -> str | None:
        """Return the commit that a branch or tag points to; ``None`` where there is no such thing."""
        from huggingface_hub.errors import RepositoryNotFoundError, RevisionNotFoundError

        try:
            return self.api.repo_info(self.id, repo_type=self.kind, revision=revision).sha
        except (RepositoryNotFoundError, RevisionNotFoundError):
            return None

    def read(self, revision: str = "main") -> Remote:
        """Return a revision's commit and files."""
        commit = self.commit_of(revision)
        if commit is None:
            return Remote(None, {})
        tree = self.api.list_repo_tree(self.id, recursive=True, revision=commit, repo_type=self.kind)
        return Remote(commit, {entry.path: entry for entry in tree if hasattr(entry, "size")})


def repository_id(id: str) -> str:
    """Return `id`, checked: ``USER/NAME`` as the Hub takes it."""
    from huggingface_hub.errors import HFValidationError
    from huggingface_hub.utils import validate_repo_id  # type: ignore[attr-defined]  # not in __all__

    try:
        validate_repo_id(id)
        if id.count("/") == 1:
            return id
    except HFValidationError:
        pass
    raise UserError(
        f"--repo-id: {id!r} names no repository",
        hint="USER/NAME, of letters, digits, hyphens, dots and underscores",
    )


def compare(folder: Path, remote: Remote) -> list[Change]:
    """Return every file of `folder` and `remote`, sorted by path, with how it differs."""
    local = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    changes = []
    for name, path in local.items():
        there = remote.files.get(name)
        what: What = "new" if there is None else "unchanged" if _same(path, there) else "changed"
        changes.append(Change(name, path.stat().st_size, what))
    gone = remote.files.keys() - local.keys() - HUB_FILES
    changes += [Change(name, remote.files[name].size, "removed") for name in gone]
    return sorted(changes)


def _same(path: Path, there: Any) -> bool:
    """Return whether a local file is the one on the Hub, by size and hash; nothing is downloaded."""
    if path.stat().st_size != there.size:
        return False
    if there.lfs:
        return bool(sha256_of_file(path) == there.lfs.sha256)
    content = path.read_bytes()
    return bool(hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest() == there.blob_id)
