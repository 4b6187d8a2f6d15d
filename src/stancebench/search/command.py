"""From overrides to the winner's file: compose, try, record."""

from __future__ import annotations

import shlex
import tempfile
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
from hydra import compose, initialize_config_dir
from hydra.errors import HydraException
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from stancebench.config import TrainConfig, build_config
from stancebench.dataset import Dataset
from stancebench.errors import UserError, raise_if
from stancebench.evaluate.counts import confusion, macro_f1
from stancebench.fit import fit_model, table_for
from stancebench.identity import identity_hash
from stancebench.model.inputs import restrict
from stancebench.paths import project_root
from stancebench.protocol import load_folds
from stancebench.run import Plan, plan, say
from stancebench.search.space import Space, read_space
from stancebench.search.study import SharedStudy
from stancebench.search.winner import refuse, tuned_model, write_winner
from stancebench.types import Fold


class SearchOptions(BaseModel):
    """What ``conf/search.yaml`` has beyond a run's configuration."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    #: Completed trials, over all processes.
    budget: int = Field(ge=1)
    #: Whether the winner's file may be replaced.
    overwrite: bool


def main(overrides: Sequence[str]) -> int:
    """Run ``stancebench search`` with Hydra overrides such as ``model=svm``; return the exit status.

    Raises
    ------
    UserError
        Where the search cannot be done.
    """
    composed = _compose(overrides)
    options = {name: composed.pop(name) for name in SearchOptions.model_fields}
    try:
        chosen = SearchOptions.model_validate(options)
    except ValidationError as fault:
        problems = [f"{e['loc'][0]}: {e['msg']} (found {e['input']!r})" for e in fault.errors()]
        raise UserError("the options do not hold", problems, "see conf/search.yaml") from None
    keys = [override.lstrip("+~").partition("=")[0] for override in overrides]
    fixed = {key.split(".")[1] for key in keys if key.startswith("model.")}
    kept = [override for override in overrides if not override.startswith("overwrite=")]
    command = shlex.join(["stancebench", "search", *kept])
    search(composed, chosen.budget, overwrite=chosen.overwrite, fixed=fixed, command=command)
    return 0


def search(
    composed: Mapping[str, Any],
    budget: int = 20,
    *,
    overwrite: bool = False,
    fixed: Collection[str] = (),
    command: str = "stancebench.search.search",
) -> Path | None:
    """Try `budget` settings of a model's parameters and write the best as a model of its own.

    The score is macro-F1 on the validation part, the mean over the folds; the test part is neither
    fitted on nor predicted. The trials are in a journal under ``runs/<dataset>/<protocol>/search/``:
    the same search goes on there, and other processes may take part in it.

    Parameters
    ----------
    composed : mapping
        Configuration of a run, as ``train.py`` composes it.
    budget : int
        Completed trials, over all processes. A killed trial does not count; one that failed counts
        for the process that ran it.
    overwrite : bool
        Whether ``conf/model/<label>_tuned.yaml`` may be replaced.
    fixed : collection of str
        Parameters of the model that stay as they are, whatever the space says.
    command : str
        What the written file names as its origin.

    Returns
    -------
    Path or None
        The written file; none while other processes run trials of this search: the last one writes.

    Raises
    ------
    UserError
        Where the configuration, the space or the data do not hold, the file is there already, or
        every trial failed.
    """
    space = read_space(build_config(composed).model, fixed)  # its faults come before any data is read
    planned = plan(composed)
    folds = _folds_with_validation(planned)
    journal = _journal(planned, space)
    winner = project_root() / "conf" / "model" / f"{planned.config.model.label}_tuned.yaml"
    study = SharedStudy(journal, space.distributions, planned.config.seed)
    missing = budget - len(study.completed())
    if missing > 0 and winner.is_file() and not overwrite:
        refuse(winner)  # now, and not after hours of trials
    say(f"{planned.config.model.title}: {max(missing, 0)} of {budget} trials to run, in {journal}")
    with study.working():
        _run_trials(study, budget, planned, space, folds)
    running = len(study.running())
    if running:
        say(f"{running} trials are running elsewhere; the process that ends last writes {winner}")
        return None
    _check_any_completed(study)
    best = study.best()
    score = f"validation macro-F1 {best.value:.3f} on {planned.dataset.name}, {planned.config.protocol.name}"
    found = space.values(best.params)
    model = tuned_model(composed["model"], winner.stem, found, f"{score}; not scored on the test part")
    write_winner(winner, _comments(command, score, planned, study), model, overwrite)
    say(f"best: {score}, {_in_words(found)}\n  python train.py model={winner.stem}")
    return winner


def validation_score(config: TrainConfig, dataset: Dataset, folds: Sequence[Fold]) -> float:
    """Return macro-F1 on the validation part, the mean over the folds."""
    scores = []
    for fold in folds:
        parts = (dataset.part(fold, name) for name in ("train", "validation"))
        train, validation = (restrict(part, config.model.input, config.seed) for part in parts)
        model = config.model.build(config.seed)
        with tempfile.TemporaryDirectory(prefix="stancebench-") as folder:
            fit_model(model, train, validation, Path(folder) / "checkpoints")
        predicted = model.predict(table_for(model, validation))
        scores.append(float(macro_f1(confusion(list(validation["label"]), list(predicted)))))
    return float(np.mean(scores))


def _compose(overrides: Sequence[str]) -> dict[str, Any]:
    folder = str((project_root() / "conf").resolve())
    try:
        with initialize_config_dir(folder, version_base="1.3"):
            composed = compose("search", overrides=list(overrides))
            content: Any = OmegaConf.to_container(composed, resolve=True, throw_on_missing=True)
    except (HydraException, OmegaConfBaseException) as fault:
        raise UserError(str(fault), hint="values are those of conf/search.yaml and conf/train.yaml") from None
    return dict(content)


def _folds_with_validation(planned: Plan) -> list[Fold]:
    folds = load_folds(planned.dataset, planned.config.protocol)
    problems = [f"fold {fold.name} has none" for fold in folds if not fold.validation]
    raise_if(problems, "a search needs a validation part", "take another protocol, or other shares")
    return folds


def _journal(planned: Plan, space: Space) -> Path:
    """Return where the trials are kept: by data, protocol, seed, space and what is not searched."""
    model = planned.identity["model"]
    rest = {name: value for name, value in model["params"].items() if name not in space.content}
    searched = {**planned.identity, "model": {**model, "params": rest}, "space": space.content}
    config = planned.config
    folder = Path(config.runs) / planned.dataset.name / config.protocol.name / "search"
    return folder / f"{config.model.title}-{identity_hash(searched)}.journal"


def _run_trials(study: SharedStudy, budget: int, planned: Plan, space: Space, folds: list[Fold]) -> None:
    config = planned.config
    while trial := study.claim(budget):
        values = space.values(trial.params)
        model = config.model.model_copy(update={"params": {**config.model.params, **values}})
        try:
            tried = config.model_copy(update={"model": model})
            score = validation_score(tried, planned.dataset, folds)
        except Exception as fault:  # whatever the model raises: the next values may do
            study.fail(trial, fault)
            say(f"trial {trial.number} failed ({_in_words(values)}): {type(fault).__name__}: {fault}")
        else:
            study.complete(trial, score)
            say(_progress(study, budget, score, values))


def _progress(study: SharedStudy, budget: int, score: float, values: Mapping[str, Any]) -> str:
    done = study.completed()
    seconds = [trial.duration.total_seconds() for trial in done if trial.duration]
    processes = 1 + len(study.running())
    left = timedelta(seconds=round(max(budget - len(done), 0) * float(np.mean(seconds)) / processes))
    return (
        f"{len(done)} of {budget}: macro-F1 {score:.3f} ({_in_words(values)});"
        f" best {study.best().value:.3f}, about {left} left"
    )


def _check_any_completed(study: SharedStudy) -> None:
    if not study.completed():
        raise UserError("every trial failed", study.errors(), "mend the cause, then the same command again")


def _comments(command: str, score: str, planned: Plan, study: SharedStudy) -> list[str]:
    return [
        f"Found by: {command}",
        f"{len(study.completed())} completed trials, seed {planned.config.seed}; {score}.",
        f"Data {planned.dataset.fingerprint}; the test part was not predicted.",
    ]


def _in_words(values: Mapping[str, Any]) -> str:
    return ", ".join(
        f"{name}={value:.3g}" if isinstance(value, float) else f"{name}={value}"
        for name, value in values.items()
    )
