"""Push a folder to the Hugging Face Hub: one commit and one tag, and nothing that is there already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stancebench.errors import UserError
from stancebench.publish.hub import HUB_FILES, Change, Repository, compare

_AGAIN = "the same command again looks first and does only what is missing"


@dataclass(frozen=True)
class Push:
    """What a push is going to do."""

    repository: Repository
    folder: Path
    #: Version to tag the commit with; ``None``: no tag.
    tag: str | None
    #: Commit that the folder was compared with: the tagged one, else main's; ``None``: there is none.
    head: str | None
    changes: list[Change]
    tagged: bool

    @property
    def commits(self) -> bool:
        """Whether files differ from those on the Hub."""
        return _differ(self.changes)

    @property
    def tags(self) -> bool:
        """Whether the version is not tagged yet."""
        return self.tag is not None and not self.tagged


def plan_push(repository: Repository, folder: Path, tag: str | None = None) -> Push:
    """Look at the Hub and return what a push of `folder` would do; nothing is sent.

    Raises
    ------
    UserError
        Where the Hub cannot be read, or the version `tag` is published with other content.
    """
    try:
        tagged = tag is not None and repository.commit_of(tag) is not None
        there = repository.read(tag if tag and tagged else "main")
    except Exception as fault:  # whatever the client's transport raises
        raise UserError(f"{repository} cannot be read ({_reason(fault)})", hint=_way_on(fault)) from None
    push = Push(repository, folder, tag, there.commit, compare(folder, there), tagged)
    if tagged and push.commits:
        raise UserError(
            f"{repository}: version {tag} is published with other content",
            [f"{change.what}: {change.path}" for change in push.changes if change.what != "unchanged"],
            hint="a published version stays what it is: raise the version",
        )
    return push


def carry_out(push: Push, message: str) -> list[str]:
    """Create the repository where there is none, commit, tag; return what was done, in words.

    Raises
    ------
    UserError
        Where a step failed; it says how the repository was found afterwards.
    """
    done, commit = [], push.head
    if push.commits:
        try:
            commit = _commit(push, message)
            done.append("committed")
        except Exception as fault:  # whatever the client's transport raises
            commit = _arrived(push, fault)
            done.append(f"committed (the answer was lost: {_reason(fault)}; the Hub has every file)")
    if push.tags:
        _tag(push.repository, str(push.tag), commit)
        done.append(f"tagged {push.tag}")
    return done


def _commit(push: Push, message: str) -> str:
    """Send all changes as one commit on top of the one that was compared with; return its hash.

    The client's ``upload_folder`` makes several commits of a large folder, and names no parent.
    """
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete

    id, kind, api = push.repository.id, push.repository.kind, push.repository.api
    head = push.head
    if head is None:
        api.create_repo(id, repo_type=kind)
        head = push.repository.commit_of()
    operations: list[Any] = [
        CommitOperationDelete(change.path)
        if change.what == "removed"
        else CommitOperationAdd(change.path, push.folder / change.path)
        for change in push.changes
        if change.what != "unchanged"
    ]
    sent = api.create_commit(id, operations, commit_message=message, repo_type=kind, parent_commit=head)
    return str(sent.oid)


def _arrived(push: Push, fault: Exception) -> str | None:
    """After a failed commit, return the Hub's commit where it arrived all the same; else raise."""
    what, hint = f"{push.repository}: the commit failed ({_reason(fault)})", _way_on(fault)
    try:
        found = push.repository.read()
    except Exception as second:
        raise UserError(
            f"{what}; whether it arrived is unknown, the Hub cannot be read ({_reason(second)})", hint=_AGAIN
        ) from None
    if not _differ(compare(push.folder, found)):
        return found.commit
    if found.commit is None:
        raise UserError(f"{what}; nothing was published, the repository does not exist", hint=hint)
    if found.commit == push.head:
        raise UserError(f"{what}; nothing was published, the repository is unchanged", hint=hint)
    if push.head is None and found.files.keys() <= HUB_FILES:
        raise UserError(f"{what}; nothing was published, the new repository is empty", hint=hint)
    raise UserError(
        f"{what}; the repository has another commit meanwhile, which is not this push",
        hint="the same command again shows what differs now",
    )


def _tag(repository: Repository, tag: str, commit: str | None) -> None:
    """Tag a commit; where that fails, look whether the tag arrived all the same."""
    try:
        repository.api.create_tag(repository.id, tag=tag, revision=commit, repo_type=repository.kind)
    except Exception as fault:
        what = f"{repository}: every file is published, but not the tag {tag} ({_reason(fault)})"
        try:
            arrived = repository.commit_of(tag) is not None
        except Exception:
            what, arrived = f"{what}; whether it arrived is unknown, the Hub cannot be read", False
        if not arrived:
            raise UserError(what, hint=_AGAIN) from None


def _differ(changes: Sequence[Change]) -> bool:
    return any(change.what != "unchanged" for change in changes)


def _reason(fault: Exception) -> str:
    """Return an error in one line; where one wraps another, as uploads do, the inner one."""
    inner = fault.__cause__ if isinstance(fault, RuntimeError) and fault.__cause__ else fault
    first = next((line for line in str(inner).splitlines() if line.strip()), "no answer")
    return f"{type(inner).__name__}: {first[:160]}"


def _way_on(fault: Exception) -> str:
    status = getattr(getattr(fault, "response", None), "status_code", None)
    if status == 401:
        return "the Hub does not know this token: log in with `hf auth login`, or mend HF_TOKEN"
    if status == 403:
        return "this token may not write there: take one with write access, or another --repo-id"
    return f"try again later; {_AGAIN}"
