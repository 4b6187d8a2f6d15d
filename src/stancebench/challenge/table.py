"""The scores of the suite as frames of text, none wider than 100 columns in Markdown."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from textwrap import fill
from typing import Any

import pandas as pd

from stancebench.challenge.tags import FEW
from stancebench.errors import UserError
from stancebench.evaluate.scores import MEAN
from stancebench.types import LABELS

PERTURBATION_LEGEND = (
    "The gold label stays. before, after: macro-F1 of the same n examples as they were and perturbed;"
    " difference with its paired 95 % interval over documents. flips: share of examples whose predicted"
    " label changes; consistency: share that is right before and after."
)
CONTRAST_LEGEND = (
    "The gold label changes. consistency: share of pairs that are right on both sides; flips: share whose"
    " predicted label changes."
)
TAG_LEGEND = (
    "Test examples by annotators' tag (docs/annotation.md): macro-F1, or accuracy where gold lacks a label,"
    f" with the 95 % interval over documents. *: fewer than {FEW} gold examples of a label."
)


def as_markdown(content: Mapping[str, Any]) -> str:
    """Return all tables of a run's ``suite.json``, each with what stands under it."""
    frames = {
        PERTURBATION_LEGEND: perturbation_frame(content),
        CONTRAST_LEGEND: contrast_frame(content),
        TAG_LEGEND: tag_frame(content),
    }
    return "\n\n".join(
        f"{frame.to_markdown(index=False, disable_numparse=True)}\n\n{fill(legend, 100)}"
        for legend, frame in frames.items()
        if len(frame)
    )


def perturbation_frame(content: Mapping[str, Any]) -> pd.DataFrame:
    """Return a frame with a row for each perturbation of a run's ``suite.json``."""
    return pd.DataFrame(
        {
            "perturbation": row["perturbation"],
            "n": str(row["n"]),
            "before": f"{row['original']:.3f}",
            "after": f"{row['perturbed']:.3f}",
            "difference": _with_interval(row, "difference", sign="+"),
            "flips": f"{row['flip_rate']['value']:.3f}",
            "consistency": f"{row['consistency']['value']:.3f}",
        }
        for row in content["perturbations"]
    )


def contrast_frame(content: Mapping[str, Any]) -> pd.DataFrame:
    """Return a frame with a row for each group of contrast edits; no rows where there are none."""
    scores = {(row["group"], row["metric"]): row for row in content["contrast"]}
    groups = [group for group in dict.fromkeys(group for group, _ in scores) if group != MEAN]
    return pd.DataFrame(
        {
            "contrast edits": group,
            "n": str(scores[group, "consistency"]["n"]),
            "consistency": _with_interval(scores[group, "consistency"]),
            "flips": _with_interval(scores[group, "flip_rate"]),
        }
        for group in groups
    )


def tag_frame(content: Mapping[str, Any]) -> pd.DataFrame:
    """Return a frame with a row for each tag, marked where a label has few gold examples."""
    return pd.DataFrame(
        {
            "tag": row["tag"],
            "n": str(row["n"]),
            **{label: str(n) for label, n in zip(LABELS, row["gold"], strict=True)},
            "metric": {"macro_f1": "macro-F1"}.get(row["metric"], row["metric"]),
            "value": _with_interval(row) + (" *" if row["few"] else ""),
        }
        for row in content["tags"]
    )


def side_by_side(contents: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return a frame with a column for each run: difference in macro-F1, and flips.

    Raises
    ------
    UserError
        Where the runs were scored on different suites, with each and its runs.
    """
    sides: dict[str, list[str]] = {}
    for content in contents:
        sides.setdefault(json.dumps(content["suite"]), []).append(_title(content))
    if len(sides) > 1:
        raise UserError(
            "these runs were scored on different challenge suites",
            [f"{suite}: {', '.join(runs)}" for suite, runs in sides.items()],
            hint="stancebench suite RUN scores a run anew; folds with other test parts have other suites",
        )
    columns = {
        _title(content): [
            f"{row['difference']:+.3f}, {row['flip_rate']['value']:.3f}" for row in content["perturbations"]
        ]
        for content in contents
    }
    names = [row["perturbation"] for row in contents[0]["perturbations"]]
    return pd.DataFrame({"difference, flips": names, **columns})


def _title(content: Mapping[str, Any]) -> str:
    return f"{content['model']} {content['run']}"


def _with_interval(row: Mapping[str, Any], name: str = "value", sign: str = "-") -> str:
    """Return a figure with its interval, where it has one."""
    figure = f"{row[name]:{sign}.3f}"
    if row["low"] is None:
        return figure
    return f"{figure} [{row['low']:{sign}.3f}, {row['high']:{sign}.3f}]"
