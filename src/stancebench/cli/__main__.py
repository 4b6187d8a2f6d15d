"""``python -m stancebench.cli``."""

from stancebench.cli import entry

entry()
