"""The card's front matter: what the Hub indexes, and from what ``load_dataset`` knows the configurations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from stancebench.publish.columns import features
from stancebench.publish.configurations import Configuration, Written


def metadata(configurations: Sequence[Configuration], files: Mapping[str, Mapping[str, Written]]) -> str:
    """Return the card's front matter: what the Hub indexes and what `load_dataset` reads."""
    from datasets.info import DatasetInfosDict
    from datasets.utils.metadata import MetadataConfigs
    from huggingface_hub import DatasetCardData

    card = DatasetCardData(
        language=["en"],
        license="cc-by-4.0",
        annotations_creators=["machine-generated"],
        language_creators=["machine-generated"],
        multilinguality=["monolingual"],
        size_categories=[_size_category(sum(w.num_examples for w in files["default"].values()))],
        source_datasets=["original"],
        task_categories=["text-classification"],
        task_ids=["multi-input-text-classification"],
        pretty_name="Backstop",
        tags=["stance-detection", "synthetic", "contrast-set", "annotator-disagreement"],
    )
    infos = {c.name: _info(c, files[c.name]) for c in configurations}
    sources: dict[str, dict[str, Any]] = {
        name: {"data_files": [{"split": split, "path": file.path} for split, file in written.items()]}
        for name, written in files.items()
    }
    sources["default"]["default"] = True
    DatasetInfosDict(infos).to_dataset_card_data(card)
    MetadataConfigs(sources).to_dataset_card_data(card)
    return f"---\n{card.to_yaml()}\n---\n\n"


def _info(configuration: Configuration, written: Mapping[str, Written]) -> Any:
    from datasets import DatasetInfo, Features, SplitDict, SplitInfo

    splits = {
        name: SplitInfo(name=name, num_bytes=file.num_bytes, num_examples=file.num_examples)
        for name, file in written.items()
    }
    return DatasetInfo(
        features=Features(features(configuration.columns)),
        splits=SplitDict(splits),
        download_size=sum(file.file_bytes for file in written.values()),
        dataset_size=sum(file.num_bytes for file in written.values()),
    )


def _size_category(rows: int) -> str:
    """Return the Hub's name for a number of rows.

    Examples
    --------
    >>> _size_category(999), _size_category(9714), _size_category(10_000)
    ('n<1K', '1K<n<10K', '10K<n<100K')
    """
    bounds = {1_000: "1K", 10_000: "10K", 100_000: "100K", 1_000_000: "1M"}
    low = max((bound for bound in bounds if bound <= rows), default=None)
    high = min((bound for bound in bounds if bound > rows), default=None)
    parts = [bounds.get(low or 0), "n", bounds.get(high or 0)]
    return "<".join(part for part in parts if part)
