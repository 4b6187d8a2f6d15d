"""Tables in the terminal, or in a pipe: at most 100 columns wide, and plain text where nobody looks."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Sequence

import pandas as pd
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from stancebench.report.compared import BEST, Section

WIDTH = 100
_GAP = 2
#: Names in a first column are broken, at hyphens and blanks, to what is left, but no shorter than this.
_LEAST_NAME = 12


def print_sections(sections: Sequence[Section]) -> None:
    """Print comparisons one after another, each with its tables and what they mean."""
    width = min(WIDTH, shutil.get_terminal_size((WIDTH, 24)).columns)
    console = Console(width=width, highlight=False, markup=False)
    for section in sections:
        console.print(Text(section.title, style="bold"))
        for table in section.tables:
            console.print()
            console.print(_rendered(table.frame, width))
            for text in (table.caption, table.note):
                if text:
                    console.print(text)
        console.print()


def _rendered(frame: pd.DataFrame, width: int) -> Table:
    """Return a table of at most `width`, whose first column has what the others leave."""
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False, pad_edge=False)
    columns = {str(title): [str(value) for value in values] for title, values in frame.items()}
    widths = {title: max(map(len, (*cells, *title.split()))) for title, cells in columns.items()}
    first = next(iter(columns))
    left = width - sum(widths[title] + _GAP for title in columns if title != first)
    widths[first] = min(widths[first], max(left, _LEAST_NAME))
    columns[first] = [textwrap.fill(name, widths[first]) for name in columns[first]]
    for title in columns:
        table.add_column(textwrap.fill(title, widths[title]), no_wrap=True)
    for row in zip(*columns.values(), strict=True):
        table.add_row(*(Text(cell, style="bold" if BEST in cell else "") for cell in row))
    return table
