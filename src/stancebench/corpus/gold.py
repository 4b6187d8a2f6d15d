"""Settle raw judgements into gold labels; every disagreement needs a settlement with a reason."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from stancebench.corpus.judgements import Judgement, Placed, read_rows
from stancebench.errors import raise_if
from stancebench.types import Stance


class Settlement(BaseModel):
    """The third pass's word on one sentence and target on which the annotators differ."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sentence_id: str
    target: str
    stance: Stance
    reason: str = Field(min_length=10)
    settler: str


@dataclass(frozen=True)
class GoldLabel:
    """The settled label of one sentence and target.

    `votes` are the raw stances, in alphabetical order of the annotators; `reason` is empty where all
    agree. `holder` is the name that an annotator of the winning stance gave; a tag counts where at
    least half of the annotators noted it.
    """

    sentence_id: str
    target: str
    stance: str
    explicit: bool
    holder: str
    tags: tuple[str, ...]
    votes: tuple[str, ...]
    reason: str


def read_settlements(path: Path) -> list[Placed]:
    """Read ``settlements.jsonl`` (no file: none).

    Raises
    ------
    UserError
        Where a row is malformed or a sentence and target are settled twice, with file and line.
    """
    rows, problems = read_rows(path, Settlement) if path.exists() else ([], [])
    seen: dict[tuple[str, str], str] = {}
    for place, row in rows:
        key = (row.sentence_id, row.target)
        if key in seen:
            problems.append(f"{place}: {row.sentence_id} is settled for {row.target} at {seen[key]}")
        seen[key] = place
    raise_if(problems, f"{path}: the settlements do not hold")
    return rows


def settle(judgements: Sequence[Judgement], settlements: Sequence[Placed]) -> list[GoldLabel]:
    """Return one gold label per judged sentence and target.

    Where all annotators chose one stance, that is gold. Where they differ, the settlement is; two
    judgements are the least, and a settlement without a disagreement settles nothing.

    Raises
    ------
    UserError
        With every pair that has one judgement only, every unsettled disagreement, and every
        settlement that settles nothing.
    """
    votes: dict[tuple[str, str], list[Judgement]] = defaultdict(list)
    for judgement in judgements:
        votes[judgement.sentence_id, judgement.target].append(judgement)
    settled = {(p.row.sentence_id, p.row.target): p for p in settlements}
    problems = []
    for key, cast in votes.items():
        if len(cast) < 2:
            problems.append(f"{key[0]}, {key[1]}: judged once only, by {cast[0].annotator}")
        elif len({vote.stance for vote in cast}) > 1 and key not in settled:
            said = ", ".join(f"{vote.annotator} {vote.stance}" for vote in cast)
            problems.append(f"{key[0]}, {key[1]}: not settled ({said})")
    for key, placed in settled.items():
        if len({vote.stance for vote in votes.get(key, [])}) < 2:
            problems.append(f"{placed.place}: {key[0]}, {key[1]}: no disagreement to settle")
    raise_if(
        problems,
        "the judgements do not yield gold labels",
        "judge twice, and settle each disagreement in data/annotations/settlements.jsonl",
    )
    return [_gold(key, cast, settled.get(key)) for key, cast in votes.items()]


def _gold(key: tuple[str, str], cast: list[Judgement], settled: Placed | None) -> GoldLabel:
    cast = sorted(cast, key=lambda vote: vote.annotator)
    stance = settled.row.stance if settled else cast[0].stance
    winners = [vote for vote in cast if vote.stance == stance] or cast
    tags = sorted({tag for vote in cast for tag in vote.tags})
    return GoldLabel(
        sentence_id=key[0],
        target=key[1],
        stance=stance,
        explicit=all(vote.explicit for vote in winners),
        holder=next((vote.holder for vote in winners if vote.holder), ""),
        tags=tuple(t for t in tags if 2 * sum(t in vote.tags for vote in cast) >= len(cast)),
        votes=tuple(vote.stance for vote in cast),
        reason=settled.row.reason if settled else "",
    )
