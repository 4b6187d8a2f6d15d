"""``croissant.json``: the files and columns for machines, with the Responsible AI properties."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from stancebench.publish.columns import Column, Kind
from stancebench.publish.configurations import Configuration, Written
from stancebench.publish.texts import render
from stancebench.types import LABELS

#: Prefix and short names of the format's own context, version 1.0.
_CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/",
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    **{
        name: f"cr:{name}"
        for name in (
            "citeAs", "column", "equivalentProperty", "extract", "field", "fileProperty", "fileObject",
            "fileSet", "format", "includes", "isLiveDataset", "jsonPath", "key", "md5", "parentField", "path",
            "recordSet", "references", "regex", "repeated", "replace", "samplingRate", "separator", "source",
            "subField", "transform",
        )
    },
}  # fmt: skip
_DATA_TYPE: dict[Kind, str] = {
    "text": "sc:Text",
    "texts": "sc:Text",
    "number": "sc:Integer",
    "share": "sc:Float",
    "flag": "sc:Boolean",
    "label": "sc:Integer",
    "labels": "sc:Integer",
}
_REPEATED = ("texts", "labels")


def croissant(
    folder: Path,
    repo_id: str,
    facts: Mapping[str, Any],
    configurations: Sequence[Configuration],
    files: Mapping[str, Mapping[str, Written]],
) -> str:
    """Return the JSON-LD text that describes the Parquet files below `folder`.

    Addresses of files are relative, so that the description holds for the Hub's page and for a download.

    References
    ----------
    Croissant 1.0 and its Responsible AI vocabulary 1.0, MLCommons.
    """
    import yaml

    written = [(c, split, file) for c in configurations for split, file in files[c.name].items()]
    url = f"https://huggingface.co/datasets/{repo_id}"
    content = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": ["http://mlcommons.org/croissant/1.0", "http://mlcommons.org/croissant/RAI/1.0"],
        "name": "Backstop",
        "description": render("description.txt", facts).strip(),
        "url": url,
        "version": facts["version"],
        "datePublished": facts["released"],
        "license": "https://creativecommons.org/licenses/by/4.0/",
        "citeAs": f"{' and '.join(facts['authors'])}. Backstop, version {facts['version']}. {url}",
        "creator": [{"@type": "sc:Organization", "name": author} for author in facts["authors"]],
        "inLanguage": ["en"],
        "keywords": ["stance detection", "text classification", "contrast set", "synthetic text"],
        "isLiveDataset": False,
        **{f"rai:{k}": v for k, v in yaml.safe_load(render("responsible_ai.yaml", facts)).items()},
        "distribution": [_file(folder, file) for _, _, file in written],
        "recordSet": [_labels(), *(_record_set(c, split, file) for c, split, file in written)],
    }
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def _file(folder: Path, written: Written) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": written.path,
        "name": written.path,
        "contentUrl": written.path,
        "contentSize": f"{written.file_bytes} B",
        "encodingFormat": "application/x-parquet",
        "sha256": hashlib.sha256((folder / written.path).read_bytes()).hexdigest(),
    }


def _labels() -> dict[str, Any]:
    """Return the table of what the integers of label columns mean."""
    return {
        "@type": "cr:RecordSet",
        "@id": "labels",
        "name": "labels",
        "description": "The stance that each integer of a label column stands for.",
        "dataType": "sc:Enumeration",
        "key": {"@id": "labels/id"},
        "field": [
            {"@type": "cr:Field", "@id": "labels/id", "name": "id", "dataType": "sc:Integer"},
            {"@type": "cr:Field", "@id": "labels/name", "name": "name", "dataType": "sc:Text"},
        ],
        "data": [{"labels/id": i, "labels/name": label} for i, label in enumerate(LABELS)],
    }


def _record_set(configuration: Configuration, split: str, written: Written) -> dict[str, Any]:
    name = f"{configuration.name}/{split}"
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "description": f"{configuration.about}; {split}, {written.num_examples:,} rows",
        "field": [_field(name, written.path, *column) for column in configuration.columns.items()],
    }


def _field(record_set: str, path: str, name: str, column: Column) -> dict[str, Any]:
    field: dict[str, Any] = {
        "@type": "cr:Field",
        "@id": f"{record_set}/{name}",
        "name": name,
        "description": column.about,
        "dataType": _DATA_TYPE[column.kind],
        "source": {"fileObject": {"@id": path}, "extract": {"column": name}},
    }
    if column.kind in _REPEATED:
        field["repeated"] = True
    if column.kind == "label":
        field["references"] = {"field": {"@id": "labels/id"}}
    return field
