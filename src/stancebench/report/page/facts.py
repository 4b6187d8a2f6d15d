"""What is known of the data and the runs: sizes, agreement, provenance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from stancebench.dataset.backstop import NAME
from stancebench.dataset.record import Dataset
from stancebench.report.collect import Run
from stancebench.report.page.settings import Setting
from stancebench.types import LABELS, Examples

#: What a run's record says of its costs.
COSTS = ("fit_seconds", "predict_seconds", "peak_memory_mib", "parameters")


def data_facts(dataset: Dataset, test_ids: Iterable[str]) -> dict[str, Any]:
    """Return the sizes of a dataset and of its test part: pairs by target, genre and tag."""
    whole = dataset.examples
    tested = whole.select(list(test_ids))
    wording = {target.id: target.name for target in dataset.targets}
    return {
        "name": dataset.name,
        "fingerprint": dataset.fingerprint,
        "sizes": [_sizes("whole dataset", whole), _sizes("test part", tested)],
        "targets": _counts(whole, tested, "target", lambda name: wording.get(name, name)),
        "genres": _counts(whole, tested, "genre") if any(whole["genre"]) else [],
        "tags": _tags(whole, tested),
    }


def _sizes(title: str, examples: Examples) -> dict[str, Any]:
    lengths = [len(text.split()) for text in dict.fromkeys(examples["text"])]
    return {
        "part": title,
        "documents": len(set(examples["document_id"])),
        "sentences": len(set(examples["sentence_id"])),
        "pairs": len(examples),
        "words": float(np.median(lengths)),
        **Counter(examples["label"]),
    }


def _counts(
    whole: Examples, tested: Examples, column: str, title: Callable[[str], str] = str
) -> list[dict[str, Any]]:
    parts = [Counter(zip(part[column], part["label"], strict=True)) for part in (whole, tested)]
    return [
        {
            "group": title(group),
            "whole": [parts[0][group, label] for label in LABELS],
            "test": [parts[1][group, label] for label in LABELS],
        }
        for group in sorted(set(whole[column]))
    ]


def _tags(whole: Examples, tested: Examples) -> list[dict[str, Any]]:
    """Return how many sentences have each tag: tags belong to a sentence, whatever the target."""
    parts = []
    for part in (whole, tested):
        tags_of = dict(zip(part["sentence_id"], part["tags"], strict=True))
        parts.append(Counter(tag for tags in tags_of.values() for tag in tags))
    return [{"group": tag, "whole": count, "test": parts[1][tag]} for tag, count in sorted(parts[0].items())]


def agreement_facts(dataset: Dataset) -> dict[str, list[dict[str, Any]]]:
    """Return Krippendorff's alpha of Backstop's raw judgements by target and by genre."""
    from stancebench.corpus.agreement import agreement_by
    from stancebench.corpus.judgements import read_annotations
    from stancebench.paths import annotations_folder

    examples = dataset.examples
    genre_of = dict(zip(examples["document_id"], examples["genre"], strict=True))
    judgements = read_annotations(annotations_folder(), dataset.targets).judgements
    inside = [row for row in judgements if row.document_id in genre_of]
    by_target = agreement_by(inside, lambda row: row.target, order=[t.id for t in dataset.targets])
    by_genre = agreement_by(
        inside, lambda row: genre_of[row.document_id], order=sorted(set(examples["genre"]))
    )
    return {
        "target": [row._asdict() for row in by_target],
        "genre": [row._asdict() for row in by_genre[:-1]],
    }


def is_machine_made(setting: Setting) -> bool:
    """Return whether Backstop's texts or labels are trained on or tested on."""
    return NAME in str(setting.first.record["dataset"]["name"])


def setting_facts(setting: Setting, title: str) -> dict[str, Any]:
    """Return what the runs of a setting share."""
    record = setting.first.record
    runs = [run for model in setting.models for run in model.runs]
    return {
        "title": title,
        "dataset": record["dataset"]["name"],
        "fingerprint": record["dataset"]["fingerprint"],
        "contrast": record["dataset"]["contrast"],
        "protocol": record["protocol"]["name"],
        "version": record["protocol"]["version"],
        "split": record["identity"]["protocol"],
        "fold": setting.fold,
        "documents": len(set(setting.test["document_id"])),
        "n": len(setting.test["gold"]),
        "commits": sorted({commit_of(run) for run in runs}),
        "finished": [
            min(r.record["finished"] for r in runs)[:10],
            max(r.record["finished"] for r in runs)[:10],
        ],
    }


def run_facts(settings: Sequence[Setting], titles: Sequence[str]) -> list[dict[str, Any]]:
    """Return where each run came from and what it cost, each run once."""
    rows: dict[str, dict[str, Any]] = {}
    for setting, title in zip(settings, titles, strict=True):
        for model in setting.models:
            for run in model.runs:
                rows.setdefault(str(run.folder), _run_facts(run, model.label, title))
    return list(rows.values())


def _run_facts(run: Run, model: str, title: str) -> dict[str, Any]:
    record = run.record
    return {
        "folder": "/".join(run.folder.parts[-4:]),
        "model": model,
        "setting": title,
        "seed": record["seed"],
        "finished": record["finished"],
        "commit": commit_of(run),
        "packages": ", ".join(f"{name} {version}" for name, version in record["packages"].items()),
        "hardware": _hardware(run),
        "identity": record["identity"]["model"],
        **{name: record[name] for name in COSTS},
    }


def commit_of(run: Run) -> str:
    """Return the commit that a run was made at, marked where files had changed since."""
    git = run.record["git"]
    return f"{str(git['commit'] or 'unknown')[:10]}{' (dirty)' if git['dirty'] else ''}"


def model_costs(setting: Setting) -> list[dict[str, Any]]:
    """Return the costs of each model of a setting: the median over its runs."""
    costs = []
    for model in setting.models:
        records = [run.record for run in model.runs]
        medians = {name: round(float(np.median([r[name] for r in records])), 2) for name in COSTS[:3]}
        costs.append({**medians, "parameters": records[0]["parameters"]})
    return costs


def _hardware(run: Run) -> str:
    found = run.record["hardware"]
    return f"{found['system']} {found['machine']}, {found['cpus']} CPUs, {found['gpu'] or 'no GPU'}"
