"""What tells one run from another, and the folder that follows from it."""

from __future__ import annotations

import hashlib
import inspect
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stancebench.config import TrainConfig
from stancebench.registry import model_class


def identity(config: TrainConfig, data: Mapping[str, str], protocol_version: int) -> dict[str, Any]:
    """Return what tells one run from another: no paths, no device, no number of workers.

    Parameters that stand at their default are left out, so that a new option does not make every
    earlier run another one. A default that changes a score must therefore never change: give the
    class another ``version`` (an attribute, 1 where there is none).
    """
    # What is tested on under cross_dataset is in the fingerprint of `data`, wherever its file lies.
    protocol = config.protocol.model_dump(exclude_none=True, exclude={"test_dataset"})
    return {
        "dataset": dict(data),
        "protocol": {"version": protocol_version, **protocol},
        "model": _model_identity(config),
        "seed": config.seed,
    }


def _model_identity(config: TrainConfig) -> dict[str, Any]:
    maker = model_class(config.model.name)
    model = config.model.build(config.seed)
    params = model.identity() if hasattr(model, "identity") else config.model.params
    defaults = {name: p.default for name, p in inspect.signature(maker).parameters.items()}
    return {
        "name": config.model.name,
        "version": getattr(maker, "version", 1),
        "input": config.model.input,
        "params": {
            name: value
            for name, value in params.items()
            if name != "random_state" and not (name in defaults and value == defaults[name])
        },
    }


def identity_hash(identity: Mapping[str, Any]) -> str:
    """Return eight hexadecimal digits of the SHA-256 of an identity.

    Examples
    --------
    >>> identity_hash({"seed": 0}) == identity_hash({"seed": 0}) != identity_hash({"seed": 1})
    True
    """
    text = json.dumps(identity, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def run_folder(config: TrainConfig, dataset_name: str, digest: str) -> Path:
    """Return the folder that a run owns."""
    return (
        Path(config.runs)
        / dataset_name
        / config.protocol.title
        / config.model.title
        / f"seed{config.seed}-{digest}"
    )
