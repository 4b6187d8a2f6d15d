"""Documents, their sentences, judgements of them, and the gold labels settled from these."""

#: A change that moves any sentence boundary raises this number; datasets are then built anew.
SEGMENTATION_VERSION = 1
