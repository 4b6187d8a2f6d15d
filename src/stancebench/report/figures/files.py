"""Figures as files beside the tables, and their place in ``report.md``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from stancebench.files import write_atomically
from stancebench.report.figures.canvas import Figure

_HEADING = "## figures\n"


def write_figures(figures: Sequence[Figure], output: Path) -> list[Path]:
    """Write figures into ``output/figures`` and list them in ``output/report.md``, in place of earlier ones.

    Returns
    -------
    list of Path
        What was written, without ``report.md``.
    """
    folder, report = output / "figures", output / "report.md"
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for figure in figures:
        svg, png = folder / f"{figure.name}.svg", folder / f"{figure.name}.png"
        write_atomically(svg, figure.svg)
        png.write_bytes(figure.png)
        written += [svg, png]
    before = report.read_text(encoding="utf-8").partition(_HEADING)[0] if report.is_file() else ""
    write_atomically(report, (f"{before.rstrip()}\n\n" if before else "") + _section(figures))
    return written


def _section(figures: Sequence[Figure]) -> str:
    entries = [
        f"![{figure.description}](figures/{figure.name}.svg)\n\n{figure.caption}\n" for figure in figures
    ]
    return "\n".join([_HEADING, *entries])
