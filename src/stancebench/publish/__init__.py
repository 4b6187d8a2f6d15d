"""Folders as they stand on the Hugging Face Hub: the dataset, trained models, and the push."""
