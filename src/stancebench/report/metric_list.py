"""The list of metrics, from their declarations: the table of ``docs/statistics.md``."""

from __future__ import annotations

from stancebench.evaluate.metrics import METRICS
from stancebench.report.cells import title_of


def metrics_in_markdown() -> str:
    """Return a Markdown table with a row for each metric."""
    from tabulate import tabulate

    rows = [
        {
            "metric": title_of(metric.name),
            "name": f"`{metric.name}`",
            "definition": metric.definition,
            "range": f"{metric.range[0]:g} to {metric.range[1]:.4g}",
            "an unscored prediction is": metric.unscored,
            "source": metric.source,
        }
        for metric in METRICS.values()
    ]
    return f"{tabulate(rows, headers='keys', tablefmt='github')}\n"
