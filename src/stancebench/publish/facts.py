"""Every figure that the card, the datasheet and the Croissant file state, computed from the data."""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from stancebench.audit.outcome import read_outcome
from stancebench.corpus.agreement import agreement, agreement_by
from stancebench.dataset.backstop import VERSION, sources_digest
from stancebench.errors import UserError
from stancebench.evaluate.scores import POOLED
from stancebench.paths import project_root
from stancebench.publish.release import PARTS, Release
from stancebench.types import LABELS

#: The committed table that the card's baselines are taken from, below the project.
BASELINES = Path("experiments") / "models" / "in_target" / "scores.csv"
#: Title in the card, to the part and metric of the table.
_FIGURES = {
    "macro-F1": ("test", "macro_f1"),
    "F_avg": ("test", "f_avg"),
    "MCC": ("test", "mcc"),
    "contrast consistency": ("contrast", "consistency"),
}

#: What no file of the data can be counted for; data/README.md tells it.
_WRITERS = 33
_FIRST_DOCUMENTS = tuple(f"bs-{number:03}" for number in range(1, 31))

Row = dict[str, Any]


def facts(release: Release) -> dict[str, Any]:
    """Return the figures by name, for the templates.

    Raises
    ------
    UserError
        Where the audit or the baselines are of other data, or the changelog lacks the version.
    """
    examples = release.dataset.examples
    documents = release.documents
    dates = sorted(document.date for document in documents)
    audited = read_outcome(project_root() / "data" / "audit.json", sources_digest())
    table = baselines(project_root() / BASELINES, release.dataset.fingerprint)
    return {
        "version": VERSION,
        "released": released(project_root() / "data" / "CHANGELOG.md"),
        "changes": _changes(project_root() / "data" / "CHANGELOG.md"),
        "authors": _authors(),
        "fingerprint": release.dataset.fingerprint,
        "targets": release.dataset.targets,
        "labels": LABELS,
        "documents": len(documents),
        "sentences": len(set(examples["sentence_id"])),
        "pairs": len(examples),
        "edits": len(release.dataset.contrast),
        "genres": sorted(set(examples["genre"])),
        "dates": (dates[0], dates[-1]),
        "writers": _WRITERS,
        "early_in_test": sum(release.part_of.get(name) == "test" for name in _FIRST_DOCUMENTS),
        "words": _words(release),
        "shares": _shares(release),
        "parts": _parts(release),
        "tags": Counter(tag for tags in _tags(release) for tag in tags).most_common(),
        **_annotation(release),
        "articles": [
            {"id": entry.document_id, "sha256": entry.sha256, "sentences": len(entry.sentences)}
            for entry in release.articles
        ],
        "audit": [check for check in audited if check["promise"]],
        "measured": {check["what"]: check["found"] for check in audited},
        "baselines": table,
        "baselines_source": BASELINES.as_posix(),
    }


def released(changelog: Path) -> str:
    """Return the date that the changelog gives for `VERSION`, as YYYY-MM-DD.

    Raises
    ------
    UserError
        Where it has no such entry.
    """
    heading = rf"^## {re.escape(VERSION)} — (\d{{4}}-\d\d-\d\d)$"
    found = re.search(heading, changelog.read_text(encoding="utf-8"), re.MULTILINE)
    if not found:
        raise UserError(
            f"{changelog}: no entry for version {VERSION}", hint=f"add a line `## {VERSION} — YYYY-MM-DD`"
        )
    return found[1]


def _changes(changelog: Path) -> str:
    """Return the changelog without its title, its headings one level down."""
    body = changelog.read_text(encoding="utf-8").partition("\n")[2]
    return body.strip().replace("\n## ", "\n### ")


def _authors() -> list[str]:
    citation = yaml.safe_load((project_root() / "CITATION.cff").read_text(encoding="utf-8"))
    return [a.get("name") or f"{a['given-names']} {a['family-names']}" for a in citation["authors"]]


