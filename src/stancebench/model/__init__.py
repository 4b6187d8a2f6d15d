"""Models: scikit-learn classifiers over a table of examples, one file per family."""
