"""The network of bidirectional conditional encoding."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_sequence

from stancebench.types import LABELS

#: A target and a sentence as word numbers, each of at least one word.
Pair = tuple[Tensor, Tensor]


class ConditionalEncoder(nn.Module):
    """The network: word vectors, an LSTM for the target, one for the sentence, two layers.

    Parameters
    ----------
    words : int
        Rows of the embedding matrix.
    embedding_size, hidden_size : int
        Numbers of a word vector, and of a state of each direction.
    dropout : float
        Share of the word vectors' and of the last states' numbers that are dropped in training.
    """

    def __init__(self, words: int, embedding_size: int, hidden_size: int, dropout: float) -> None:
        super().__init__()
        self.embedding = nn.Embedding(words, embedding_size, padding_idx=0)
        self.target = nn.LSTM(embedding_size, hidden_size, batch_first=True, bidirectional=True)
        self.sentence = nn.LSTM(embedding_size, hidden_size, batch_first=True, bidirectional=True)
        self.dropout = nn.Dropout(dropout)
        self.hidden = nn.Linear(2 * hidden_size, hidden_size)
        self.output = nn.Linear(hidden_size, len(LABELS))

    def forward(self, pairs: Sequence[Pair]) -> Tensor:
        """Return logits, shape (n, k), of n pairs of target and sentence."""
        _, states = self.target(self._packed([target for target, _ in pairs]))
        _, (last, _) = self.sentence(self._packed([sentence for _, sentence in pairs]), states)
        both = torch.cat([last[0], last[1]], dim=-1)  # forward at the last word, backward at the first
        logits: Tensor = self.output(torch.tanh(self.hidden(self.dropout(both))))
        return logits

    def _packed(self, sequences: list[Tensor]) -> PackedSequence:
        """Return word vectors of sequences of any lengths, packed so that padding is never read."""
        lengths = torch.tensor([len(sequence) for sequence in sequences])
        vectors = self.dropout(self.embedding(pad_sequence(sequences, batch_first=True)))
        return pack_padded_sequence(vectors, lengths, batch_first=True, enforce_sorted=False)
