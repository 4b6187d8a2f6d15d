"""The card of a published model: what it is, how to use it, what it scores, what it is not fit for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from stancebench.evaluate.scores import MEAN, POOLED
from stancebench.publish.places import is_local, without_places
from stancebench.publish.texts import render
from stancebench.registry import model_class
from stancebench.report.cells import cell
from stancebench.report.collect import Run
from stancebench.types import LABELS

if TYPE_CHECKING:
    from huggingface_hub import ModelCardData

_METRICS = {"macro_f1": "macro-F1", "f_avg": "F_avg", "accuracy": "accuracy", "mcc": "MCC"}
_OF_LABELS = ("precision", "recall", "f1")
_SENTENCE = "We will send no soldiers."


def model_card(run: Run, saved: Mapping[str, Any], repo_id: str) -> str:
    """Return ``README.md``: metadata for the Hub, then the text for people.

    Parameters
    ----------
    run : Run
    saved : mapping
        Content of the model's ``stancebench.json``.
    repo_id : str
        ``USER/NAME``, for the lines that load the model.
    """
    values = {
        "repo_id": repo_id,
        "run": run.folder.name,
        "record": run.record,
        "backstop": run.record["dataset"]["name"] == "backstop",
        "consistency": cell([run.score("consistency", POOLED, "contrast")]),
        **_score_rows(run),
        **_about_the_model(run.record, saved),
    }
    text = render("MODEL_CARD.md", values)
    return f"---\n{_metadata(run, saved['model']).to_yaml()}\n---\n\n{text}"


def _about_the_model(record: Mapping[str, Any], saved: Mapping[str, Any]) -> dict[str, Any]:
    import yaml

    model = saved["model"]
    params = model_class(model["name"])(**model["params"]).get_params()  # with those at their default
    del params["random_state"]  # the run's seed
    configuration = without_places(
        {
            "model": {**{key: model[key] for key in ("label", "name", "input")}, **params},
            "protocol": {k: v for k, v in record["config"]["protocol"].items() if v is not None},
            "seed": record["seed"],
        }
    )
    wordings = {target["id"]: _wording(target, params["target_wording"]) for target in saved["targets"]}
    target_first = params["pair_order"] == "target_first"
    pair = [next(iter(wordings.values())), _SENTENCE]
    return {
        "label": model["label"],
        "licence": (model["about"] or {}).get("licence"),
        "source": (model["about"] or {}).get("source"),
        "base": f"{'a local copy, ' if is_local(params['path']) else ''}`{configuration['model']['path']}`",
        "params": params,
        "configuration": yaml.safe_dump(configuration, sort_keys=False, allow_unicode=True),
        "target_rows": [{"target": f"`{id}`", "in the pair": words} for id, words in wordings.items()],
        "target_first": target_first,
        "pair": dict(zip(("text", "text_pair"), pair if target_first else pair[::-1], strict=True)),
    }


def _wording(target: Mapping[str, Any], kind: str) -> str:
    """Return a target as `TransformerStance` puts it into the pair."""
    if kind == "definition":
        return str(target["definition"])
    return f"What is the stance towards {target['name']}?" if kind == "question" else str(target["name"])


def _score_rows(run: Run) -> dict[str, list[dict[str, str]]]:
    """Return the test scores as rows of text: by target, all of them first, and by label."""
    groups = {score.group for score in run.scores if score.part == "test"} - {POOLED, MEAN}
    titles = {POOLED: "all, pooled", **{group: f"`{group}`" for group in sorted(groups)}, MEAN: "their mean"}
    return {
        "score_rows": [
            {"target": title, **{name: cell([run.score(m, group)]) for m, name in _METRICS.items()}}
            for group, title in titles.items()
        ],
        "label_rows": [
            {"label": label, **{m: cell([run.score(f"{m}_{label}", POOLED)]) for m in _OF_LABELS}}
            for label in LABELS
        ],
    }


def _metadata(run: Run, model: Mapping[str, Any]) -> ModelCardData:
    """Return the card's front matter, with the pooled scores as the Hub shows them beside it."""
    from huggingface_hub import EvalResult, ModelCardData

    results = [
        EvalResult(
            task_type="text-classification",
            task_name="Stance classification",
            dataset_type=run.record["dataset"]["name"],
            dataset_name=f"{run.record['dataset']['name']}, {run.record['protocol']['name']}",
            dataset_split="test",
            metric_type=metric,
            metric_name=name,
            metric_value=round(score.value, 4),
        )
        for metric, name in _METRICS.items()
        if (score := run.score(metric, POOLED))
    ]
    path, licence = model["params"]["path"], (model["about"] or {}).get("licence")
    return ModelCardData(
        language="en",
        license=licence.lower() if licence else None,
        library_name="transformers",
        pipeline_tag="text-classification",
        base_model=None if is_local(path) else path,
        tags=["stance-detection", "stancebench"],
        model_name=model["label"],
        eval_results=results,
    )
