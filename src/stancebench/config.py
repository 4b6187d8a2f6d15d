"""The checked configuration of a run.

YAML holds values; the schema is here. The check runs on the composed configuration, before any data
is read, and reports every fault at once: Hydra alone lets a misspelt key of an experiment file pass.
"""

from __future__ import annotations

import difflib
import inspect
import json
import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from stancebench.errors import UserError, raise_if
from stancebench.model.inputs import Input
from stancebench.paths import project_root
from stancebench.registry import model_class, suggest

#: Families of models, in the order in which papers list them.
Family = Literal[
    "floor",
    "linear over n-grams",
    "neural classic",
    "frozen encoder",
    "fine-tuned encoder",
    "few-shot",
    "zero-shot",
    "prompted language model",
    "your own",
]
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

    name: Literal[
        "in_target",
        "cross_target",
        "cross_genre",
        "cross_dataset",
        "few_shot",
        "learning_curve",
        "contrast",
        "article",
    ]
    #: Seed of the split; the same for every model and model seed.
    split_seed: int
    #: Share of the documents in train, validation and test; cross_genre tests on its own share.
    shares: dict[Literal["train", "validation", "test"], float]
    #: cross_genre: into how many groups the genres are dealt, each held out once.
    folds: int | None = Field(default=None, ge=2)
    #: few_shot: training examples of each target and stance.
    k: int | None = Field(default=None, ge=1)
    #: few_shot: how many times they are drawn; each draw is a fold.
    draws: int | None = Field(default=None, ge=1)
    #: learning_curve: shares of the training documents, each a fold.
    fractions: list[Annotated[float, Field(gt=0, le=1)]] | None = Field(default=None, min_length=1)
    #: cross_dataset: what is tested on; `dataset` is trained on.
    test_dataset: DatasetConfig | None = None

    @property
    def title(self) -> str:
        """The name in tables and folders: few_shot with two numbers of examples is two protocols."""
        return self.name if self.k is None else f"{self.name}-{self.k}"


class About(_Strict):
    """What is known of a model before it is run; shown in ``docs/models.md``, no part of its identity."""

    family: Family
    parameters: str
    licence: str
    source: str
    #: Time of one run, as measured, with the machine; or "not measured".
    cost: str
    #: Score of one run, as measured, with its range; or "not measured".
    expected: str


class ModelConfig(_Strict):
    """Which model; `params` are bound to its constructor."""

    #: Name in tables and folders.
    label: str = Field(pattern=r"^[\w.-]+$")
    #: Name in the registry.
    name: str
    #: What the model is shown of an example.
    input: Input = "full"
    about: About | None = None
    params: dict[str, Any]

    def build(self, seed: int) -> Any:
        """Return the unfitted model, seeded where it draws anything."""
        model = model_class(self.name)
        seeded = "random_state" in inspect.signature(model).parameters
        return model(**self.params, **({"random_state": seed} if seeded else {}))

    @property
    def title(self) -> str:
        """The label, and beside it what of the input or which prompt makes this another model."""
        parts = [self.label, "" if self.input == "full" else self.input]
        parts.append(self.params.get("prompt", {}).get("name", ""))
        return "-".join(part for part in parts if part)


class TrackingConfig(_Strict):
    """Where a run is reported to while it goes on; no part of its identity."""

    name: Literal["none", "trackio", "mlflow", "tensorboard", "wandb"] = "none"
    #: What the runs are filed under there.
    project: str = Field(default="stancebench", pattern=r"^[\w.-]+$")
    #: wandb: whether anything leaves the machine.
    mode: Literal["offline", "online"] | None = None


class TrainConfig(_Strict):
    """One run: a dataset, a protocol, a model and its seed."""

    dataset: DatasetConfig
    protocol: ProtocolConfig
    model: ModelConfig
    #: Seed of the model; 0 is a seed.
    seed: int = Field(ge=0)
    #: Whether the fitted model stays in the run's folder, for `stancebench predict`.
    keep_model: bool = True
    tracking: TrackingConfig = TrackingConfig()
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
        model["params"] = _model_params(model, content.pop("prompt", None), problems)
        content["model"] = {k: v for k, v in model.items() if k in ModelConfig.model_fields}
    if isinstance(content.get("protocol"), dict):
        problems += _protocol_faults(content["protocol"])
    if isinstance(content.get("tracking"), dict):
        problems += _tracking_faults(content["tracking"])
    try:
        config = TrainConfig.model_validate(content)
    except ValidationError as fault:
        problems += [_in_words(error) for error in fault.errors()]
    raise_if(problems, "the configuration does not hold", "see conf/ and `python train.py --help`")
    return config


def default_protocol(name: str) -> ProtocolConfig:
    """Return a protocol as ``conf/protocol`` has it."""
    import yaml

    path = project_root() / "conf" / "protocol" / f"{name}.yaml"
    return ProtocolConfig.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))