def _words(release: Release) -> dict[str, int]:
    examples = release.dataset.examples
    texts = dict(zip(examples["sentence_id"], examples["text"], strict=True))
    lengths = sorted(len(text.split()) for text in texts.values())
    return {"least": lengths[0], "median": lengths[len(lengths) // 2], "most": lengths[-1]}


def _shares(release: Release) -> dict[str, Counter[str]]:
    """Return how many pairs of each target have each label."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for row in release.dataset.examples.rows():
        counts[row["target"]][row["label"]] += 1
    return dict(counts)


def _parts(release: Release) -> list[Row]:
    """Return a row for each part of the split: documents, sentences, pairs, labels."""
    rows = []
    for part in PARTS:
        inside = [r for r in release.dataset.examples.rows() if release.part_of[r["document_id"]] == part]
        labels = Counter(row["label"] for row in inside)
        rows.append(
            {
                "part": part,
                "documents": len({row["document_id"] for row in inside}),
                "sentences": len({row["sentence_id"] for row in inside}),
                "pairs": len(inside),
                **{label: labels[label] for label in LABELS},
            }
        )
    return rows


def _tags(release: Release) -> Iterable[list[str]]:
    return {r["sentence_id"]: r["tags"] for r in release.dataset.examples.rows()}.values()


def _annotation(release: Release) -> dict[str, Any]:
    """Return how much was judged, by how many, and how far they agree."""
    documents = {document.id for document in release.documents}
    judged = [row for row in release.judgements if row.document_id in documents]
    settled = [row for row in release.settlements if row.sentence_id.rpartition(":")[0] in documents]
    edits = [row for row in release.judgements if release.part_of.get(row.document_id) == "contrast"]
    return {
        "judgements": len(judged),
        "annotators": len({row.annotator for row in judged}),
        "settled": len(settled),
        "settlers": len({row.settler for row in settled}),
        "agreement": agreement_by(judged, lambda row: row.target),
        "agreement_on_edits": agreement("contrast edits, all targets", edits),
    }


def baselines(path: Path, fingerprint: str) -> list[Row]:
    """Return a row for each model of a committed table of scores, best first.

    A cell is the mean over seeds, its standard deviation where there are several, and the lowest lower
    and highest upper bound of the seeds' 95 % intervals.

    Raises
    ------
    UserError
        Where the scores are of other data.
    """
    with path.open(encoding="utf-8", newline="") as file:
        scores = [row for row in csv.DictReader(file) if row["group"] == POOLED and not row.get("fold")]
    if other := sorted({row["fingerprint"][:12] for row in scores} - {fingerprint[:12]}):
        raise UserError(
            f"{path}: scores of other data (fingerprint {', '.join(other)}, now {fingerprint[:12]})",
            hint="train the models anew and write their tables: see experiments/models/README.md",
        )
    by_model: dict[str, list[Row]] = defaultdict(list)
    for row in scores:
        by_model[row["model"]].append(row)
    rows = [_baseline(model, rows) for model, rows in by_model.items()]
    return sorted(rows, key=lambda row: row["macro-F1"], reverse=True)


def _baseline(model: str, rows: list[Row]) -> Row:
    cells = {
        title: _cell([r for r in rows if (r["part"], r["metric"]) == figure])
        for title, figure in _FIGURES.items()
    }
    seeds, commits = {row["seed"] for row in rows}, sorted({row["commit"][:10] for row in rows})
    return {"model": model, "seeds": len(seeds), **cells, "commit": ", ".join(commits)}


def _cell(scores: list[Mapping[str, str]]) -> str:
    import numpy as np

    values = np.array([float(row["value"]) for row in scores])
    spread = f" ± {values.std(ddof=1):.3f}" if len(values) > 1 else ""
    low, high = min(float(row["low"]) for row in scores), max(float(row["high"]) for row in scores)
    return f"{values.mean():.3f}{spread} [{low:.3f}, {high:.3f}]"
