"""What the page holds: figures worked out by hand, texts that must not run, and nothing from outside."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from stancebench.cli import main
from stancebench.report.collect import Run, find_runs
from stancebench.report.figures import Figure
from stancebench.report.page import pairs as paired
from stancebench.report.page.content import collect, steps
from stancebench.report.page.settings import find_settings
from stancebench.report.page.write import as_inline_json, render, write_page
from stancebench.run import execute
from tests.conftest import REPOSITORY
from tests.report.page_runs import HOSTILE, gold, none, silent, small_runs, write_run, write_table
from tests.test_run import composed


@pytest.fixture(scope="module", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("STANCEBENCH_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, own_cache: None) -> Path:
    """A folder with the small table and its four runs; tests that change them take a copy."""
    made = tmp_path_factory.mktemp("small")
    small_runs(made)
    return made


@pytest.fixture(scope="module")
def runs(folder: Path) -> list[Run]:
    return find_runs([folder / "runs"])


@pytest.fixture(scope="module")
def small(runs: list[Run]) -> dict[str, Any]:
    return collect(find_settings(runs))


def model_of(content: dict[str, Any], name: str, setting: int = 0) -> dict[str, Any]:
    return next(m for m in content["page"]["settings"][setting]["models"] if m["name"] == name)


def place(content: dict[str, Any], genre: str, group: str) -> int:
    slices = content["page"]["settings"][0]["slices"]
    return next(i for i, found in enumerate(slices) if found[:2] == [genre, group])


class Scripts(HTMLParser):
    """The scripts and elements of a page, as a browser would find them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.scripts: list[str] = []
        self.tags: list[str] = []
        self._open = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self._open = tag == "script"
        if self._open:
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:
        self._open = False

    def handle_data(self, data: str) -> None:
        if self._open:
            self.scripts[-1] += data


def test_figures_worked_by_hand(small: dict[str, Any]) -> None:
    # 6 against, 12 none, 6 favor. Always none: F1 of none 2·12 / (12 + 24) = 2/3, macro-F1 2/9.
    floor = model_of(small, "floor")
    pooled = place(small, "", "pooled")
    assert floor["scores"]["macro_f1"][pooled][0] == 222
    assert floor["scores"]["f1_none"][pooled][0] == 667
    assert floor["scores"]["accuracy"][pooled][0] == 500
    # Right with one seed, none with the other: mean (1 + 2/9) / 2, deviation (1 - 2/9) / √2.
    mixed = model_of(small, "mixed")
    assert mixed["seeds"] == 2
    assert mixed["scores"]["macro_f1"][pooled][0] == 611
    assert mixed["deviations"]["macro_f1"][pooled] == 550
    low, high = mixed["scores"]["macro_f1"][pooled][1:]
    assert low <= 222
    assert high == 1000


def test_one_seed_has_no_deviation_and_unscored_are_counted(small: dict[str, Any]) -> None:
    silent_model = model_of(small, "silent")
    assert silent_model["deviations"] == {}
    unscored = silent_model["scores"]["unscored"]
    assert unscored[place(small, "", "pooled")] == [4000], "d0: two sentences, two targets"
    assert unscored[place(small, "letters", "troops")] == [2000]
    assert unscored[place(small, "speech", "pooled")] == [0]


def test_slices_count_their_gold_labels(small: dict[str, Any]) -> None:
    setting = small["page"]["settings"][0]
    assert [found[:2] for found in setting["slices"][:4]] == [
        ["", "pooled"], ["", "mean_over_targets"], ["", "guarantee"], ["", "troops"],
    ]  # fmt: skip
    # Letters are documents 0, 2 and 4, whose sentences are none and against; speeches none and favor.
    letters, speech = (setting["slices"][place(small, genre, "pooled")] for genre in ("letters", "speech"))
    assert letters[2:4] == [3, [6, 6, 0]]
    assert speech[2:4] == [3, [0, 6, 6]]
    mean = setting["slices"][place(small, "", "mean_over_targets")]
    assert mean[3] == [6, 12, 6]
    assert mean[5] == [3, 6, 3], "a mean over targets rests on the least of them"
    # Of a genre without favor, a model that is always right has macro-F1 2/3: an absent label counts as 0.
    assert model_of(small, "silent")["scores"]["macro_f1"][place(small, "speech", "pooled")][0] == 667


def test_pairs_are_first_minus_second_and_one_fit_cannot_tell_of_seeds(small: dict[str, Any]) -> None:
    setting = small["page"]["settings"][0]
    assert [m["name"] for m in setting["models"]] == ["silent", "mixed", "floor"]
    rows = {tuple(row[:2]): row for row in setting["pairs"]}
    assert set(rows) == {(0, 1), (0, 2), (1, 2)}
    first, second, difference = rows[1, 2][4:7]
    assert (first, second, difference) == (0.61111, 0.22222, 0.38889)
    assert rows[1, 2][2:4] == [2, 1]
    assert rows[1, 2][13:] == [None, None]
    assert all(row[12] >= row[11] for row in rows.values()), "corrected p values are no smaller"


