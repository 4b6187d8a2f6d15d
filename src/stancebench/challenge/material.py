"""What was written for the suite, in ``data/challenge``: other wordings, swapped names, moved clauses."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from stancebench.corpus.judgements import read_rows
from stancebench.errors import UserError, raise_if
from stancebench.paths import project_root
from stancebench.types import Target

#: How many other wordings each target has.
WORDINGS = 5


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Wording(_Row):
    """Another name and definition of a target."""

    name: str
    definition: str


class Replacement(_Row):
    """A sentence in which one passage is replaced."""

    sentence_id: str
    old: str
    new: str

    def applied_to(self, text: str) -> str:
        """Return the new text; a `ValueError` where it does not follow from `text`."""
        if text.count(self.old) != 1:
            raise ValueError(f"{self.old!r} stands {text.count(self.old)} times in the sentence, not once")
        if self.old == self.new:
            raise ValueError("nothing is replaced")
        return text.replace(self.old, self.new)


class Reordered(_Row):
    """A sentence with its clauses in another order: the same words."""

    sentence_id: str
    text: str

    def applied_to(self, text: str) -> str:
        """Return the new text; a `ValueError` where it is not `text` in another order."""
        if self.text == text:
            raise ValueError("the order is the sentence's own")
        if _words(self.text) != _words(text):
            raise ValueError("not the words of the sentence")
        return self.text


#: The files of new texts, by the name of the perturbation.
_SCHEMAS: dict[str, type[Replacement] | type[Reordered]] = {
    "names_to_roles": Replacement,
    "roles_to_names": Replacement,
    "clause_order": Reordered,
}


class Material(NamedTuple):
    """The written part of the suite.

    `wordings` has `WORDINGS` of each target, by its id; `texts` the new text of each sentence that has
    one, by perturbation and sentence id; `real_words` are words that no typing error may make.
    """

    wordings: dict[str, list[Wording]]
    texts: dict[str, dict[str, str]]
    real_words: frozenset[str]


def challenge_folder() -> Path:
    """Return the folder of the written part of the suite."""
    return project_root() / "data" / "challenge"


def read_material(targets: Sequence[Target], sentences: Mapping[str, str]) -> Material:
    """Read and check ``data/challenge``.

    Parameters
    ----------
    targets : sequence of t Target
        All targets of the examples.
    sentences : mapping of str to str
        The text of every sentence by its id.

    Raises
    ------
    UserError
        Where a file is missing, a target lacks wordings, or a row does not fit its sentence; with
        every fault and its place.
    """
    folder = challenge_folder()
    files = ["wordings.yaml", "real_words.txt", *(f"{name}.jsonl" for name in _SCHEMAS)]
    missing = [name for name in files if not (folder / name).is_file()]
    raise_if(missing, f"{folder}: files of the challenge suite are missing", "restore them from the clone")
    problems: list[str] = []
    wordings = _read_wordings(folder / files[0], targets, problems)
    texts = {name: _read_texts(folder, name, sentences, problems) for name in _SCHEMAS}
    raise_if(problems, f"{folder}: the challenge suite does not hold", "docs/challenge.md says what must")
    lines = (folder / files[1]).read_text(encoding="utf-8").splitlines()
    words = (word for line in lines if not line.startswith("#") for word in line.split())
    return Material(wordings, texts, frozenset(words))


def _read_texts(folder: Path, name: str, sentences: Mapping[str, str], problems: list[str]) -> dict[str, str]:
    """Return the new texts of a perturbation by sentence id; what does not hold is added to `problems`."""
    rows, faults = read_rows(folder / f"{name}.jsonl", _SCHEMAS[name])
    problems += faults
    texts: dict[str, str] = {}
    for place, row in rows:
        if row.sentence_id not in sentences:
            problems.append(f"{place}: unknown sentence {row.sentence_id}")
        elif row.sentence_id in texts:
            problems.append(f"{place}: {row.sentence_id} stands twice")
        else:
            try:
                texts[row.sentence_id] = row.applied_to(sentences[row.sentence_id])
            except ValueError as fault:
                problems.append(f"{place}: {fault}")
    return texts


def _read_wordings(path: Path, targets: Sequence[Target], problems: list[str]) -> dict[str, list[Wording]]:
    """Return the wordings by target; what does not hold is added to `problems`."""
    import yaml

    try:
        schema = TypeAdapter(dict[str, list[Wording]])
        wordings = schema.validate_python(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (yaml.YAMLError, ValidationError) as fault:
        raise UserError(
            f"{path}: not a list of wordings for each target ({fault})",
            hint="each has a name and a definition",
        ) from None
    for target in targets:
        own = wordings.get(target.id, [])
        if len(own) != WORDINGS:
            problems.append(f"{path.name}: {target.id} has {len(own)} wordings, not {WORDINGS}")
        for field in ("name", "definition"):
            texts = [getattr(target, field), *(getattr(wording, field) for wording in own)]
            problems += [f"{path.name}: {target.id}: {text!r} stands twice" for text in _repeated(texts)]
    problems += [f"{path.name}: unknown target {name}" for name in wordings.keys() - {t.id for t in targets}]
    return wordings


def _words(text: str) -> Counter[str]:
    return Counter(re.findall(r"[\w’'-]+", text.lower()))


def _repeated(texts: Sequence[str]) -> list[str]:
    return [text for text, times in Counter(texts).items() if times > 1]
