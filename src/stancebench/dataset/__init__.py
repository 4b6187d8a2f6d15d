"""Labelled examples: Backstop, and a researcher's own table, behind one `load`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stancebench.dataset.record import Dataset

if TYPE_CHECKING:
    from stancebench.config import DatasetConfig

__all__ = ["Dataset", "load"]


def load(config: DatasetConfig) -> Dataset:
    """Load the dataset that a configuration names.

    Raises
    ------
    UserError
        Where it cannot be read, with every fault and its place.
    """
    if config.name == "table":
        from stancebench.dataset.table import read_table

        return read_table(config)
    from stancebench.dataset.backstop import load_backstop

    return load_backstop()
