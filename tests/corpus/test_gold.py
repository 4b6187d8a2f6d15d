"""Settling judgements, and the third pass."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from stancebench.cli import main
from stancebench.corpus.gold import Settlement, settle
from stancebench.corpus.judgements import Placed
from stancebench.errors import UserError
from tests.conftest import judgement


def settlement(sentence_id: str, stance: str) -> Placed:
    row = Settlement(
        sentence_id=sentence_id,
        target="us_backstop",
        stance=stance,
        reason="the rule on conditions",
        settler="s",
    )
    return Placed("settlements.jsonl:1", row)


def test_agreement_is_gold_and_a_settlement_decides_the_rest() -> None:
    votes = [
        judgement("d:0-9", "ann", stance="favor", evidence=(0, 3), tags=("hedge",)),
        judgement("d:0-9", "ben", stance="favor", evidence=(0, 4), tags=("negation", "hedge")),
        judgement("d:10-19", "ann", stance="favor", evidence=(10, 12)),
        judgement("d:10-19", "ben", stance="none"),
    ]
    first, second = settle(votes, [settlement("d:10-19", "against")])
    assert (first.stance, first.reason, first.votes) == ("favor", "", ("favor", "favor"))
    assert first.tags == ("hedge", "negation")
    assert (second.stance, second.reason) == ("against", "the rule on conditions")


def test_what_is_not_settled_or_settles_nothing_is_named() -> None:
    votes = [
        judgement("d:0-9", "ann", stance="favor", evidence=(0, 3)),
        judgement("d:0-9", "ben", stance="none"),
        judgement("d:10-19", "ann"),
        judgement("d:10-19", "ben"),
        judgement("d:20-29", "ann"),
    ]
    with pytest.raises(UserError) as fault:
        settle(votes, [settlement("d:10-19", "none")])
    assert "d:0-9, us_backstop: not settled (ann favor, ben none)" in str(fault.value)
    assert "settlements.jsonl:1: d:10-19, us_backstop: no disagreement to settle" in str(fault.value)
    assert "d:20-29, us_backstop: judged once only, by ann" in str(fault.value)


def test_disagreements_go_out_as_forms_and_come_back(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = project / "data" / "annotations" / "judgements" / "ben.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    rows[0] |= {"stance": "none", "evidence": None}
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    assert main(["data", "build"]) == 1
    assert "not settled (ann favor, ben none)" in capsys.readouterr().err

    forms = project / "forms.jsonl"
    assert main(["data", "disagreements", "--output", str(forms)]) == 0
    form = json.loads(forms.read_text(encoding="utf-8"))
    assert form["votes"] == [
        "favor on “We welcome the plan of week 0 with joy.”, holder: none",
        "none, holder: none",
    ]
    assert main(["data", "settle", str(forms), "--settler", "s"]) == 1
    assert "stance: Input should be" in capsys.readouterr().err

    forms.write_text(
        json.dumps(form | {"stance": "favor", "reason": "it says so outright"}), encoding="utf-8"
    )
    assert main(["data", "settle", str(forms), "--settler", "s"]) == 0
    assert main(["data", "build"]) == 0
    assert main(["data", "settle", str(forms), "--settler", "s"]) == 1
    assert "nothing to settle" in capsys.readouterr().err
