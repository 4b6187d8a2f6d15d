"""Everything that the page shows, in one structure that JSON can hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from stancebench.dataset.backstop import NAME
from stancebench.evaluate.metrics import METRICS
from stancebench.evaluate.scores import MEAN, POOLED
from stancebench.report.page import board, facts
from stancebench.report.page.pairs import MOST_MODELS, as_rows, compare_pairs, places
from stancebench.report.page.settings import Setting, repeat_names
from stancebench.report.page.texts import Strings, Texts, answer_table, find_texts, test_table
from stancebench.report.thin import LEAST, classes_of
from stancebench.types import LABELS

SCHEMA_VERSION = 1


@dataclass
class _Shared:
    """What several settings have in common, each once: strings, test parts, datasets."""

    strings: Strings = field(default_factory=Strings)
    tests: list[dict[str, Any]] = field(default_factory=list)
    #: Fingerprint of a dataset to its texts, and its name and examples to the place in `tests`.
    texts: dict[str, Texts] = field(default_factory=dict)
    places: dict[tuple[str, ...], int] = field(default_factory=dict)

    def texts_of(self, setting: Setting) -> Texts:
        fingerprint = setting.first.record["dataset"]["fingerprint"]
        if fingerprint not in self.texts:
            self.texts[fingerprint] = find_texts(setting)
        return self.texts[fingerprint]

    def place_of(self, setting: Setting) -> int:
        """Return the place of a setting's test part in `tests`."""
        fingerprint = setting.first.record["dataset"]["fingerprint"]
        key = (fingerprint, *setting.test["example_id"], *setting.contrast["example_id"])
        if key not in self.places:
            self.places[key] = len(self.tests)
            self.tests.append(test_table(setting, self.texts_of(setting), self.strings))
        return self.places[key]


def steps(settings: Sequence[Setting]) -> int:
    """Return how often `collect` reports that it advanced."""
    return sum(len(s.models) + len(places(s)) for s in settings)


def collect(settings: Sequence[Setting], advance: Callable[[], None] = lambda: None) -> dict[str, Any]:
    """Return the content of the page over `settings` (`find_settings`), of any datasets and protocols.

    Returns
    -------
    dict
        ``page``: what the scripts read (settings with their scores, pairs and answers; the test parts
        and the strings that they share). ``facts``: what the template prints (data, agreement, runs).
    """
    shared = _Shared()
    titles = _titles(settings)
    page = {
        "schema_version": SCHEMA_VERSION,
        "labels": LABELS,
        "thin": LEAST,
        "pooled": POOLED,
        "mean": MEAN,
        "most_models": MOST_MODELS,
        "columns": board.SHOWN,
        "metrics": {name: _metric(name) for name in board.METRIC_NAMES},
        "settings": [
            _setting(setting, title, shared, advance) for setting, title in zip(settings, titles, strict=True)
        ],
        "tests": shared.tests,
        "strings": shared.strings.values,
    }
    return {"page": page, "facts": _facts(settings, titles, shared)}


def _setting(setting: Setting, title: str, shared: _Shared, advance: Callable[[], None]) -> dict[str, Any]:
    texts, place = shared.texts_of(setting), shared.place_of(setting)
    genre_of = {example_id: str(row["genre"]) for example_id, row in texts.rows.items()}
    slices = board.find_slices(setting, genre_of)
    scored = board.score_models(setting, slices, genre_of, advance)
    costs = facts.model_costs(setting)
    described = facts.setting_facts(setting, title)
    return {
        **{name: described[name] for name in ("title", "dataset", "protocol", "version", "fold")},
        "missing": texts.missing,
        "test": place,
        "slices": [list(s) for s in slices],
        "models": [
            {"name": model.label, "seeds": len(model.runs), **scores, "costs": cost}
            for model, scores, cost in zip(setting.models, scored, costs, strict=True)
        ],
        "pairs": as_rows(compare_pairs(setting, advance)),
        "answers": _answers(setting),
    }


def _answers(setting: Setting) -> list[list[dict[str, Any]]]:
    """Return the answers of each model's repeats, in the order of the setting's test part."""
    ids, edits = list(setting.test["example_id"]), list(setting.contrast["example_id"])
    return [
        [
            answer_table(name, repeat, ids, edits)
            for name, repeat in zip(repeat_names(model), model.repeats, strict=True)
        ]
        for model in setting.models
    ]


def _titles(settings: Sequence[Setting]) -> list[str]:
    """Return a name for each setting: protocol and dataset, and what else tells it from another."""
    names = []
    for setting in settings:
        comparable = setting.first.comparable
        fold = f", {setting.fold}" if setting.fold else ""
        names.append(f"{comparable['protocol']}{fold} · {comparable['dataset']}")
    for i, setting in enumerate(settings):
        if names.count(names[i]) > 1:
            comparable = setting.first.comparable
            told = f"data {comparable['data fingerprint'][:7]}, version {comparable['protocol version']}"
            names[i] = f"{names[i]} ({told}, {i + 1})"
    return names


def _metric(name: str) -> dict[str, Any]:
    metric = METRICS[name]
    return {
        "title": metric.title,
        "definition": metric.definition,
        "unscored": metric.unscored,
        "better": metric.better,
        "classes": [LABELS.index(label) for label in classes_of(name)],
        "of_edits": name in board.OF_EDITS,
        "of_label": name.startswith("f1_"),
    }


def _facts(settings: Sequence[Setting], titles: Sequence[str], shared: _Shared) -> dict[str, Any]:
    datasets: Mapping[str, Texts] = shared.texts
    test_ids: dict[str, list[str]] = {}
    for setting in settings:
        fingerprint = setting.first.record["dataset"]["fingerprint"]
        test_ids.setdefault(fingerprint, list(setting.test["example_id"]))
    at_hand = {f: texts.dataset for f, texts in datasets.items() if texts.dataset}
    own = next((dataset for dataset in at_hand.values() if dataset.name == NAME), None)
    return {
        "machine_made": any(map(facts.is_machine_made, settings)),
        "data": [facts.data_facts(dataset, test_ids[f]) for f, dataset in at_hand.items()],
        "missing": [texts.missing for texts in datasets.values() if texts.missing],
        "agreement": facts.agreement_facts(own) if own else None,
        "settings": [facts.setting_facts(s, t) for s, t in zip(settings, titles, strict=True)],
        "runs": facts.run_facts(settings, titles),
        "models": sum(len(setting.models) for setting in settings),
        "thin": LEAST,
        "labels": LABELS,
    }
