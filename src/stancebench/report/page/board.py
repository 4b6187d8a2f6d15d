"""Scores of each model on every slice of the test part: its targets, its genres, and both together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, NamedTuple

import numpy as np

from stancebench.evaluate.intervals import RESAMPLES
from stancebench.evaluate.sample import Columns
from stancebench.evaluate.scores import (
    MEAN,
    POOLED,
    Score,
    score_consistency_runs,
    score_runs,
)
from stancebench.report.models import Model
from stancebench.report.page.kept import kept
from stancebench.report.page.settings import Setting, digest_of
from stancebench.types import LABELS

#: Metrics of the leaderboard, by the group of columns that shows them.
SHOWN: dict[str, tuple[str, ...]] = {
    "overview": ("macro_f1", "f_avg", "accuracy", "mcc", "consistency"),
    "labels": ("macro_f1", *(f"f1_{label}" for label in LABELS)),
    "probabilities": ("macro_f1", "log_loss", "brier", "calibration_error", "aurc"),
    "contrast": ("macro_f1", "consistency", "flip_rate"),
}
METRIC_NAMES = tuple(dict.fromkeys(name for names in SHOWN.values() for name in names))
#: Those that are computed on the contrast edits, and those that are computed on each genre, too.
OF_EDITS = ("consistency", "flip_rate")
OF_GENRES = tuple(dict.fromkeys((*SHOWN["overview"], *SHOWN["labels"])))
#: Resamples for a genre, which has few documents: more would not make its interval any surer.
GENRE_RESAMPLES = 2_000


class Slice(NamedTuple):
    """A part of the test examples: of one genre (empty: all), and of one group of targets.

    `gold` and `edits` count the gold labels of its examples and contrast edits; `least_gold` and
    `least_edits` are what a figure of it rests on: for a mean over targets, the least of theirs.
    """

    genre: str
    group: str
    documents: int
    gold: list[int]
    edits: list[int]
    least_gold: list[int]
    least_edits: list[int]


def find_slices(setting: Setting, genre_of: Mapping[str, str]) -> list[Slice]:
    """Return the slices of a setting's test part, all genres first.

    Parameters
    ----------
    genre_of : mapping
        From example ids to genres; empty where they are not known.
    """
    targets = sorted(set(setting.test["target"]))
    genres = sorted({genre_of[i] for i in setting.test["example_id"]} - {""}) if genre_of else []
    slices = []
    for genre in ("", *genres):
        test = _only(setting.test, "example_id", genre, genre_of)
        edits = _only(setting.contrast, "original_id", genre, genre_of)
        for group in (POOLED, MEAN, *targets):
            least = targets if group == MEAN else [group]
            slices.append(
                Slice(
                    genre,
                    group,
                    len(set(_of_group(test, group)["document_id"])),
                    _gold(test, [group]),
                    _gold(edits, [group]),
                    _gold(test, least),
                    _gold(edits, least),
                )
            )
    return slices


def score_models(
    setting: Setting, slices: Sequence[Slice], genre_of: Mapping[str, str], advance: Callable[[], None]
) -> list[dict[str, Any]]:
    """Return, for each model, its scores on every slice and their deviations over seeds.

    Returns
    -------
    list of dict
        ``scores``: by metric, a list over `slices` of ``[value, low, high]`` in thousandths,
        ``[value]`` where there is no interval, None where there is no score. ``deviations``: by metric,
        the same of the standard deviation over seeds, only for all genres and several seeds.
    """
    return [_score(model, slices, genre_of, advance) for model in setting.models]


def _score(
    model: Model, slices: Sequence[Slice], genre_of: Mapping[str, str], advance: Callable[[], None]
) -> dict[str, Any]:
    scores = {
        (genre, score.metric, score.group): score
        for genre in dict.fromkeys(s.genre for s in slices)
        for score in _scores(model, genre, genre_of)
    }
    advance()
    return {
        "scores": {
            name: [_cell(scores.get((s.genre, name, s.group))) for s in slices]
            for name in (*METRIC_NAMES, "unscored")
        },
        "deviations": _deviations(model, [s.group for s in slices if not s.genre]),
    }


def _scores(model: Model, genre: str, genre_of: Mapping[str, str]) -> list[Score]:
    """Return the scores of a model on one genre, or on all as its tables have them."""
    if not genre and len(model.runs) == 1:
        found = [score for score in model.runs[0].scores if score.fold == model.fold]
    else:
        made_from = ["scores", genre, digest_of(model)]
        made_from += [genre_of[i] for i in model.columns()[0]["example_id"]] if genre else []
        # NaN goes through JSON as NaN.
        rows = kept(made_from, lambda: [asdict(s) for s in _score_again(model, genre, genre_of)])
        found = [Score(**row) for row in rows]
    return [score for score in found if score.part == _part(score.metric)]


def _score_again(model: Model, genre: str, genre_of: Mapping[str, str]) -> list[Score]:
    tests = [_only(test, "example_id", genre, genre_of) for test in model.columns()]
    parts = [repeat.part("contrast").columns for repeat in model.repeats]
    edits = [_only(part, "original_id", genre, genre_of) for part in parts]
    names, resamples = (OF_GENRES, GENRE_RESAMPLES) if genre else (METRIC_NAMES, RESAMPLES)
    scores = score_runs(tests, "test", resamples, names)
    if len(edits[0]["gold"]):
        scores += score_consistency_runs(tests, edits, resamples)
    return scores


def _part(metric: str) -> str:
    return "contrast" if metric in OF_EDITS else "test"


def _only(columns: Columns, key: str, genre: str, genre_of: Mapping[str, str]) -> Columns:
    """Return the rows of one genre, by the example that `key` names; all where `genre` is empty."""
    if not genre:
        return columns
    inside = np.array([genre_of[i] == genre for i in columns[key]], dtype=bool)
    return {name: values[inside] for name, values in columns.items()}


def _of_group(columns: Columns, group: str) -> Columns:
    if group in (POOLED, MEAN):
        return columns
    inside = np.asarray(columns["target"] == group, dtype=bool)
    return {name: values[inside] for name, values in columns.items()}


def _gold(columns: Columns, groups: Sequence[str]) -> list[int]:
    """Return the least count of each gold label among groups of targets."""
    counts = [[int(np.sum(_of_group(columns, g)["gold"] == label)) for label in LABELS] for g in groups]
    return [min(of_label) for of_label in zip(*counts, strict=True)]


def _deviations(model: Model, groups: Sequence[str]) -> dict[str, list[int | None]]:
    if len(model.runs) < 2:
        return {}
    return {name: [_deviation(model, name, group) for group in groups] for name in METRIC_NAMES}


def _deviation(model: Model, metric: str, group: str) -> int | None:
    values = [score.value for score in model.of_each_run(metric, group, _part(metric)) if score]
    return _thousandths(float(np.std(values, ddof=1))) if len(values) == len(model.runs) else None


def _cell(score: Score | None) -> list[int] | None:
    if score is None or not np.isfinite(score.value):
        return None
    numbers = [score.value, score.low, score.high] if np.isfinite(score.low) else [score.value]
    return [_thousandths(number) for number in numbers]


def _thousandths(number: float) -> int:
    """Return a figure with its three decimals as a whole number, which takes half the room in JSON."""
    return round(round(number, 3) * 1000)
