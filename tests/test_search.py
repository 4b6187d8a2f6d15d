"""The search: its budget, its processes, what it looks at, and the model it ends in."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import optuna
import pytest
import yaml
from sklearn.metrics import f1_score

from stancebench.config import ModelConfig
from stancebench.errors import UserError
from stancebench.fit import table_for
from stancebench.model.interface import Parameters, Table
from stancebench.protocol import load_folds
from stancebench.registry import MODELS, register
from stancebench.run import plan
from stancebench.search import main
from stancebench.search.command import _compose, validation_score
from stancebench.search.space import read_space
from stancebench.search.study import SharedStudy
from stancebench.types import LABELS
from tests.conftest import REPOSITORY

Train = Callable[..., subprocess.CompletedProcess[str]]
MODEL = {
    "about": {
        "family": "your own",
        "parameters": "none",
        "licence": "none",
        "source": "none",
        "cost": "2 s",
        "expected": "0.5",
    },
    "label": "toy",
    "name": "toy",
    "share": 0.5,
    "words": ["welcome", "reject"],
}
SPACE = {"share": {"low": 0.0, "high": 1.0}, "words": {"choices": [["welcome", "reject"], ["joy", "anger"]]}}


class Toy(Parameters):
    """Knows the label of a share of the sentences: the larger the share, the better it scores."""

    classes_ = np.asarray(LABELS, dtype=object)
    #: Examples that must not be shown to it.
    forbidden: frozenset[str] = frozenset()
    #: Raises below this share.
    fails_below = 0.0
    #: Fits after which the process is killed; none where it is negative.
    lives = -1
    fits = 0

    def __init__(self, share: float = 0.5, words: tuple[str, str] = ("welcome", "reject")) -> None:
        self.share = share
        self.words = words

    def fit(self, X: Table, y: Sequence[str]) -> Toy:
        self._look(X)
        Toy.fits += 1
        if Toy.fits - 1 == Toy.lives:
            os.kill(os.getpid(), signal.SIGKILL)
        if self.share < Toy.fails_below:
            raise RuntimeError("the share is too small")
        return self

    def predict_proba(self, X: Table) -> np.ndarray:
        self._look(X)
        known = [i / max(len(X), 1) < self.share for i in range(len(X))]
        labels = [
            self._label(text) if knows else "none" for text, knows in zip(X["text"], known, strict=True)
        ]
        return np.eye(len(LABELS))[[LABELS.index(label) for label in labels]]

    def _label(self, text: str) -> str:
        return "favor" if self.words[0] in text else "against" if self.words[1] in text else "none"

    def _look(self, X: Table) -> None:
        shown = Toy.forbidden & set(X["example_id"])
        if shown:
            raise AssertionError(f"it was shown {len(shown)} examples of the test part")


def search_in_a_process(lives: int, *overrides: str) -> subprocess.Popen[str]:
    """Start a search with the toy model in a process of its own."""
    code = (
        "import sys; from tests.test_search import Toy; from stancebench.registry import register;"
        "from stancebench.search import main;"
        f"register('toy', Toy); Toy.lives = {lives}; sys.exit(main(sys.argv[1:]))"
    )
    return subprocess.Popen(
        [sys.executable, "-c", code, *overrides],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture(autouse=True)
def toy(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The toy model and its space, in the small project where a test has one."""
    register("toy", Toy)
    for name in ("forbidden", "fails_below", "lives", "fits"):
        monkeypatch.setattr(Toy, name, getattr(Toy, name))
    if "project" in request.fixturenames:
        conf = request.getfixturevalue("project") / "conf"
        (conf / "model" / "toy.yaml").write_text(yaml.safe_dump(MODEL), encoding="utf-8")
        (conf / "search" / "toy.yaml").write_text(yaml.safe_dump(SPACE), encoding="utf-8")
    yield
    del MODELS["toy"]


def journal(runs: str = "runs", label: str = "toy") -> Path:
    (found,) = Path(runs).glob(f"backstop/in_target/search/{label}-????????.journal")
    return found


def trials(path: Path) -> list[Any]:
    backend = optuna.storages.journal.JournalFileBackend(str(path))
    storage = optuna.storages.JournalStorage(backend)
    return list(optuna.load_study(study_name=path.stem, storage=storage).trials)


