"""The configuration: every fault at once, and an identity that survives refactors."""

from __future__ import annotations

from typing import Any

import pytest

from stancebench.config import build_config
from stancebench.errors import UserError
from stancebench.identity import identity, identity_hash

DATA = {"examples": "fingerprint", "contrast": ""}
SHARES = {"train": 0.6, "validation": 0.15, "test": 0.25}


def composed(**changes: Any) -> dict[str, Any]:
    return {
        "dataset": {"name": "backstop"},
        "protocol": {"name": "in_target", "split_seed": 0, "shares": SHARES},
        "model": {"label": "svm", "name": "linear", "kind": "svm", "word_ngrams": [1, 3]},
        "seed": 0,
        "on_existing": "retry_failed",
        "runs": "runs",
        **changes,
    }


def test_a_sound_configuration() -> None:
    config = build_config(composed())
    assert config.model.params == {"kind": "svm", "word_ngrams": (1, 3)}
    assert config.model.build(3).random_state == 3


def test_every_fault_is_reported_at_once() -> None:
    model = {"label": "svm", "name": "linear", "kind": "svn", "CC": 1, "C": "big", "random_state": 1}
    protocol = {"name": "in_targt", "split_sed": 0, "shares": SHARES}
    with pytest.raises(UserError) as fault:
        build_config(composed(model=model, protocol=protocol, seed="abc", sede=1, on_existing="skpi"))
    message = str(fault.value)
    for said in (
        "model.kind: Input should be 'logreg', 'svm', 'nb' or 'ridge' (found 'svn')",
        "model.CC: linear takes no such parameter; did you mean C?",
        "model.C: Input should be a valid number (found 'big')",
        "model.random_state: linear takes no such parameter; it is the run's seed=",
        "protocol.name: Input should be 'in_target', 'cross_target'",
        "protocol.split_seed: missing",
        "protocol.split_sed: unknown key; did you mean split_seed?",
        "seed: Input should be a valid integer (found 'abc')",
        "sede: unknown key; did you mean seed?",
        "on_existing: Input should be 'skip', 'overwrite' or 'retry_failed'",
    ):
        assert said in message


def test_unknown_model_and_missing_parameter() -> None:
    with pytest.raises(UserError, match=r"unknown model 'linaer' did you mean linear"):
        build_config(composed(model={"label": "x", "name": "linaer"}))
    with pytest.raises(UserError, match=r"model.path: transformer needs this parameter"):
        build_config(composed(model={"label": "x", "name": "transformer"}))


def test_shares_must_sum_to_one() -> None:
    protocol = {"name": "in_target", "split_seed": 0, "shares": {**SHARES, "test": 0.5}}
    with pytest.raises(UserError, match="sum to 1"):
        build_config(composed(protocol=protocol))


def test_the_identity_hash_is_pinned() -> None:
    """If this fails, every run of every user is run again: raise a version on purpose instead."""
    config = build_config(composed(model={"label": "majority", "name": "majority"}))
    assert identity_hash(identity(config, DATA, 1)) == "a4de5282"


def test_the_identity_sees_what_changes_a_score_and_nothing_else() -> None:
    def digest(**changes: Any) -> str:
        return identity_hash(identity(build_config(composed(**changes)), DATA, 1))

    assert digest() == digest(runs="elsewhere", on_existing="overwrite")
    other = {"label": "svm", "name": "linear", "kind": "svm", "word_ngrams": [1, 2]}
    assert len({digest(), digest(seed=1), digest(model=other)}) == 3
