"""Word and character n-grams, and their copies for each target."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import FeatureUnion


def ngram_vectorizer(words: tuple[int, int], characters: tuple[int, int], min_df: int) -> FeatureUnion:
    """Return an unfitted vectoriser: TF-IDF of word n-grams beside that of character n-grams.

    Parameters
    ----------
    words, characters : tuple of (int, int)
        Shortest and longest n-gram; those of characters stay inside a word.
    min_df : int
        Texts that an n-gram must stand in.

    Examples
    --------
    >>> list(ngram_vectorizer((1, 1), (2, 2), 1).fit(["abc"]).get_feature_names_out())
    ['word__abc', 'char__ a', 'char__ab', 'char__bc', 'char__c ']
    """

    def tfidf(analyzer: str, ngrams: tuple[int, int]) -> TfidfVectorizer:
        return TfidfVectorizer(analyzer=analyzer, ngram_range=tuple(ngrams), min_df=min_df, sublinear_tf=True)

    return FeatureUnion([("word", tfidf("word", words)), ("char", tfidf("char_wb", characters))])


def cross_with_targets(
    features: sparse.csr_array, targets: np.ndarray, known: Sequence[str]
) -> sparse.csr_array:
    """Return the features once for all targets, and once more for each known target.

    Parameters
    ----------
    features : sparse array of shape (n, d)
    targets : array of n str
    known : sequence of t str
        Targets that have a copy; the others' rows are 0 in every copy.

    Returns
    -------
    sparse array of shape (n, d + t (d + 1))
        Behind each copy a column of ones for its target.

    References
    ----------
    H. Daumé III, "Frustratingly Easy Domain Adaptation", ACL 2007.

    Examples
    --------
    >>> ones = sparse.csr_array([[1.0], [1.0]])
    >>> cross_with_targets(ones, np.array(["a", "b"]), ["a"]).toarray()
    array([[1., 1., 1.],
           [1., 0., 0.]])
    """
    blocks = [features]
    for target in known:
        mine = (targets == target).astype(float)
        blocks += [sparse.diags_array(mine) @ features, sparse.csr_array(mine[:, None])]
    return sparse.csr_array(sparse.hstack(blocks))
