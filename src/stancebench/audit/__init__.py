"""The audit: what the dataset promises, measured on the data that are there."""