def states(path: Path) -> list[str]:
    return [trial.state.name for trial in trials(path)]


def written(project: Path, label: str = "toy") -> dict[str, Any]:
    content = yaml.safe_load((project / "conf" / "model" / f"{label}_tuned.yaml").read_text(encoding="utf-8"))
    return dict(content)


def test_the_budget_is_kept_and_the_best_trial_is_written(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["model=toy", "budget=6"]) == 0
    assert states(journal()) == ["COMPLETE"] * 6
    best = max(trials(journal()), key=lambda trial: trial.value)
    model = written(project)
    assert list(model) == ["about", "label", "name", "share", "words"]
    assert (model["label"], model["name"]) == ("toy_tuned", "toy")
    assert model["share"] == best.params["share"]
    assert model["words"] == json.loads(best.params["words"])
    assert model["about"]["cost"] == "not measured"
    assert model["about"]["expected"].startswith(
        f"validation macro-F1 {best.value:.3f} on backstop, in_target"
    )
    header = (project / "conf" / "model" / "toy_tuned.yaml").read_text(encoding="utf-8").splitlines()[:3]
    assert header[0] == "# Found by: stancebench search model=toy budget=6"
    assert "6 completed trials, seed 0" in header[1]
    assert plan(_compose_run("model=toy")).dataset.fingerprint in header[2]
    said = capsys.readouterr().err
    assert "6 of 6 trials to run" in said
    assert f"best {best.value:.3f}, about 0:00:00 left" in said


def test_the_default_budget_is_one_for_every_model() -> None:
    assert _compose(["model=svm"])["budget"] == _compose(["model=roberta"])["budget"] == 20


def test_a_search_goes_on_where_it_stood_with_the_trials_it_would_have_had(project: Path) -> None:
    main(["model=toy", "budget=3"])
    main(["model=toy", "budget=14", "overwrite=true"])
    assert Toy.fits == 14
    main(["model=toy", "budget=14"])
    assert Toy.fits == 14
    main(["model=toy", "budget=14", "runs=elsewhere", "overwrite=true"])
    first, second = trials(journal()), trials(journal("elsewhere"))
    assert [trial.params for trial in first] == [trial.params for trial in second]
    assert [trial.value for trial in first] == [trial.value for trial in second]


def test_another_seed_is_another_search(project: Path) -> None:
    main(["model=toy", "budget=2"])
    main(["model=toy", "budget=2", "seed=1", "overwrite=true"])
    first, second = Path("runs").rglob("*.journal")
    assert [trial.params for trial in trials(first)] != [trial.params for trial in trials(second)]


def test_two_processes_share_the_budget(project: Path) -> None:
    """Which of them takes how many is left open; together they take as many as there are."""
    plan(_compose_run("model=toy"))  # builds the data, which is not what the two share
    processes = [search_in_a_process(-1, "model=toy", "budget=12") for _ in range(2)]
    errors = [process.communicate()[1] for process in processes]
    assert [process.returncode for process in processes] == [0, 0], errors
    assert states(journal()) == ["COMPLETE"] * 12
    assert written(project)["label"] == "toy_tuned"
    assert not list(journal().parent.glob("*.worker"))


def test_trials_of_two_processes_at_once(tmp_path: Path) -> None:
    """One journal opened twice, as by two processes: what runs counts, and no values are drawn twice."""
    space = {"share": optuna.distributions.FloatDistribution(0, 1)}
    one, two = (SharedStudy(tmp_path / "a.journal", space, seed=0) for _ in range(2))
    with one.working(), two.working():
        first, second = one.claim(2), two.claim(2)
        assert first is not None
        assert second is not None
        assert first.params != second.params
        assert one.claim(2) is None
        two.fail(second, RuntimeError("no"))
        third = one.claim(2)
        assert third is not None
        one.complete(first, 0.5)
        one.complete(third, 0.25)
        assert two.claim(2) is None
    assert [trial.value for trial in one.completed()] == [0.5, 0.25]
    assert one.best().number == 0


