"""Runs put into groups that one report can hold."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from stancebench.report.collect import by_protocol
from tests.report.made_runs import made_run, right_and_wrong


def test_two_datasets_under_one_protocol_are_two_groups(tmp_path: Path) -> None:
    labels = {"all": {"test": right_and_wrong(30, 4)}}
    one = made_run(tmp_path, "m", labels)
    dataset = {**one.record["dataset"], "name": "other"}
    other = replace(one, record={**one.record, "dataset": dataset})
    few = made_run(tmp_path, "m", labels, protocol="few_shot", k=4)
    assert by_protocol([one, other, few]) == {
        "in_target-made": [one],
        "in_target-other": [other],
        "few_shot-4": [few],
    }
    assert list(by_protocol([one, few])) == ["in_target", "few_shot-4"]
