"""The checked configuration of a run, and its identity.

YAML holds values; the schema is here. The check runs on the composed configuration, before any data
is read, and reports every fault at once: Hydra alone lets a misspelt key of an experiment file pass.
"""

from __future__ import annotations

import hashlib
import inspect
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from stancebench.errors import UserError, raise_if
from stancebench.paths import project_root
from stancebench.registry import model_class, suggest

OnExisting = Literal["skip", "overwrite", "retry_failed"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class DatasetConfig(_Strict):
    """Which examples: Backstop, or a table of the user's own."""

    name: Literal["backstop", "table"]
    #: Name under which results are filed (a table: default is the file's stem).
    label: str | None = Field(default=None, pattern=r"^[\w.-]+$")
    #: CSV or Parquet with columns text, target, label.
    path: str | None = None
    #: What the table's labels are called here, such as {support: favor}.
    labels: dict[str, Literal["against", "none", "favor"]] | None = None


class ProtocolConfig(_Strict):
    """How examples are split."""

    name: Literal["in_target", "cross_genre"]
    #: Seed of the split; the same for every model and model seed.
    split_seed: int
    #: Share of the documents in train, validation and test; cross_genre tests on its own share.
    shares: dict[Literal["train", "validation", "test"], float]
    #: cross_genre: into how many groups the genres are dealt, each held out once.
    folds: int | None = Field(default=None, ge=2)


class ModelConfig(_Strict):
    """Which model; `params` are bound to its constructor."""

    #: Name in tables and folders.
    label: str = Field(pattern=r"^[\w.-]+$")
    #: Name in the registry.
    name: str
    params: dict[str, Any]

    def build(self, seed: int) -> Any:
        """Return the unfitted model, seeded where it draws anything."""
        model = model_class(self.name)
        seeded = "random_state" in inspect.signature(model).parameters
        return model(**self.params, **({"random_state": seed} if seeded else {}))


class TrainConfig(_Strict):
    """One run: a dataset, a protocol, a model and its seed."""

    dataset: DatasetConfig
    protocol: ProtocolConfig
    model: ModelConfig
    #: Seed of the model; 0 is a seed.
    seed: int = Field(ge=0)
    #: What to do where this very run is there already.
    on_existing: OnExisting
    #: Folder of all runs.
    runs: str


def build_config(composed: Mapping[str, Any]) -> TrainConfig:
    """Check a composed configuration and return it, frozen.

    Raises
    ------
    UserError
        With every unknown key, wrong type, missing value and unbindable model parameter.
    """
    content = json.loads(json.dumps(composed))
    problems: list[str] = []
    model = content.get("model")
    if isinstance(model, dict):
        model["params"] = _model_params(model, problems)
        content["model"] = {k: model[k] for k in ("label", "name", "params") if k in model}
    try:
        config = TrainConfig.model_validate(content)
    except ValidationError as fault:
        problems += [_in_words(error) for error in fault.errors()]
    raise_if(problems, "the configuration does not hold", "see conf/ and `python train.py --help`")
    shares = config.protocol.shares
    if set(shares) != {"train", "validation", "test"} or abs(sum(shares.values()) - 1) > 1e-9:
        raise UserError(f"protocol.shares: {shares}", hint="give train, validation, test that sum to 1")
    return config


def default_protocol(name: str) -> ProtocolConfig:
    """Return a protocol as ``conf/protocol`` has it."""
    import yaml

    path = project_root() / "conf" / "protocol" / f"{name}.yaml"
    return ProtocolConfig.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))


def _model_params(model: dict[str, Any], problems: list[str]) -> dict[str, Any]:
    """Return the keys of `model` that are its constructor's, converted to their types."""
    given = {k: v for k, v in model.items() if k not in ("label", "name")}
    if not isinstance(model.get("name"), str):
        return given
    try:
        constructor = model_class(model["name"])
    except UserError as fault:
        problems.append(f"{fault.what} {fault.hint}")
        return given
    signature = inspect.signature(constructor).parameters
    known = [name for name in signature if name != "random_state"]
    hints = get_type_hints(constructor.__init__) if signature else {}
    bound = {}
    for name, value in given.items():
        if name not in known:
            hint = "it is the run's seed=" if name == "random_state" else suggest(name, known)
            problems.append(f"model.{name}: {model['name']} takes no such parameter; {hint}")
            continue
        try:
            bound[name] = TypeAdapter(hints[name]).validate_python(_tuples(value), strict=True)
        except ValidationError as fault:
            problems += [f"model.{name}: {e['msg']} (found {value!r})" for e in fault.errors()[:1]]
    missing = [n for n in known if signature[n].default is inspect.Parameter.empty and n not in given]
    problems += [f"model.{name}: {model['name']} needs this parameter" for name in missing]
    return bound


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


_GROUPS: dict[str, type[BaseModel]] = {"dataset": DatasetConfig, "protocol": ProtocolConfig}


def _in_words(error: Any) -> str:
    place = ".".join(map(str, error["loc"]))
    if error["type"] == "extra_forbidden":
        schema = _GROUPS.get(str(error["loc"][0]), TrainConfig)
        return f"{place}: unknown key; {suggest(str(error['loc'][-1]), list(schema.model_fields))}"
    if error["type"] == "missing":
        return f"{place}: missing"
    return f"{place}: {error['msg']} (found {error['input']!r})"


def identity(config: TrainConfig, data: Mapping[str, str], protocol_version: int) -> dict[str, Any]:
    """Return what tells one run from another: no paths, no device, no number of workers."""
    model = config.model.build(config.seed)
    params = model.identity() if hasattr(model, "identity") else model.get_params(deep=False)
    params.pop("random_state", None)
    return {
        "dataset": dict(data),
        "protocol": {"version": protocol_version, **config.protocol.model_dump()},
        "model": {"name": config.model.name, "params": params},
        "seed": config.seed,
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
        / config.protocol.name
        / config.model.label
        / f"seed{config.seed}-{digest}"
    )