def test_answers_are_kept_digit_by_digit(small: dict[str, Any]) -> None:
    setting = small["page"]["settings"][0]
    test = small["page"]["tests"][setting["test"]]
    assert test["gold"] == "11001122" * 3
    answers = dict(zip([m["name"] for m in setting["models"]], setting["answers"], strict=True))
    (quiet,) = answers["silent"]
    assert quiet["percents"] is None
    assert quiet["predicted"] == "3333" + test["gold"][4:]
    right, always_none = answers["mixed"]
    assert [fit["name"] for fit in answers["mixed"]] == ["seed 0", "seed 1"]
    assert right["predicted"] == test["gold"]
    assert always_none["predicted"] == "1" * 24
    assert list(base64.b64decode(always_none["percents"])) == [20, 50, 30] * 24
    strings = small["page"]["strings"]
    assert [strings[i] for i in test["text"][:5:2]] == list(HOSTILE)
    assert strings[test["context"][0]] == "What was said before 0."


def test_draws_are_repeats_and_a_learning_curve_stands_apart(tmp_path: Path) -> None:
    table = tmp_path / "mine.csv"
    rows = write_table(table)
    for k in (2, 16):
        few = {"name": "few_shot", "k": k, "draws": 2}
        write_run(tmp_path / "runs", table, rows, "m", 0, {"draw-1": gold, "draw-2": none}, **few)
    curve = {"name": "learning_curve", "fractions": [0.1, 1.0]}
    write_run(tmp_path / "runs", table, rows, "m", 0, {"0.1": none, "1.0": gold}, **curve)
    content = collect(find_settings(find_runs([tmp_path / "runs"])))
    few_shot, _, least, most = content["page"]["settings"]
    assert [s["title"] for s in content["page"]["settings"]] == [
        "few_shot-2 · mine",
        "few_shot-16 · mine", "learning_curve, 0.1 · mine", "learning_curve, 1.0 · mine",
    ]  # fmt: skip
    assert few_shot["models"][0]["scores"]["macro_f1"][0][0] == 611
    assert [a["name"] for a in few_shot["answers"][0]] == ["seed 0, draw 1", "seed 0, draw 2"]
    assert least["models"][0]["scores"]["macro_f1"][0][0] == 222
    assert most["models"][0]["scores"]["macro_f1"][0][0] == 1000
    assert len(content["page"]["tests"]) == 1, "all test on the same examples"
    assert len(content["facts"]["runs"]) == 3


def test_runs_of_several_datasets_stand_in_one_page_and_are_not_paired(tmp_path: Path) -> None:
    for name in ("mine", "yours"):
        table = tmp_path / f"{name}.csv"
        rows = write_table(table)[: 24 if name == "mine" else 16]
        for model in ("a", "b"):
            write_run(tmp_path / "runs", table, rows, model, 0, {"all": gold if model == "a" else none})
    settings = find_settings(find_runs([tmp_path / "runs"]))
    content = collect(settings)
    assert [s["dataset"] for s in content["page"]["settings"]] == ["mine", "yours"]
    assert [len(s["pairs"]) for s in content["page"]["settings"]] == [1, 1]
    assert steps(settings) == 2 * (2 + 1)


def test_texts_are_joined_only_where_the_fingerprint_matches(folder: Path, runs: list[Run]) -> None:
    table = folder / "mine.csv"
    kept = table.read_text(encoding="utf-8")
    table.write_text(kept.replace("peace", "war"), encoding="utf-8")
    changed = collect(find_settings(runs))
    table.unlink()
    gone = collect(find_settings(runs))
    table.write_text(kept, encoding="utf-8")
    reasons = ((changed, "the dataset at hand has the fingerprint"), (gone, "cannot be read here"))
    for content, reason in reasons:
        setting = content["page"]["settings"][0]
        assert reason in setting["missing"]
        assert "text" not in content["page"]["tests"][0]
        assert {found[0] for found in setting["slices"]} == {""}, "genres are the dataset's"
        assert not any("peace" in string for string in content["page"]["strings"])
        assert reason in render(content, {})


def test_the_articles_text_never_reaches_a_page(tmp_path: Path) -> None:
    table = tmp_path / "mine.csv"
    rows = write_table(table)
    write_run(tmp_path / "runs", table, rows, "m", 0, {"given": gold}, name="article")
    content = collect(find_settings(find_runs([tmp_path / "runs"])))
    assert "not ours to give" in content["page"]["settings"][0]["missing"]
    assert not any("peace" in string for string in content["page"]["strings"])


