"""The third pass: disagreements out, settlements in."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from stancebench.corpus.gold import Settlement, read_settlements
from stancebench.corpus.judgements import Judgement, append_lines, read_rows
from stancebench.corpus.sentences import segment
from stancebench.errors import UserError, raise_if
from stancebench.types import Document


def disagreements(
    judgements: Sequence[Judgement], documents: dict[str, Document], settlements: Path
) -> Iterator[dict[str, Any]]:
    """Yield every unsettled disagreement, with the votes in an order that hides who cast them.

    Each is a form to fill in: ``stance`` and ``reason`` are empty.
    """
    settled = {(p.row.sentence_id, p.row.target) for p in read_settlements(settlements)}
    votes: dict[tuple[str, str], list[Judgement]] = defaultdict(list)
    for judgement in judgements:
        votes[judgement.sentence_id, judgement.target].append(judgement)
    numbered = {
        sentence.id: (number, sentence.text)
        for document in documents.values()
        for number, sentence in enumerate(segment(document).sentences, start=1)
    }
    for (sentence_id, target), cast in votes.items():
        undecided = len({vote.stance for vote in cast}) > 1 and (sentence_id, target) not in settled
        if undecided and sentence_id in numbered:
            document = documents[cast[0].document_id]
            number, text = numbered[sentence_id]
            yield {
                "sentence_id": sentence_id,
                "number": number,
                "text": text,
                "target": target,
                "votes": sorted(_vote(vote, document) for vote in cast),
                "stance": "",
                "reason": "",
            }


def _vote(vote: Judgement, document: Document) -> str:
    span = f" on “{document.text[slice(*vote.evidence)]}”" if vote.evidence else ""
    return f"{vote.stance}{span}, holder: {vote.holder or 'none'}"


def add_settlements(forms: Path, settler: str, judgements: Sequence[Judgement], path: Path) -> int:
    """Check filled forms and append them to the settlements; return how many there were.

    Raises
    ------
    UserError
        With every form without a stance of the set or without a reason, and every one that settles
        no disagreement or one settled before. Nothing is written then.
    """
    stances: dict[tuple[str, str], set[str]] = defaultdict(set)
    for judgement in judgements:
        stances[judgement.sentence_id, judgement.target].add(judgement.stance)
    known = {(p.row.sentence_id, p.row.target) for p in read_settlements(path)}
    lines, problems = [], []
    for number, line in enumerate(forms.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            form = json.loads(line)
            key = (form["sentence_id"], form["target"])
        except (json.JSONDecodeError, KeyError, TypeError) as fault:
            problems.append(f"{forms}:{number}: not a form ({fault!r:.60})")
            continue
        if len(stances[key]) < 2 or key in known:
            problems.append(f"{forms}:{number}: {key[0]}, {key[1]}: nothing to settle")
        known.add(key)
        row = {k: form.get(k) for k in ("sentence_id", "target", "stance", "reason")}
        lines.append(json.dumps({**row, "settler": settler}, ensure_ascii=False))
    checked = forms.with_suffix(".checked")
    checked.write_text("\n".join(lines), encoding="utf-8")
    try:
        rows, faults = read_rows(checked, Settlement)
    finally:
        checked.unlink()
    raise_if([*problems, *faults], f"{forms}: no settlement was added", "mend the forms")
    if not rows:
        raise UserError(f"{forms}: no forms", hint="write them with `stancebench data disagreements`")
    append_lines(path, [placed.row for placed in rows])
    return len(rows)
