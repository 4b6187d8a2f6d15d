"""How likely a causal language model finds each of a few words after a prompt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor


@torch.inference_mode()
def word_log_probabilities(
    network: Any, prompts: Sequence[Sequence[int]], words: Sequence[Sequence[int]]
) -> np.ndarray:
    """Return the log-probability of each word after each prompt: the sum over its tokens.

    Every prompt is read once; the words' later tokens go on from what the network remembers of it.

    Parameters
    ----------
    network : transformers causal language model, in evaluation mode
    prompts : sequence of n sequences of int
        Token ids.
    words : sequence of k sequences of int
        Token ids, at least one each.

    Returns
    -------
    ndarray of float, shape (n, k)
        Natural logarithms.
    """
    ids, mask = _padded(prompts, left=True)
    ids, mask = ids.to(network.device), mask.to(network.device)
    read = network(
        input_ids=ids,
        attention_mask=mask,
        position_ids=(mask.cumsum(dim=1) - 1).clamp(min=0),
        use_cache=True,
        logits_to_keep=1,
    )
    first = read.logits[:, -1].double().log_softmax(dim=-1)
    scores = first[:, [word[0] for word in words]]
    if max(map(len, words)) > 1:
        scores = scores + _later_tokens(network, read.past_key_values, mask, words)
    return np.asarray(scores.cpu().numpy())


def _later_tokens(network: Any, memory: Any, mask: Tensor, words: Sequence[Sequence[int]]) -> Tensor:
    """Return the summed log-probabilities of all tokens of each word but its first, shape (n, k)."""
    n, k = len(mask), len(words)
    given, is_given = _padded([word[:-1] for word in words], left=False)
    wanted, _ = _padded([word[1:] for word in words], left=False)
    given, is_given, wanted = (part.to(mask.device).repeat(n, 1) for part in (given, is_given, wanted))
    memory.batch_repeat_interleave(k)
    before = mask.repeat_interleave(k, dim=0)
    steps = torch.arange(given.shape[1], device=mask.device)
    logits = network(
        input_ids=given,
        attention_mask=torch.cat([before, is_given], dim=1),
        position_ids=before.sum(dim=1, keepdim=True) + steps,
        past_key_values=memory,
    ).logits
    heard = logits.double().log_softmax(dim=-1).gather(-1, wanted[..., None])[..., 0]
    summed: Tensor = (heard * is_given).sum(dim=1).view(n, k)
    return summed


def _padded(rows: Sequence[Sequence[int]], left: bool) -> tuple[Tensor, Tensor]:
    """Return token ids and what of them is no padding, both of shape (rows, longest row)."""
    width = max(map(len, rows))
    ids, mask = (torch.zeros(len(rows), width, dtype=torch.long) for _ in range(2))
    for i, row in enumerate(rows):
        here = slice(width - len(row), width) if left else slice(len(row))
        ids[i, here], mask[i, here] = torch.tensor(row, dtype=torch.long), 1
    return ids, mask
