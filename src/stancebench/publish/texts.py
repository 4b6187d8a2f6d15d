"""The texts of the published folder: card, datasheet, licence, citation, rendered from templates."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from stancebench.corpus.documents import REDISTRIBUTABLE
from stancebench.publish.canary import CANARY_NOTICE
from stancebench.publish.configurations import Configuration, Written
from stancebench.publish.release import Release
from stancebench.types import LABELS

if TYPE_CHECKING:
    from stancebench.report.figures.canvas import Figure

#: Templates that become files of the same name at the top of the folder.
TEXTS = ("README.md", "DATASHEET.md", "LICENSE", "CITATION.cff", "CANARY.txt")
Files = dict[str, dict[str, Written]]


def render(name: str, values: Mapping[str, Any]) -> str:
    """Return a template filled in; a name that it uses and `values` lacks is an error."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("stancebench.publish"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["thousands"] = "{:,}".format
    environment.globals["table"] = table
    return environment.get_template(f"{name}.jinja").render(values)


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return rows as a Markdown table with the keys as its head."""
    from tabulate import tabulate

    cells = [{key: f"{v:,}" if isinstance(v, int) else v for key, v in row.items()} for row in rows]
    return str(tabulate(cells, headers="keys", tablefmt="pipe", disable_numparse=True))


def table_rows(
    facts: Mapping[str, Any], configurations: Sequence[Configuration], files: Files, figures: Sequence[Figure]
) -> dict[str, Any]:
    """Return what the templates show as tables, from the figures and the written files."""
    return {
        "configurations": configurations,
        "example": _example(configurations[0]),
        "figures": figures,
        "canary_notice": CANARY_NOTICE,
        "target_rows": [
            {"id": f"`{t.id}`", "target": t.definition, "`favor`": t.favor, "`against`": t.against}
            for t in facts["targets"]
        ],
        "configuration_rows": [
            {
                "configuration": f"`{configuration.name}`",
                "one row is": configuration.about,
                "rows": ", ".join(f"{k} {v.num_examples:,}" for k, v in files[configuration.name].items()),
            }
            for configuration in configurations
        ],
        "column_rows": {
            c.name: [{"column": f"`{n}`", "holds": about} for n, (_, about) in c.columns.items()]
            for c in configurations
        },
        "share_rows": [
            {"target": f"`{target}`", **{label: counts[label] for label in LABELS}, "pairs": counts.total()}
            for target, counts in facts["shares"].items()
        ],
        "agreement_rows": [
            {
                "target": row.group,
                "documents": row.documents,
                "alpha": f"{row.alpha:.3f} [{row.low:.3f}, {row.high:.3f}]",
                "equal": f"{100 * row.equal:.1f} %",
                "pairs": row.pairs,
            }
            for row in (*facts["agreement"], facts["agreement_on_edits"])
        ],
        "audit_rows": [
            {"area": c["area"], "measured": c["what"], "found": c["found"], "promised": c["promise"]}
            for c in facts["audit"]
        ],
    }


def _example(configuration: Configuration) -> str:
    """Return the first row that takes a stance, as JSON."""
    rows = configuration.splits["train"]
    row = next((row for row in rows if row["label"] != "none"), rows[0])
    return json.dumps({c: row[c] for c in configuration.columns}, indent=1, ensure_ascii=False)


def sources_table(release: Release) -> str:
    """Return CSV with a row for every document: what it is, whose, and whether its text may be passed on."""
    rows = [
        {
            "document_id": d.id,
            "title": d.title,
            "genre": d.genre,
            "date": d.date,
            "language": d.language,
            "split": release.part_of[d.id],
            "sha256": d.sha256,
            "provenance": d.provenance,
            "licence": d.licence,
            "redistributable": str(d.licence in REDISTRIBUTABLE).lower(),
        }
        for d in release.documents
    ]
    rows += [
        {
            "document_id": entry.document_id,
            "genre": "article",
            "language": "en",
            "sha256": entry.sha256,
            "provenance": "a publisher; its text is not included",
            "licence": "the publisher's",
            "redistributable": "false",
        }
        for entry in release.articles
    ]
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
