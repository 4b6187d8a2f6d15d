"""Read documents: seed files with front matter, and plain articles."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from stancebench.errors import UserError, raise_if
from stancebench.types import Document

FIELDS = ("id", "title", "genre", "date", "language", "provenance", "licence")
#: Licences under which a text may be passed on under Backstop's own, CC BY 4.0; all else stays at home.
REDISTRIBUTABLE = ("CC-BY-4.0", "CC0-1.0")
_ID = re.compile(r"[a-z0-9][a-z0-9-]*")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_FENCE = "---"


def sha256_of(text: str) -> str:
    """Return the hexadecimal SHA-256 of the UTF-8 bytes of `text`."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def read_text(path: Path) -> str:
    r"""Return a file's text, exactly: no newline is translated.

    Raises
    ------
    UserError
        Where the file is missing or not UTF-8, with the byte at fault.
    """
    try:
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        raise UserError(f"{path}: no such file", hint="check the path") from None
    except UnicodeDecodeError as fault:
        raise UserError(
            f"{path}: not UTF-8 (byte {fault.start}: {fault.object[fault.start]:#04x})",
            hint="convert it, for example with `iconv -f WINDOWS-1252 -t UTF-8`",
        ) from None


def read_document(path: Path) -> Document:
    """Read one seed document.

    The file opens with front matter, a line ``---``, one line ``name: value`` for each of
    `FIELDS`, and a line ``---``; the rest is the text, one paragraph a line.

    Raises
    ------
    UserError
        With every fault of the front matter and its line.
    """
    lines = read_text(path).split("\n")
    if lines[0] != _FENCE or _FENCE not in lines[1:]:
        raise UserError(
            f"{path}:1: no front matter",
            hint=f"open the file with {_FENCE}, the lines {', '.join(FIELDS)}, and {_FENCE}",
        )
    end = lines.index(_FENCE, 1)
    values, problems = _front_matter(lines[1:end], path)
    text = "\n".join(lines[end + 1 :]).rstrip("\n")
    if not text.strip():
        problems.append(f"{path}:{end + 2}: the document has no text")
    raise_if(problems, f"{path} is not a seed document", "see CONTRIBUTING.md, “Seed documents”")
    return Document(**values, text=text, sha256=sha256_of(text))


def _front_matter(lines: list[str], path: Path) -> tuple[dict[str, str], list[str]]:
    values: dict[str, str] = {}
    problems = []
    for number, line in enumerate(lines, start=2):
        name, colon, value = line.partition(": ")
        if not colon or not value.strip():
            problems.append(f"{path}:{number}: not of the form `name: value`: {line!r}")
        elif name not in FIELDS:
            problems.append(f"{path}:{number}: unknown field {name!r} (known: {', '.join(FIELDS)})")
        elif name in values:
            problems.append(f"{path}:{number}: {name!r} stands twice")
        else:
            values[name] = value.strip()
    problems += [f"{path}: field {name!r} is missing" for name in FIELDS if name not in values]
    if "id" in values and not _ID.fullmatch(values["id"]):
        problems.append(f"{path}: id {values['id']!r} is not lower-case letters, digits, hyphens")
    if "date" in values and not _DATE.fullmatch(values["date"]):
        problems.append(f"{path}: date {values['date']!r} is not YYYY-MM-DD")
    return values, problems


def read_seeds(folder: Path) -> list[Document]:
    """Read every ``*.txt`` of `folder`, ordered by document id.

    Raises
    ------
    UserError
        With the faults of all files at once, and where two files carry one id.
    """
    documents: dict[str, Document] = {}
    problems = []
    for path in sorted(folder.glob("*.txt")):
        try:
            document = read_document(path)
        except UserError as fault:
            problems += fault.problems or [fault.what]
            continue
        if document.id in documents:
            problems.append(f"{path}: id {document.id!r} is taken by another document")
        documents[document.id] = document
    raise_if(problems, f"{folder}: some seed documents cannot be read")
    return [documents[name] for name in sorted(documents)]


def read_article(path: Path) -> Document:
    """Read a plain text without front matter, such as a news article from outside the project.

    Its id is ``article-`` and the first eight digits of its SHA-256, so that one file has one id.
    """
    text = read_text(path)
    digest = sha256_of(text)
    return Document(
        id=f"article-{digest[:8]}",
        title=path.stem,
        genre="article",
        date="",
        language="en",
        provenance=str(path.name),
        licence="the publisher's; not redistributable",
        text=text,
        sha256=digest,
    )
