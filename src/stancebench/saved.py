"""Fitted models on disk: kept by a run, loaded to label texts that nobody has labelled."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from stancebench.config import ModelConfig, as_tuples
from stancebench.errors import UserError
from stancebench.files import write_atomically
from stancebench.model.inputs import restrict
from stancebench.model.interface import Answers, answers_of
from stancebench.registry import suggest
from stancebench.types import Examples, Target

SCHEMA_VERSION = 1
_SKOPS = "estimator.skops"


def save_model(model: Any, config: ModelConfig, seed: int, targets: Sequence[Target], folder: Path) -> None:
    """Write a fitted model to `folder`; ``stancebench.json``, the last file, says how to rebuild it.

    A model with a ``save`` of its own writes its state itself; any other is written by skops, which,
    unlike pickle, runs no code when it is read.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if hasattr(model, "save"):
        model.save(folder)
    else:
        import skops.io

        skops.io.dump(model, folder / _SKOPS)
    content = {
        "schema_version": SCHEMA_VERSION,
        "model": config.model_dump(mode="json"),
        "seed": seed,
        "targets": [asdict(target) for target in targets],
    }
    write_atomically(folder / "stancebench.json", json.dumps(content, indent=2) + "\n")


def load(run: str | Path, fold: str | None = None) -> SavedModel:
    """Load the fitted model of a run.

    Parameters
    ----------
    run : str or Path
        A run's folder, or the folder of a saved model.
    fold : str, optional
        Which fold's model, where the protocol has several.

    Raises
    ------
    UserError
        Where there is no model, or several and no `fold` is named.

    Examples
    --------
    >>> model = load("runs/backstop/in_target/svm/seed0-1a2b3c4d")          # doctest: +SKIP
    >>> model.predict(["We will send no soldiers."], "european_troops")     # doctest: +SKIP
    ['against']
    """
    folder = model_folder(Path(run), fold)
    content = json.loads((folder / "stancebench.json").read_text(encoding="utf-8"))
    settings = {**content["model"], "params": as_tuples(content["model"]["params"])}
    config = ModelConfig.model_validate(settings)
    model = config.build(content["seed"])
    if hasattr(model, "restore"):
        model.restore(folder)
    else:
        model = _read_skops(folder / _SKOPS)
    targets = {target["id"]: Target(**target) for target in content["targets"]}
    return SavedModel(model, config, content["seed"], targets)


class SavedModel:
    """A fitted model with the wording of the targets that it was trained on.

    Parameters
    ----------
    model : scikit-learn classifier over a table of examples
    config : ModelConfig
    seed : int
    targets : dict of str to Target
        Known targets by id.
    """

    def __init__(self, model: Any, config: ModelConfig, seed: int, targets: dict[str, Target]) -> None:
        self.model, self.config, self.seed, self.targets = model, config, seed, targets

    def predict(self, texts: Sequence[str], target: str | Sequence[str]) -> list[str | None]:
        """Return the label of each text; ``None`` where the model gave no usable answer.

        Parameters
        ----------
        texts : sequence of n str
            Sentences.
        target : str, or sequence of n str
            Id of a target of the training data, or any other target in words, where the model can
            read it.
        """
        return [None if label is None else str(label) for label in self.answers(texts, target).labels]

    def answers(
        self, texts: Sequence[str], target: str | Sequence[str], contexts: Sequence[str] | None = None
    ) -> Answers:
        """Return labels, shape (n,), and probabilities, shape (n, k) in the order of `LABELS`."""
        targets = [target] * len(texts) if isinstance(target, str) else list(target)
        if len(targets) != len(texts):
            raise UserError(
                f"{len(texts)} texts and {len(targets)} targets", hint="give one for each, or one"
            )
        named = [self.targets.get(t, Target(t, t, t, "", "")) for t in targets]
        examples = Examples(
            {
                "example_id": [str(i) for i in range(len(texts))],
                "document_id": [str(i) for i in range(len(texts))],
                "target": targets,
                "target_name": [t.name for t in named],
                "target_definition": [t.definition for t in named],
                "text": list(texts),
                "context": list(contexts) if contexts is not None else [""] * len(texts),
            }
        )
        shown = restrict(examples, self.config.input, self.seed)
        takes_columns = getattr(self.model, "takes_columns", False)
        return answers_of(self.model, shown if takes_columns else shown.to_pandas())


def model_folder(run: Path, fold: str | None = None) -> Path:
    """Return the folder of a run's saved model, of `fold` where it has several.

    Raises
    ------
    UserError
        Where there is none, or several and no `fold` is named.
    """
    if (run / "stancebench.json").is_file():
        return run
    folders = {path.parent.name: path.parent for path in sorted(run.glob("model/*/stancebench.json"))}
    if not folders:
        raise UserError(
            f"{run}: no saved model here",
            hint="name a run's folder; a run without one: train again with keep_model=true"
            " on_existing=overwrite",
        )
    if fold is None and len(folders) > 1:
        raise UserError(f"{run}: models of {len(folders)} folds", hint=f"name one: {', '.join(folders)}")
    if fold is not None and fold not in folders:
        raise UserError(f"{run}: no fold {fold!r}", hint=suggest(fold, list(folders)))
    return folders[fold] if fold is not None else next(iter(folders.values()))


def _read_skops(path: Path) -> Any:
    """Read an estimator whose every type is scikit-learn's, numpy's or this package's."""
    import skops.io

    unknown = skops.io.get_untrusted_types(file=path)
    foreign = [name for name in unknown if not name.startswith("stancebench.")]
    if foreign:
        raise UserError(
            f"{path}: holds types that could run code: {', '.join(foreign)}",
            hint="if the file is your own, load it with skops.io.load(FILE, trusted=[…])",
        )
    return skops.io.load(path, trusted=unknown)
