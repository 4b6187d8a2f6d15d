"""stancebench: a benchmark for stance classification, and Backstop, its dataset."""

__version__ = "0.1.0"
