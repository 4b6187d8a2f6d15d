"""Annotation sheets: a document with numbered sentences, and the answers that come back.

A sheet is plain text for a person (or a program that reads like one). The answers are JSON Lines: a
header that names document, SHA-256 and annotator, then one line per sentence (docs/annotation.md).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from stancebench.corpus.judgements import Judgement, judgement_of
from stancebench.corpus.sentences import segment
from stancebench.errors import UserError, raise_if
from stancebench.types import Document, Sentence, Target


def write_sheet(document: Document, before: Mapping[str, str] | None = None) -> str:
    """Return the sheet of a document: its whole text, each sentence behind its number ``[n]``.

    Dropped lines and speaker labels stay visible, without a number. `before` gives, for sentences
    that are judged as part of another text (the contrast set), that text up to them, by sentence id.
    """
    head = json.dumps({"document": document.id, "sha256": document.sha256, "annotator": "YOUR-NAME"})
    about = [f"title: {document.title}", f"genre: {document.genre}", f"date: {document.date}"]
    sentences = segment(document).sentences
    text, position = "", 0
    for number, sentence in enumerate(sentences, start=1):
        text += document.text[position : sentence.start]
        if before and sentence.id in before:
            text += f"\n--- judge [{number}] as what follows this text:\n{before[sentence.id]}\n\n"
        text += f"[{number}] "
        position = sentence.start
    text += document.text[position:]
    return "\n".join([head, *about, "", text, ""])


def read_answers(path: Path, document: Document, targets: Sequence[Target]) -> list[Judgement]:
    """Read an annotator's answers to the sheet of `document`.

    Raises
    ------
    UserError
        With every fault and its line: another document or text, an unknown sentence number, a
        target without an answer, a stance or tag outside the set, evidence that is not a part of the
        sentence, a sentence without an answer.
    """
    lines = path.read_text(encoding="utf-8").splitlines()
    annotator = _check_head(lines[0] if lines else "", path, document)
    sentences = dict(enumerate(segment(document).sentences, start=1))
    judgements: list[Judgement] = []
    problems: list[str] = []
    answered: set[int] = set()
    for line_number, line in enumerate(lines[1:], start=2):
        place = f"{path}:{line_number}"
        try:
            answer = json.loads(line)
            number = answer.pop("n")
            sentence = sentences[number]
        except (json.JSONDecodeError, AttributeError, KeyError, TypeError) as fault:
            problems.append(f"{place}: not an answer to a sentence of the sheet ({fault!r:.80})")
            continue
        if number in answered:
            problems.append(f"{place}: sentence {number} is answered twice")
        answered.add(number)
        rows, faults = _judgements_of(answer, sentence, annotator, targets)
        judgements += rows
        problems += [f"{place}: {fault}" for fault in faults]
    problems += [f"{path}: sentence {n} has no answer" for n in sentences if n not in answered]
    raise_if(problems, f"{path}: the answers cannot be taken", "mend the lines and import again")
    return judgements


def answers_document(path: Path) -> str:
    """Return the id of the document that an answers file says it is about."""
    try:
        return str(json.loads(path.read_text(encoding="utf-8").split("\n", 1)[0])["document"])
    except (OSError, json.JSONDecodeError, KeyError, TypeError):
        raise UserError(
            f"{path}:1: no header", hint="copy the first line of the sheet and put your name in"
        ) from None


def _check_head(line: str, path: Path, document: Document) -> str:
    try:
        head = json.loads(line)
        found, digest, annotator = head["document"], head["sha256"], head["annotator"]
    except (json.JSONDecodeError, KeyError, TypeError):
        raise UserError(
            f"{path}:1: no header", hint="copy the first line of the sheet and put your name in"
        ) from None
    if (found, digest) != (document.id, document.sha256):
        raise UserError(
            f"{path}:1: answers to {found} ({digest}), but the document is {document.id} ({document.sha256})",
            hint="judge the sheet of the document as it is now",
        )
    return str(annotator)


def _judgements_of(
    answer: dict[str, Any], sentence: Sentence, annotator: str, targets: Sequence[Target]
) -> tuple[list[Judgement], list[str]]:
    rows: list[Judgement] = []
    problems: list[str] = []
    unknown = set(answer) - {"holder", "tags", *(target.id for target in targets)}
    if unknown:
        problems.append(f"unknown keys {', '.join(sorted(unknown))}")
    for target in targets:
        try:
            stance, explicit, evidence = answer[target.id]
        except (KeyError, TypeError, ValueError):
            problems.append(f"{target.id}: no [stance, explicit, evidence]")
            continue
        span = None
        if evidence:
            start = sentence.text.find(str(evidence))
            if start < 0:
                problems.append(f"{target.id}: evidence is not a part of the sentence: {evidence!r}")
            span = (sentence.start + start, sentence.start + start + len(str(evidence)))
        if bool(evidence) != (stance != "none"):
            problems.append(f"{target.id}: evidence must be given for favor and against, for none not")
        row = {
            "sentence_id": sentence.id,
            "annotator": annotator,
            "target": target.id,
            "stance": stance,
            "explicit": explicit,
            "evidence": span,
            "holder": answer.get("holder"),
            "tags": sorted(answer.get("tags") or ()),
        }
        made, faults = judgement_of(row)
        rows += made
        problems += faults
    return rows, problems
