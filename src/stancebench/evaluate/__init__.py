"""Scores from predictions alone; nothing here knows a model or a dataset.

``metrics`` declares every metric, ``scores`` computes them with intervals, ``comparison`` compares two
models, ``calibration`` rescales probabilities; the rest is what these are made of.
"""