def test_texts_cannot_leave_their_script(small: dict[str, Any]) -> None:
    page = render(small, {})
    found = Scripts(page)
    assert found.tags.count("script") == 2, "the data, and the code"
    strings = json.loads(found.scripts[0])["strings"]
    assert set(HOSTILE) <= set(strings)
    assert not set("\u2028\u2029") & set(page)
    assert found.tags.count("b") == found.tags.count("img") == 0


def test_nothing_is_loaded_and_only_the_own_script_may_run(small: dict[str, Any]) -> None:
    figure = Figure("f", "A <caption>", "What is drawn", '<svg role="img"><desc>drawn</desc></svg>', b"")
    page = render(small, {"in_target": [figure], "all protocols": [figure]})
    assert page.index("<h3>all protocols</h3>") < page.index("<h3>in_target</h3>")
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)
    assert policy
    digest = hashlib.sha256(Scripts(page).scripts[1].encode()).digest()
    assert f"script-src 'sha256-{base64.b64encode(digest).decode()}'" in policy[1]
    assert policy[1].startswith("default-src 'none'")
    assert not re.search(
        r"<link|<iframe|@import|url\(|\b(?:src|href)=[\"'](?!#)", re.sub(r"<script.*", "", page, flags=re.S)
    )
    assert figure.svg in page
    assert "A &lt;caption&gt;" in page
    assert "(dirty)" in page
    assert "Text and labels of Backstop are machine-made" not in page, "these runs are of other data"


def test_json_of_any_text_comes_back_the_same() -> None:
    texts = [*HOSTILE, "<!--", "]]>", "\x00\x7f", "ünï — “”", "\U0001f600"]
    written = as_inline_json(texts)
    assert "<" not in written
    assert json.loads(written) == texts


def test_a_second_page_is_not_computed_again(
    folder: Path, small: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)

    def refuse(*_: object) -> None:
        raise AssertionError("compared again")

    monkeypatch.setattr(paired, "compare", refuse)
    assert collect(find_settings(find_runs([tmp_path / "runs"])))["page"] == small["page"]
    rows = write_table(tmp_path / "mine.csv")
    write_run(tmp_path / "runs", tmp_path / "mine.csv", rows, "new", 0, {"all": silent})
    with pytest.raises(AssertionError, match="compared again"):
        collect(find_settings(find_runs([tmp_path / "runs"])))


def test_the_page_is_written_whole_and_the_same_twice(tmp_path: Path, runs: list[Run]) -> None:
    said = [write_page(runs, tmp_path / f"{name}.html", {}) for name in "ab"]
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()
    assert "a.html: a page over all 4 runs" in said[0]
    assert not list(tmp_path.glob("*.partial"))


def test_sizes_of_the_data_and_its_parts(small: dict[str, Any]) -> None:
    (data,) = small["facts"]["data"]
    whole, tested = data["sizes"]
    assert (whole["documents"], whole["pairs"], whole["none"]) == (6, 24, 12)
    assert tested["pairs"] == 24
    assert [row["test"] for row in data["genres"]] == [[6, 6, 0], [0, 6, 6]]
    assert small["facts"]["agreement"] is None, "only Backstop's raw judgements are here"
    assert [run["commit"] for run in small["facts"]["runs"] if run["model"] == "mixed"] == [
        "37edbcba7f",
        "37edbcba7f (dirty)",
    ]


def test_report_writes_the_page_with_agreement_and_figures(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    execute(composed())
    assert main(["report", "runs", "--output", "out"]) == 0
    assert "out/report.html: a page over all 1 runs" in capsys.readouterr().out
    page = Path("out/report.html").read_text(encoding="utf-8")
    assert "Text and labels of Backstop are machine-made" in page
    assert "<td>1.000 " in page, "both annotators of the small project judge alike"
    assert "<figcaption>" in page


def test_an_installed_package_has_the_files_of_the_page(tmp_path: Path) -> None:
    shutil.copy(REPOSITORY / "pyproject.toml", tmp_path)
    for name in ("README.md", "LICENSE"):
        (tmp_path / name).touch()
    package = Path("src/stancebench/report/page")
    shutil.copytree(REPOSITORY / package, tmp_path / package)
    for parent in (package.parent, package.parent.parent):
        (tmp_path / parent / "__init__.py").touch()
    command = [
        sys.executable,
        "-c",
        "import setuptools; setuptools.setup()",
        "-q",
        "build_py",
        "--build-lib",
        "lib",
    ]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    built = {path.name for path in (tmp_path / "lib" / package.relative_to("src")).iterdir()}
    assert {
        "page.html.j2",
        "page.css",
        "page.js",
        "columns.js",
        "leaderboard.js",
        "pairs.js",
        "errors.js",
    } <= built
