"""Agreement against the `krippendorff` package and values by hand."""

from __future__ import annotations

import krippendorff
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stancebench.corpus.agreement import agreement, alpha_of
from stancebench.types import LABELS
from tests.conftest import judgement


def test_alpha_by_hand() -> None:
    # Four units, two coders: aa, aa, bb, ab. n = 8; a 5 times, b 3 times; observed disagreement 2.
    # alpha = 1 - 7 * 2 / (64 - 25 - 9) = 1 - 14/30.
    assert alpha_of(np.array([[4.0, 1.0], [1.0, 2.0]])) == pytest.approx(1 - 14 / 30)


def test_nothing_to_agree_upon_is_nan() -> None:
    assert np.isnan(alpha_of(np.array([[6.0, 0.0], [0.0, 0.0]])))


votes = st.lists(st.lists(st.sampled_from(LABELS), min_size=2, max_size=4), min_size=2, max_size=12)


@settings(deadline=None, max_examples=40)
@given(votes)
def test_alpha_matches_the_reference_package(units: list[list[str]]) -> None:
    rows = [
        judgement(f"d{i % 3}:{i}-{i + 1}", f"c{j}", stance=vote, evidence=(i, i + 1))
        for i, unit in enumerate(units)
        for j, vote in enumerate(unit)
    ]
    if len({vote for unit in units for vote in unit}) < 2:
        return
    data = np.full((4, len(units)), np.nan)
    for i, unit in enumerate(units):
        for j, vote in enumerate(unit):
            data[j, i] = LABELS.index(vote)
    expected = krippendorff.alpha(data, level_of_measurement="nominal")
    found = agreement("all", rows)
    assert found.alpha == pytest.approx(expected)
    assert found.pairs == len(units)
