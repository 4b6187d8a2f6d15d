"""The challenge suite: test examples in other words, with typos, in other casing, and by phenomenon."""
