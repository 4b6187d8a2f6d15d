"""Every protocol has a configuration that holds, a version, and takes its own keys alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

from stancebench.config import ProtocolConfig, build_config
from stancebench.errors import UserError
from stancebench.protocol import PROTOCOLS, VERSIONS
from tests.conftest import REPOSITORY
from tests.protocol.toys import SHARES
from tests.test_config import composed

FILES = sorted((REPOSITORY / "conf" / "protocol").glob("*.yaml"))


def faults(**protocol: Any) -> list[str]:
    with pytest.raises(UserError) as fault:
        build_config(composed(protocol={"split_seed": 0, "shares": SHARES, **protocol}))
    return fault.value.problems


def test_a_protocol_has_a_name_a_version_and_a_file() -> None:
    names = set(get_args(ProtocolConfig.model_fields["name"].annotation))
    assert names == set(PROTOCOLS) == set(VERSIONS) == {path.stem for path in FILES}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_its_configuration_holds(path: Path) -> None:
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert build_config(composed(protocol=content)).protocol.name == path.stem


def test_keys_of_another_protocol_and_missing_ones_are_reported_with_all_else() -> None:
    assert faults(name="in_target", k=4, fractions=[0.5], shares={"train": 1.0}) == [
        "protocol.k: in_target takes no such key; it belongs to few_shot",
        "protocol.fractions: in_target takes no such key; it belongs to learning_curve",
        "protocol.shares: {'train': 1.0}; give train, validation, test that sum to 1",
    ]
    assert faults(name="few_shot", draws=0) == [
        "protocol.k: few_shot needs this key",
        "protocol.draws: Input should be greater than or equal to 1 (found 0)",
    ]
    assert faults(name="cross_dataset") == ["protocol.test_dataset: cross_dataset needs this key"]


def test_wrong_values_are_named_with_their_place() -> None:
    assert faults(name="learning_curve", fractions=[0.5, 1.5]) == [
        "protocol.fractions.1: Input should be less than or equal to 1 (found 1.5)"
    ]
    (fault,) = faults(name="cross_dataset", test_dataset={"name": "table", "pth": "x.csv"})
    assert fault.startswith("protocol.test_dataset.pth: unknown key; did you mean path?")


def test_scores_are_pooled_over_folds_only_where_these_test_on_different_examples() -> None:
    others = {name: p.scored for name, p in PROTOCOLS.items() if p.scored != "together"}
    assert others == {"few_shot": "averaged", "learning_curve": "apart"}
