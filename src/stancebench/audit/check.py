"""``stancebench data audit``: one table of what was measured, what is promised, and whether it holds."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from stancebench.audit import leaks, reread, text
from stancebench.audit.power import power
from stancebench.config import ProtocolConfig
from stancebench.corpus.agreement import agreement_by
from stancebench.corpus.documents import read_seeds
from stancebench.corpus.judgements import TAGS, Judgement, read_annotations
from stancebench.corpus.sentences import segment
from stancebench.corpus.targets import read_targets
from stancebench.dataset.backstop import load_backstop
from stancebench.dataset.record import Dataset
from stancebench.model.linear import LinearStance
from stancebench.paths import annotations_folder, project_root, seeds_folder, targets_file
from stancebench.protocol import load_folds
from stancebench.types import LABELS, Document, Fold


class Check(NamedTuple):
    """One measured figure; `promise` is empty where the figure is only reported."""

    area: str
    what: str
    found: str
    promise: str
    holds: bool


def at_least(area: str, what: str, found: float, least: float, unit: str = "") -> Check:
    """Return a check of a lower bound."""
    return Check(area, what, _number(found, unit), f"≥ {_number(least, unit)}", found >= least)


def at_most(area: str, what: str, found: float, most: float, unit: str = "") -> Check:
    """Return a check of an upper bound."""
    return Check(area, what, _number(found, unit), f"≤ {_number(most, unit)}", found <= most)


def reported(area: str, what: str, found: str) -> Check:
    """Return a figure without a promise."""
    return Check(area, what, found, "", True)


def _number(value: float, unit: str) -> str:
    if unit == "%":
        return f"{100 * value:.1f} %"
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:.3f}"


def audit(protocol: ProtocolConfig) -> Iterator[Check]:
    """Yield every check of the committed data, as it is made.

    Parameters
    ----------
    protocol : ProtocolConfig
        The in-target split whose parts are checked.
    """
    dataset = load_backstop()
    documents = read_seeds(seeds_folder())
    (fold,) = load_folds(dataset, protocol)
    yield from _size(dataset, documents)
    yield from _balance(dataset)
    yield from _tags(dataset)
    yield from _texts(dataset, documents, fold)
    yield from _agreement(dataset)
    yield from _split(dataset, fold)
    yield from _leaks_and_power(dataset, fold)


def _size(dataset: Dataset, documents: list[Document]) -> Iterator[Check]:
    lengths = [len(s.text.split()) for d in documents for s in segment(d).sentences]
    yield at_least("size", "seed documents", len(documents), 150)
    yield at_least("size", "sentences", len(lengths), 2400)
    yield at_least("size", "judged pairs", len(dataset.examples), 7200)
    yield at_least("size", "shortest sentence, words", min(lengths), 5)
    yield at_most("size", "longest sentence, words", max(lengths), 50)
    yield reported("size", "median sentence, words", f"{np.median(lengths):.0f}")
    yield at_least("contrast", "edits that change the stance", len(dataset.contrast), 300)


def _balance(dataset: Dataset) -> Iterator[Check]:
    examples = dataset.examples
    for target in dict.fromkeys(examples["target"]):
        labels = examples["label"][examples["target"] == target]
        yield at_least("balance", f"{target}: favor", float(np.mean(labels == "favor")), 0.16, "%")
        yield at_least("balance", f"{target}: against", float(np.mean(labels == "against")), 0.13, "%")
    yield at_most("balance", "none, all pairs", float(np.mean(examples["label"] == "none")), 0.68, "%")
    stances: dict[str, set[str]] = defaultdict(set)
    for row in examples.rows():
        stances[row["sentence_id"]].add(row["label"])
    opposite = sum({"favor", "against"} <= found for found in stances.values())
    yield at_least("balance", "sentences with opposite stances on two targets", opposite, 250)
    sizes = Counter(examples["genre"])
    yield at_least("genre", "genres", len(sizes), 14)
    yield at_most("genre", "largest genre", max(sizes.values()) / len(examples), 0.12, "%")
    for genre in sorted(sizes):
        labels = examples["label"][examples["genre"] == genre]
        shares = " / ".join(f"{100 * np.mean(labels == label):.0f}" for label in LABELS)
        yield reported("genre", f"{genre}: pairs, {' / '.join(LABELS)} %", f"{len(labels)}: {shares}")


def _tags(dataset: Dataset) -> Iterator[Check]:
    tags_of = {row["sentence_id"]: row["tags"] for row in dataset.examples.rows()}
    counts = Counter(tag for tags in tags_of.values() for tag in tags)
    for tag in TAGS:
        yield at_least("tags", tag, counts[tag], 30 if tag in ("sarcasm", "evasion") else 60)


def _texts(dataset: Dataset, documents: list[Document], fold: Fold) -> Iterator[Check]:
    sentences = [s for d in documents for s in segment(d).sentences]
    pairs = text.similar_pairs(sentences, 0.5)
    part_of = _part_of_document(dataset, fold)

    def crosses(pair: text.Pair) -> tuple[bool, bool]:
        first, second = (name.rpartition(":")[0] for name in pair[:2])
        return first != second, part_of[first] != part_of[second]

    yield at_most("text", "duplicate sentences", sum(p.jaccard == 1 for p in pairs), 0)
    yield at_most("text", "near-duplicates across documents", sum(crosses(p)[0] for p in pairs), 0)
    yield at_most("text", "near-duplicates across splits", sum(crosses(p)[1] for p in pairs), 0)
    yield reported("text", "near-duplicates within documents", str(sum(not crosses(p)[0] for p in pairs)))
    closest = max(text.similar_pairs(sentences, 0.2), key=lambda p: p.jaccard, default=None)
    if closest:
        yield reported("text", f"closest pair: {closest.first}, {closest.second}", f"{closest.jaccard:.2f}")
    yield at_most("text", "content 5-grams in more than three documents",
                  len(text.pet_phrases(documents, most=3)), 0)  # fmt: skip
    names = text.read_names(project_root() / "data" / "real_persons.txt")
    found = text.named_persons(documents, names)
    place = f" ({', '.join(f'{d}: {n}' for d, n in found[:3])})" if found else ""
    yield at_most("text", f"names of real persons{place}", len(found), 0)


def _agreement(dataset: Dataset) -> Iterator[Check]:
    rows = read_annotations(annotations_folder(), read_targets(targets_file())).judgements
    genre_of = dict(zip(dataset.examples["document_id"], dataset.examples["genre"], strict=True))
    rows = [row for row in rows if row.document_id in genre_of]
    for found in agreement_by(rows, lambda row: row.target):
        figure = f"{found.alpha:.3f} [{found.low:.3f}, {found.high:.3f}]"
        yield reported("agreement", f"alpha, {found.group} (equal {100 * found.equal:.1f} %)", figure)
    for found in agreement_by(rows, lambda row: genre_of[row.document_id])[:-1]:
        figure = f"{found.alpha:.3f} [{found.low:.3f}, {found.high:.3f}]"
        yield reported("agreement", f"alpha, {found.group}", figure)
    answers = project_root() / "data" / "reread.jsonl"
    equal = reread.compare(answers, dataset.examples).equal if answers.exists() else 0
    yield at_least("agreement", f"of {reread.PAIRS} drawn pairs, equal when read afresh", equal, 44)
    for position, share, n in text.drift(_agreement_in_order(rows)):
        yield reported("drift", f"equal judgements, document {position} in order (n={n})", f"{share:.3f}")


def _agreement_in_order(rows: list[Judgement]) -> dict[str, list[float]]:
    """Return, for each annotator, the share of judgements equal to the others', document by document."""
    votes: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in rows:
        votes[row.sentence_id, row.target].append(row.stance)
    shares: dict[str, dict[str, list[bool]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        cast = votes[row.sentence_id, row.target]
        shares[row.annotator][row.document_id].append(len(set(cast)) == 1)
    return {who: [float(np.mean(v)) for v in by_doc.values()] for who, by_doc in shares.items()}


def _split(dataset: Dataset, fold: Fold) -> Iterator[Check]:
    parts = {part: dataset.part(fold, part) for part in ("train", "validation", "test", "contrast")}
    inside = [set(parts[part]["document_id"]) for part in ("train", "validation", "test")]
    shared = sum(map(len, inside)) - len(set.union(*inside))
    yield at_most("split", "documents in more than one part", shared, 0)
    yield at_least("split", "test pairs", len(parts["test"]), 1800)
    outside = set(parts["contrast"]["document_id"]) - inside[2]
    yield at_most("split", "contrast edits of documents outside the test part", len(outside), 0)
    for part, examples in parts.items():
        labels = examples["label"]
        counts = ", ".join(f"{label} {np.sum(labels == label)}" for label in LABELS)
        n = len(set(examples["document_id"]))
        yield reported("split", f"{part}: documents, pairs", f"{n}, {len(examples)} ({counts})")


def _leaks_and_power(dataset: Dataset, fold: Fold) -> Iterator[Check]:
    seen = dataset.examples.select([*fold.train, *fold.validation])
    for ngram in leaks.strongest_ngrams(seen):
        figure = f"z {ngram.z:.1f}, n {ngram.n}, accuracy {ngram.accuracy:.3f} ({ngram.majority:.3f})"
        yield reported("leaks", f"“{ngram.ngram}” → {ngram.label}, {ngram.target}", figure)
    gain = max(row.accuracy - row.majority for row in leaks.strongest_ngrams(seen, shown=50))
    yield at_most("leaks", "best single n-gram's accuracy over the majority's", gain, 0.05, "%")
    found = {row.sees: row for row in leaks.shortcuts(seen)}
    for sees, row in found.items():
        yield reported("leaks", f"macro-F1, {sees}", f"{row.macro_f1:.3f}")
    both = found["text and target"]
    gap = both.macro_f1 - found["text without its target"].macro_f1
    yield at_least("leaks", "what the target adds to the text, macro-F1", gap, 0.08, "%")
    second = leaks.cross_predict(seen, seen.to_pandas(), LinearStance(kind="svm", per="target"))
    test_documents = len(set(dataset.part(fold, "test")["document_id"]))
    expected = power(seen, list(both.predicted), list(second), test_documents)
    yield at_most("power", "half-width of the 95 % interval of macro-F1", expected.half_width, 0.035, "%")
    yield reported("power", "least detectable difference of two models", f"{100 * expected.detectable:.1f} %")


def _part_of_document(dataset: Dataset, fold: Fold) -> dict[str, str]:
    return {
        document: part
        for part in ("train", "validation", "test")
        for document in set(dataset.part(fold, part)["document_id"])
    }