def _model_params(model: dict[str, Any], prompt: Any, problems: list[str]) -> dict[str, Any]:
    """Return the keys of `model` that are its maker's, converted to their types.

    A maker that takes a ``prompt`` gets the content of the configuration's prompt file.
    """
    given = {k: v for k, v in model.items() if k not in ModelConfig.model_fields}
    if not isinstance(model.get("name"), str):
        return given
    try:
        maker = model_class(model["name"])
    except UserError as fault:
        problems.append(f"{fault.what} {fault.hint}")
        return given
    signature = inspect.signature(maker).parameters
    known = [name for name in signature if name != "random_state"]
    typed = maker.__init__ if isinstance(maker, type) else maker  # type: ignore[misc]
    hints = get_type_hints(typed) if signature else {}
    if "prompt" in known:
        given.setdefault("prompt", prompt)
    bound = {}
    for name, value in given.items():
        if name not in known:
            hint = "it is the run's seed=" if name == "random_state" else suggest(name, known)
            problems.append(f"model.{name}: {model['name']} takes no such parameter; {hint}")
            continue
        try:
            kind = TypeAdapter(hints.get(name, Any))
            bound[name] = kind.validate_python(as_tuples(value), strict=True)
        except ValidationError as fault:
            problems += [f"model.{name}: {e['msg']} (found {value!r})" for e in fault.errors()[:1]]
    missing = [n for n in known if signature[n].default is inspect.Parameter.empty and n not in given]
    problems += [f"model.{name}: {model['name']} needs this parameter" for name in missing]
    return bound


def as_tuples(value: Any) -> Any:
    """Return `value` with its lists, which YAML and JSON write, as the tuples that models take.

    Examples
    --------
    >>> as_tuples({"word_ngrams": [1, 3]})
    {'word_ngrams': (1, 3)}
    """
    if isinstance(value, dict):
        return {key: as_tuples(item) for key, item in value.items()}
    return tuple(map(as_tuples, value)) if isinstance(value, list) else value


#: The keys that one protocol needs and the others do not take.
_OF_PROTOCOL: dict[str, str] = {
    "folds": "cross_genre",
    "k": "few_shot",
    "draws": "few_shot",
    "fractions": "learning_curve",
    "test_dataset": "cross_dataset",
}


def _protocol_faults(protocol: Mapping[str, Any]) -> list[str]:
    """Return missing keys, keys of another protocol, and shares that are not a whole."""
    name, problems = protocol.get("name"), []
    for key, owner in _OF_PROTOCOL.items():
        given = protocol.get(key) is not None
        if owner == name and not given:
            problems.append(f"protocol.{key}: {name} needs this key")
        if owner != name and given:
            problems.append(f"protocol.{key}: {name} takes no such key; it belongs to {owner}")
    shares = protocol.get("shares")
    if isinstance(shares, dict) and not _are_whole(shares):
        problems.append(f"protocol.shares: {shares}; give train, validation, test that sum to 1")
    return problems


def _are_whole(shares: Mapping[str, Any]) -> bool:
    numbers = [share for share in shares.values() if isinstance(share, int | float)]
    return set(shares) == {"train", "validation", "test"} and abs(sum(numbers) - 1) < 1e-9


#: The keys that only some trackers take.
_OF_TRACKERS: dict[str, tuple[str, ...]] = {"project": ("trackio", "mlflow", "wandb"), "mode": ("wandb",)}


def _tracking_faults(tracking: Mapping[str, Any]) -> list[str]:
    return [
        f"tracking.{key}: {tracking.get('name')} takes no such key; it belongs to {', '.join(owners)}"
        for key, owners in _OF_TRACKERS.items()
        if key in tracking and tracking.get("name") not in owners
    ]


_GROUPS: dict[str, type[BaseModel]] = {
    "dataset": DatasetConfig,
    "protocol": ProtocolConfig,
    "protocol.test_dataset": DatasetConfig,
    "tracking": TrackingConfig,
    "model.about": About,  # the other keys of a model are its parameters, checked above
}


_NAMES = re.compile("'([^']+)'")  # in pydantic's sentence on a value that is none of these


def _in_words(error: Any) -> str:
    place = ".".join(map(str, error["loc"]))
    if error["type"] == "extra_forbidden":
        schema = _GROUPS.get(".".join(map(str, error["loc"][:-1])), TrainConfig)
        return f"{place}: unknown key; {suggest(str(error['loc'][-1]), list(schema.model_fields))}"
    if error["type"] == "missing":
        return f"{place}: missing"
    near = difflib.get_close_matches(str(error["input"]), _NAMES.findall(error["msg"]), n=1)
    ask = f"; did you mean {near[0]}?" if near else ""
    return f"{place}: {error['msg']} (found {error['input']!r}){ask}"