def test_a_killed_trial_counts_for_nothing(project: Path) -> None:
    process = search_in_a_process(2, "model=toy", "budget=5")
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert states(journal()) == ["COMPLETE", "COMPLETE", "RUNNING"]
    main(["model=toy", "budget=5"])
    assert states(journal()) == ["COMPLETE", "COMPLETE", "FAIL", "COMPLETE", "COMPLETE", "COMPLETE"]
    assert Toy.fits == 3


def test_a_trial_that_fails_is_recorded_and_does_not_end_the_search(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Toy.fails_below = 0.5
    main(["model=toy", "budget=8"])
    found = trials(journal())
    assert len(found) == 8
    failed = [trial for trial in found if trial.state.name == "FAIL"]
    assert 0 < len(failed) < 8
    assert {trial.user_attrs["error"] for trial in failed} == {"RuntimeError: the share is too small"}
    assert written(project)["share"] >= 0.5
    assert "): RuntimeError: the share is too small\n" in capsys.readouterr().err


def test_where_every_trial_fails_the_causes_are_named_and_the_next_search_tries_again(project: Path) -> None:
    Toy.fails_below = 2.0
    with pytest.raises(UserError, match="every trial failed") as fault:
        main(["model=toy", "budget=3"])
    assert fault.value.problems == ["RuntimeError: the share is too small"]
    assert not (project / "conf" / "model" / "toy_tuned.yaml").exists()
    Toy.fails_below = 0.0
    main(["model=toy", "budget=3"])
    assert states(journal()) == ["FAIL"] * 3 + ["COMPLETE"] * 3


@pytest.mark.parametrize("protocol", ["in_target", "cross_genre"])
def test_the_test_part_is_not_shown_to_the_model(project: Path, protocol: str) -> None:
    overrides = [f"protocol={protocol}", *(["protocol.folds=2"] if protocol == "cross_genre" else [])]
    planned = plan(_compose_run("model=toy", *overrides))
    folds = load_folds(planned.dataset, planned.config.protocol)
    for fold in folds:
        Toy.forbidden = frozenset(fold.test)
        score = validation_score(planned.config, planned.dataset, [fold])
        assert 0 <= score <= 1
    if protocol == "in_target":
        main(["model=toy", "budget=2", *overrides])
        Toy.forbidden = frozenset(folds[0].validation)
        with pytest.raises(UserError, match="every trial failed") as fault:
            main(["model=toy", "budget=2", "seed=1", "overwrite=true", *overrides])
        assert "AssertionError: it was shown" in fault.value.problems[0]


def test_the_score_is_the_mean_of_the_folds_macro_f1(project: Path) -> None:
    planned = plan(_compose_run("model=toy", "protocol=cross_genre", "protocol.folds=2"))
    folds = load_folds(planned.dataset, planned.config.protocol)
    expected = []
    for fold in folds:
        validation = planned.dataset.part(fold, "validation")
        predicted = list(Toy().predict(table_for(Toy(), validation)))
        gold = list(validation["label"])
        expected.append(f1_score(gold, predicted, labels=LABELS, average="macro", zero_division=0))
    assert len(expected) == 2
    assert validation_score(planned.config, planned.dataset, folds) == pytest.approx(np.mean(expected))


def test_train_takes_the_winner(project: Path, train: Train) -> None:
    overrides = ["model=svm", "model.per=target", "model.min_df=1"]
    assert main([*overrides, "budget=2", "overwrite=false"]) == 0
    model = written(project, "svm")
    assert (model["per"], model["min_df"], model["kind"]) == ("target", 1, "svm")
    assert "validation macro-F1" in model["about"]["expected"]
    assert all("min_df" not in trial.params for trial in trials(journal(label="svm")))
    done = train("model=svm_tuned")
    assert done.returncode == 0, done.stderr
    assert list((project / "runs" / "backstop" / "in_target" / "svm_tuned").glob("*/run.json"))


def test_a_file_in_the_way_is_refused_before_any_trial(project: Path) -> None:
    path = project / "conf" / "model" / "toy_tuned.yaml"
    path.write_text("label: mine\n", encoding="utf-8")
    with pytest.raises(UserError, match=r"toy_tuned\.yaml is there already"):
        main(["model=toy", "budget=2"])
    assert Toy.fits == 0
    main(["model=toy", "budget=2", "overwrite=true"])
    assert written(project)["label"] == "toy_tuned"
    path.write_text("label: mine\n", encoding="utf-8")
    with pytest.raises(UserError, match="overwrite=true replaces it"):
        main(["model=toy", "budget=2"])


def test_every_fault_of_a_space_is_reported_at_once(project: Path) -> None:
    (project / "conf" / "search" / "toy.yaml").write_text(
        "shar: {low: 0, high: 1}\nrandom_state: {low: 0, high: 9}\nshare: {low: 0.5, high: high}\n"
        "words: {choices: [[welcome, 3]]}\n",
        encoding="utf-8",
    )
    with pytest.raises(UserError) as fault:
        main(["model=toy"])
    message = str(fault.value)
    for said in (
        "conf/search/toy.yaml: the search space does not hold",
        "shar: toy takes no such parameter; did you mean share?",
        "random_state: toy takes no such parameter; it is the run's seed=",
        "share: high",
        "words: 1: Input should be a valid string (found 3)",
    ):
        assert said in message
    assert not Path("runs").exists()


def test_the_faults_of_a_parameter(project: Path) -> None:
    for given, said in (
        ("{low: 1, high: 0}", "share: "),
        ("{low: 0, high: 1, log: true}", "share: "),
        ("{low: 0}", "share: high: Field required"),
        ("{low: 0, high: 1, lgo: true}", "share: lgo: Extra inputs are not permitted"),
        ("{choices: []}", "share: choices: List should have at least 1 item"),
        ("0.5", "share: Input should be a valid dictionary"),
        ("[", "toy.yaml: while parsing"),
    ):
        (project / "conf" / "search" / "toy.yaml").write_text(f"share: {given}\n", encoding="utf-8")
        with pytest.raises(UserError) as fault:
            main(["model=toy"])
        assert said in str(fault.value)


def test_mistakes_name_the_way_on(project: Path) -> None:
    for overrides, said in (
        (["model=svn"], "Could not find 'model/svn'"),
        (["model=toy", "model.name=tyo"], "unknown model 'tyo' did you mean toy"),
        (["model=majority"], "no search space for majority"),
        (["model=toy", "budgt=3"], "Could not override 'budgt'"),
        (["model=toy", "budget=0", "overwrite=2"], "budget: Input should be greater than or equal to 1"),
        (["model=toy", "model.share=1.0", "model.words=[a,b]"], "nothing is left to search"),
        (["model=toy", "+model.shar=1"], "model.shar: toy takes no such parameter; did you mean share?"),
    ):
        with pytest.raises(UserError) as fault:
            main(overrides)
        assert said in str(fault.value)
    assert not Path("runs").exists()


def test_whole_numbers_are_drawn_where_the_constructor_takes_whole_numbers(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def maker(count: int, rate: float = 1.0) -> Toy:
        return Toy()

    register("made", maker)
    text = "count: {low: 2, high: 8, step: 2}\nrate: {low: 1, high: 2}\n"
    (project / "conf" / "search" / "made.yaml").write_text(text, encoding="utf-8")
    space = read_space(ModelConfig(label="made", name="made", params={}))
    del MODELS["made"]
    assert space.distributions == {
        "count": optuna.distributions.IntDistribution(2, 8, step=2),
        "rate": optuna.distributions.FloatDistribution(1.0, 2.0),
    }


@pytest.mark.parametrize(
    "path", sorted((REPOSITORY / "conf" / "search").glob("*.yaml")), ids=lambda p: p.stem
)
def test_every_committed_space_binds_to_its_model(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STANCEBENCH_ROOT", str(REPOSITORY))
    name = path.stem
    if name not in MODELS:  # then it is a model's label
        name = yaml.safe_load((REPOSITORY / "conf" / "model" / path.name).read_text(encoding="utf-8"))["name"]
    space = read_space(ModelConfig(label=path.stem, name=name, params={}))
    assert space.distributions.keys() == yaml.safe_load(path.read_text(encoding="utf-8")).keys()


def _compose_run(*overrides: str) -> dict[str, Any]:
    """The configuration of a run, without what only a search has."""
    composed = _compose(overrides)
    return {name: value for name, value in composed.items() if name not in ("budget", "overwrite")}
