"""Label Studio: tasks and labelling configuration out, its JSON export back in.

One task per sentence, so that evidence is a span of the sentence; the document is shown beside it. The
formats are those of Label Studio's own documentation (labelling configuration tags ``Text``, ``Choices``,
``Labels``, ``TextArea``; JSON export), written and read with a schema of our own: its SDK is 211 MB.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from stancebench.corpus.judgements import TAGS, Judgement, judgement_of
from stancebench.corpus.sentences import segment
from stancebench.errors import UserError, raise_if
from stancebench.types import LABELS, Document, Sentence, Target


class Value(BaseModel):
    """What was chosen, marked or typed in one control."""

    model_config = ConfigDict(extra="ignore")

    choices: list[str] = []
    labels: list[str] = []
    text: str | list[str] = ""
    start: int = 0
    end: int = 0


class Result(BaseModel):
    """The state of one control (`from_name`)."""

    model_config = ConfigDict(extra="ignore")

    from_name: str
    type: str
    value: Value


class Annotation(BaseModel):
    """One annotator's work on one task."""

    model_config = ConfigDict(extra="ignore")

    completed_by: int | dict[str, Any]
    was_cancelled: bool = False
    result: list[Result]


class Task(BaseModel):
    """One sentence, with every annotation of it."""

    model_config = ConfigDict(extra="ignore")

    data: dict[str, str]
    annotations: list[Annotation]


def tasks(documents: Sequence[Document], before: Mapping[str, str]) -> str:
    """Return the tasks of all sentences of `documents` as JSON that Label Studio imports."""
    rows = [
        {
            "data": {
                "sentence_id": sentence.id,
                "sha256": document.sha256,
                "title": document.title,
                "document": before.get(sentence.id, document.text),
                "sentence": sentence.text,
            }
        }
        for document in documents
        for sentence in segment(document).sentences
    ]
    return json.dumps(rows, ensure_ascii=False, indent=1) + "\n"


def configuration(targets: Sequence[Target]) -> str:
    """Return the labelling configuration: per target stance, explicitness and evidence; holder; tags."""
    view = ElementTree.Element("View")
    ElementTree.SubElement(view, "Header", value="$title")
    ElementTree.SubElement(view, "Text", name="document", value="$document")
    ElementTree.SubElement(view, "Header", value="Judge this sentence against every target")
    marks = ElementTree.SubElement(view, "Labels", name="evidence", toName="sentence")
    for target in targets:
        ElementTree.SubElement(marks, "Label", value=target.id)
    ElementTree.SubElement(view, "Text", name="sentence", value="$sentence", granularity="symbol")
    for target in targets:
        ElementTree.SubElement(view, "Header", value=f"{target.name}: {target.definition}")
        _choices(view, f"stance-{target.id}", LABELS, choice="single-radio", required="true")
        _choices(view, f"explicit-{target.id}", ("explicit",), choice="multiple")
    _choices(view, "tags", TAGS, choice="multiple")
    ElementTree.SubElement(
        view, "TextArea", name="holder", toName="sentence", placeholder="holder", maxSubmissions="1"
    )
    ElementTree.indent(view)
    return ElementTree.tostring(view, encoding="unicode") + "\n"


def _choices(view: ElementTree.Element, name: str, values: Sequence[str], **options: str) -> None:
    control = ElementTree.SubElement(view, "Choices", {"name": name, "toName": "sentence", **options})
    for value in values:
        ElementTree.SubElement(control, "Choice", value=value)


def read_export(
    path: Path, documents: Mapping[str, Document], targets: Sequence[Target]
) -> list[tuple[Document, list[Judgement]]]:
    """Read Label Studio's JSON export into judgements, by document and annotator.

    Annotators are named ``label-studio-<id>``, after the account that completed the task.

    Raises
    ------
    UserError
        With every fault and the task it is in: another document or sentence, a target without a
        stance, a stance outside the set, evidence outside the sentence.
    """
    try:
        found = TypeAdapter(list[Task]).validate_json(path.read_bytes())
    except ValidationError as fault:
        faults = [f"{path}: {'.'.join(map(str, e['loc']))}: {e['msg']}" for e in fault.errors()]
        raise UserError(
            f"{path}: not a JSON export of Label Studio", faults, hint="export as JSON, not JSON-MIN"
        ) from None
    sentences = {s.id: s for d in documents.values() for s in segment(d).sentences}
    grouped: dict[tuple[str, str], list[Judgement]] = {}
    problems: list[str] = []
    for number, task in enumerate(found, start=1):
        place = f"{path}: task {number}"
        sentence = sentences.get(task.data.get("sentence_id", ""))
        if sentence is None or task.data.get("sha256") != documents[sentence.document_id].sha256:
            problems.append(f"{place}: {task.data.get('sentence_id')!r} is no sentence of these documents")
            continue
        for annotation in task.annotations:
            if not annotation.was_cancelled:
                rows, faults = _judgements(annotation, sentence, targets)
                problems += [f"{place}: {fault}" for fault in faults]
                grouped.setdefault((sentence.document_id, _annotator(annotation)), []).extend(rows)
    raise_if(problems, f"{path}: the annotations cannot be taken", "mend them in Label Studio")
    return [(documents[document_id], rows) for (document_id, _), rows in grouped.items()]


def _annotator(annotation: Annotation) -> str:
    who = annotation.completed_by
    return f"label-studio-{who['id'] if isinstance(who, dict) else who}"


def _judgements(
    annotation: Annotation, sentence: Sentence, targets: Sequence[Target]
) -> tuple[list[Judgement], list[str]]:
    chosen = {r.from_name: r.value.choices for r in annotation.result if r.type == "choices"}
    typed = [r.value.text for r in annotation.result if r.from_name == "holder"]
    holder = typed[0] if typed else ""
    rows: list[Judgement] = []
    problems: list[str] = []
    for target in targets:
        spans = [
            (sentence.start + r.value.start, sentence.start + r.value.end)
            for r in annotation.result
            if r.type == "labels" and target.id in r.value.labels
        ]
        stance = (chosen.get(f"stance-{target.id}") or [""])[0]
        if bool(spans) != (stance != "none"):
            problems.append(f"{target.id}: mark evidence for favor and against, and for none not")
        if any(not sentence.start <= start < end <= sentence.end for start, end in spans):
            problems.append(f"{target.id}: the evidence lies outside the sentence")
        row = {
            "sentence_id": sentence.id,
            "annotator": _annotator(annotation),
            "target": target.id,
            "stance": stance,
            "explicit": bool(chosen.get(f"explicit-{target.id}")),
            "evidence": spans[0] if spans and stance != "none" else None,
            "holder": holder if isinstance(holder, str) else " ".join(holder),
            "tags": sorted(chosen.get("tags", [])),
        }
        made, faults = judgement_of(row)
        rows += made
        problems += faults
    return rows, problems
