"""Scores from predictions alone; nothing here knows a model or a dataset."""
