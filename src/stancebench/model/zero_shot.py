"""Zero-shot: a pretrained model is asked for the stance in words, and learns nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy.special import log_softmax, logsumexp, softmax

from stancebench.errors import UserError
from stancebench.model.frozen import Frozen
from stancebench.model.interface import Table
from stancebench.model.wording import TargetWording, by_label, check_templates, target_wordings
from stancebench.types import LABELS, Stance

#: Texts that say nothing. The third of Zhao et al., a lone mask, would be a second gap here.
CONTENT_FREE = ("N/A", "")


class NliStance(Frozen):
    """Natural-language inference: whether a sentence entails "the author is in favour of …".

    Each template of a label, filled with the target, is a hypothesis about the sentence [1]_. With T
    templates for label l, ``P(l) ∝ exp(1/T · Σ_t log P(entailment | sentence, hypothesis_lt))``.

    Parameters
    ----------
    path : str
        Repository id on the Hub, or a local folder, of a sequence classifier with a label
        ``entailment`` (in any case; what its other labels are does not matter).
    templates : mapping of label to tuple of str
        Hypotheses for each label, with ``{target}`` where the target stands.
    revision : str or None
        Commit of the repository.
    sha256 : str or None
        What ``model.safetensors`` must hash to.
    target_wording : {"name", "definition"}
        How the target is put.
    max_length : int
        Tokens of sentence and hypothesis; the sentence is cut where they are longer.
    batch_size : int
        Pairs at a time; no part of a run's identity.

    References
    ----------
    .. [1] W. Yin, J. Hay and D. Roth, "Benchmarking Zero-shot Text Classification", EMNLP 2019.
    """

    def __init__(
        self,
        path: str,
        templates: Mapping[Stance, tuple[str, ...]],
        revision: str | None = None,
        sha256: str | None = None,
        target_wording: TargetWording = "name",
        max_length: int = 256,
        batch_size: int = 32,
    ) -> None:
        self.path = path
        self.templates = templates
        self.revision = revision
        self.sha256 = sha256
        self.target_wording = target_wording
        self.max_length = max_length
        self.batch_size = batch_size

    def predict_proba(self, X: Table) -> np.ndarray:
        """Return probabilities, shape (n, k)."""
        targets, texts = target_wordings(X, self.target_wording), list(X["text"])
        scores = np.zeros((len(texts), len(LABELS)))
        for column, templates in enumerate(self.templates_):
            for template in templates:
                hypotheses = [template.format(target=target) for target in targets]
                scores[:, column] += self._log_entailment(texts, hypotheses) / len(templates)
        return np.asarray(softmax(scores, axis=1))

    def _log_entailment(self, texts: list[str], hypotheses: list[str]) -> np.ndarray:
        """Return log P(entailment) of each pair, shape (n,)."""
        pairs = self.tokenizer_(texts, hypotheses, truncation="only_first", max_length=self.max_length)
        encoded = [{name: pairs[name][i] for name in pairs} for i in range(len(texts))]
        found = np.zeros(len(texts))
        for rows, _, logits in self._outputs(encoded):
            found[rows] = logits.double().log_softmax(dim=-1)[:, self.entailment_].cpu().numpy()
        return found

    def _load(self) -> None:
        self.templates_ = by_label("templates", self.templates)
        check_templates("templates", [t for of_label in self.templates_ for t in of_label], known=("target",))
        self._load_as("AutoModelForSequenceClassification")
        self.entailment_ = _entailment(self.model_.config.id2label, self.path)


class MlmStance(Frozen):
    """A masked language model fills the gap of "the stance on … is [MASK]" with label words.

    In a pattern, a label word of m tokens takes m masks; its score is the mean log-probability of its
    tokens there. The mean of exp(score) over the words of a label, divided by the sum over the labels,
    is P_p(l) for pattern p [1]_. Calibrated [2]_, P_p(l) is first divided by the same pattern's P_p(l)
    for a text that says nothing (mean over `CONTENT_FREE`) and the same target. Over all patterns,
    ``P(l) ∝ exp(mean_p log P_p(l))``.

    Parameters
    ----------
    path : str
        Repository id on the Hub, or a local folder, of a masked language model.
    patterns : tuple of str
        Texts with ``{text}``, ``{mask}``, and ``{target}`` where the target stands.
    label_words : mapping of label to tuple of str
        What stands for each label in the gap.
    revision, sha256, target_wording
        As for `NliStance`.
    calibrate : bool
        Whether to divide by the probabilities of texts that say nothing.
    max_length : int
        Tokens of a filled pattern; the sentence is cut where it is longer.
    batch_size : int
        Filled patterns at a time; no part of a run's identity.

    Notes
    -----
    Zhao et al. send what they divided through a softmax. Here it is divided by its sum: either gives
    a content-free text equal probabilities and keeps the order, but only this leaves P_p(l) as it was
    where there is nothing to correct.

    References
    ----------
    .. [1] T. Schick and H. Schütze, "Exploiting Cloze Questions for Few Shot Text Classification and
       Natural Language Inference", EACL 2021.
    .. [2] T. Zhao et al., "Calibrate Before Use: Improving Few-Shot Performance of Language Models",
       ICML 2021.
    """

    def __init__(
        self,
        path: str,
        patterns: tuple[str, ...],
        label_words: Mapping[Stance, tuple[str, ...]],
        revision: str | None = None,
        sha256: str | None = None,
        target_wording: TargetWording = "name",
        calibrate: bool = False,
        max_length: int = 256,
        batch_size: int = 16,
    ) -> None:
        self.path = path
        self.patterns = patterns
        self.label_words = label_words
        self.revision = revision
        self.sha256 = sha256
        self.target_wording = target_wording
        self.calibrate = calibrate
        self.max_length = max_length
        self.batch_size = batch_size

    def predict_proba(self, X: Table) -> np.ndarray:
        """Return probabilities, shape (n, k)."""
        targets, mask = target_wordings(X, self.target_wording), self.tokenizer_.mask_token
        texts = [text.replace(mask, "") for text in X["text"]]  # a mask in the text is no gap
        scores = np.zeros((len(texts), len(LABELS)))
        for pattern in self.patterns:
            scores += self._log_shares(pattern, texts, targets)
            if self.calibrate:
                scores -= self._log_bias(pattern, targets)
        return np.asarray(softmax(scores / len(self.patterns), axis=1))

    def _log_bias(self, pattern: str, targets: list[str]) -> np.ndarray:
        """Return the log of the mean P_p(l) of texts that say nothing, shape (n, k)."""
        distinct = sorted(set(targets))
        logs = [self._log_shares(pattern, [text] * len(distinct), distinct) for text in CONTENT_FREE]
        of_target = dict(zip(distinct, np.log(np.mean(np.exp(logs), axis=0)), strict=True))
        return np.array([of_target[target] for target in targets]).reshape(-1, len(LABELS))

    def _log_shares(self, pattern: str, texts: list[str], targets: list[str]) -> np.ndarray:
        """Return log P_p(l), shape (n, k)."""
        words = [word for of_label in self.words_ for word in of_label]
        scores = np.zeros((len(texts), len(words)))
        for masks in sorted({len(word) for word in words}):
            columns = [column for column, word in enumerate(words) if len(word) == masks]
            scores[:, columns] = self._word_scores(pattern, texts, targets, [words[c] for c in columns])
        ends = np.cumsum([len(of_label) for of_label in self.words_])[:-1]
        labels = [logsumexp(part, axis=1) - np.log(part.shape[1]) for part in np.split(scores, ends, axis=1)]
        return np.asarray(log_softmax(np.stack(labels, axis=1), axis=1))

    def _word_scores(
        self, pattern: str, texts: list[str], targets: list[str], words: list[list[int]]
    ) -> np.ndarray:
        """Return the scores of w words, all of m tokens, shape (n, w)."""
        import torch

        m, tokens = len(words[0]), torch.tensor(words)
        encoded = [self._encode(pattern, *pair, masks=m) for pair in zip(texts, targets, strict=True)]
        scores = np.zeros((len(texts), len(words)))
        for rows, ids, logits in self._outputs(encoded):
            in_gap = logits[ids == self.tokenizer_.mask_token_id].double().log_softmax(dim=-1)
            in_gap = in_gap.view(len(rows), m, -1)[:, torch.arange(m), tokens]  # (rows, w, m)
            scores[rows] = in_gap.mean(dim=-1).cpu().numpy()
        return scores

    def _encode(self, pattern: str, text: str, target: str, masks: int) -> dict[str, Any]:
        """Return the tokens of a filled pattern, its text cut so that they fit."""
        gap = self.tokenizer_.mask_token * masks
        row = dict(self.tokenizer_(pattern.format(text=text, target=target, mask=gap)))
        excess = len(row["input_ids"]) - self.max_length
        if excess <= 0:
            return row
        offsets = self.tokenizer_(text, add_special_tokens=False, return_offsets_mapping=True)
        starts = [start for start, _ in offsets["offset_mapping"]]
        if excess > len(starts):
            raise UserError(
                f"model.max_length: {self.max_length} tokens do not even hold {pattern!r} without a text",
                hint="raise it, or shorten the pattern",
            )
        return self._encode(pattern, text[: starts[-excess]].rstrip(), target, masks)

    def _load(self) -> None:
        check_templates("patterns", self.patterns, known=("text", "target", "mask"), needed=("text", "mask"))
        label_words = by_label("label_words", self.label_words)
        self._load_as("AutoModelForMaskedLM")
        if self.tokenizer_.mask_token is None:
            raise UserError(f"model.path: {self.path} has no mask token", hint="name a masked language model")
        # With a space before it: byte-level vocabularies tell the start of a word by that.
        self.words_: list[list[list[int]]] = [
            [self.tokenizer_(f" {word}", add_special_tokens=False)["input_ids"] for word in words]
            for words in label_words
        ]


def _entailment(id2label: Mapping[int, str], path: str) -> int:
    """Return the index of the label ``entailment``, in any case.

    Examples
    --------
    >>> _entailment({0: "CONTRADICTION", 1: "NEUTRAL", 2: "ENTAILMENT"}, "roberta-large-mnli")
    2
    """
    found = [index for index, label in id2label.items() if label.lower() == "entailment"]
    if len(found) != 1:
        raise UserError(
            f"model.path: {path} has no label 'entailment', but {', '.join(id2label.values())}",
            hint="name a model that was trained on natural-language inference",
        )
    return int(found[0])
