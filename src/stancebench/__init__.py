"""stancebench: a benchmark for stance classification, and Backstop, its dataset."""

__version__ = "1.0.0"
