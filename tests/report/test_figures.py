"""Figures as files and in a page: well-formed, the same twice, and in words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from stancebench.cli import main
from stancebench.errors import UserError
from stancebench.report.collect import Run, by_protocol
from stancebench.report.figures import Figure, draw_across, draw_figures, write_figures
from stancebench.run import execute
from tests.report.made_runs import made_run, right_and_wrong
from tests.test_run import composed

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Run]:
    """Three models and a floor on ten documents; one has two seeds, one unscored predictions."""
    folder = tmp_path_factory.mktemp("runs")

    def parts(wrong_every: int, unscored: int = 0) -> dict[str, dict[str, list[str | None]]]:
        found = right_and_wrong(30 - unscored, wrong_every) + [None] * unscored
        return {"all": {"validation": found, "test": found}}

    return [
        made_run(folder, "a < b & $c_d$", parts(9), seed=0),
        made_run(folder, "a < b & $c_d$", parts(7), seed=1),
        made_run(folder, "silent", parts(4, unscored=3)),
        made_run(folder, "labels only", parts(3), sure=np.nan),
        made_run(
            folder, "floor", {"all": {"validation": ["none"] * 30, "test": ["none"] * 30}}, model="majority"
        ),
    ]


@pytest.fixture(scope="module")
def figures(runs: list[Run]) -> dict[str, Figure]:
    return {figure.name: figure for figure in draw_figures(runs)}


def test_the_figures_of_a_protocol(figures: dict[str, Figure]) -> None:
    assert list(figures) == ["scores", "confusion", "ranks", "reliability", "risk_coverage"]
    assert all(figure.png.startswith(b"\x89PNG") for figure in figures.values())


def test_equal_runs_give_equal_bytes(runs: list[Run], figures: dict[str, Figure]) -> None:
    again = {figure.name: figure for figure in draw_figures(list(runs))}
    assert {name: figure.svg for name, figure in again.items()} == {n: f.svg for n, f in figures.items()}
    assert {name: figure.png for name, figure in again.items()} == {n: f.png for n, f in figures.items()}


def elements(figures: dict[str, Figure]) -> Iterator[ElementTree.Element]:
    for figure in figures.values():
        yield from ElementTree.fromstring(figure.svg).iter()


def test_svgs_are_well_formed_and_hold_text_and_no_date(figures: dict[str, Figure]) -> None:
    texts = {element.text for element in elements(figures) if element.tag == f"{SVG}text"}
    assert "a < b & $c_d$" in texts, "names are text, and not read as formulas"
    for figure in figures.values():
        root = ElementTree.fromstring(figure.svg)
        assert (root.tag, root.get("role"), root.get("aria-label")) == (
            f"{SVG}svg",
            "img",
            figure.description,
        )
        assert "metadata" not in figure.svg
        assert figure.svg.startswith("<svg"), "HTML takes no XML declaration in the middle of a page"


def test_no_id_occurs_twice_on_a_page_and_references_stay_inside(
    runs: list[Run], figures: dict[str, Figure]
) -> None:
    other = {f"other {figure.name}": figure for figure in draw_figures(runs[2:])}
    ids = [own for element in elements(figures | other) if (own := element.get("id"))]
    assert len(ids) == len(set(ids))
    for figure in figures.values():
        own = {element.get("id") for element in elements({"": figure})}
        assert set(re.findall(r'(?:href="#|url\(#)([^")]+)', figure.svg)) <= own


def test_letters_are_at_least_seven_points_high(figures: dict[str, Figure]) -> None:
    sizes = [
        float(size)
        for figure in figures.values()
        for size in re.findall(r"font-size: ([\d.]+)px", figure.svg)
    ]
    assert sizes
    assert min(sizes) >= 7


def test_descriptions_hold_the_figures(runs: list[Run], figures: dict[str, Figure]) -> None:
    score = runs[2].score("macro_f1", "pooled")
    assert score
    assert f"silent {score.value:.3f} ({score.low:.3f} to {score.high:.3f})" in figures["scores"].description
    assert "floor (floor) 0.167" in figures["scores"].description
    assert "1 unscored" in figures["confusion"].description
    assert "critical difference (Nemenyi, 5 %): 1.05" in figures["ranks"].description  # 2.343 √(12 / 60)
    assert "10 documents" in figures["ranks"].caption
    assert "silent: calibration error" in figures["reliability"].description
    for name in ("reliability", "risk_coverage"):
        assert "labels only" not in figures[name].description, "it gives no probabilities"


def test_one_run_without_probabilities_has_no_figure_of_them(runs: list[Run]) -> None:
    assert [figure.name for figure in draw_figures([runs[3]])] == ["scores", "confusion"]
    assert "Small dots" not in draw_figures([runs[3]])[0].caption


def test_runs_that_cannot_be_compared_are_refused(runs: list[Run], tmp_path: Path) -> None:
    other = made_run(tmp_path, "m", {"draw-0": {"test": ["none"] * 3}}, protocol="few_shot", k=4)
    with pytest.raises(UserError, match="cannot stand in one table"):
        draw_figures([*runs, other])


def test_figures_over_protocols(runs: list[Run], tmp_path: Path) -> None:
    few = [
        made_run(
            tmp_path,
            "silent",
            {f"draw-{i}": {"test": right_and_wrong(30, k + i)} for i in (0, 1)},
            k=k,
            protocol="few_shot",
        )
        for k in (4, 16)
    ]
    assert draw_across(by_protocol(runs)) == []
    protocols, curve = draw_across(by_protocol([*few, *runs]))
    assert (protocols.name, curve.name) == ("protocols", "few_shot_curve")
    assert "silent: 0." in protocols.description
    assert re.search(r"silent: 0\.\d+ \(.*\) at 4, 0\.\d+ \(.*\) at 16\.", curve.description)


def test_a_learning_curve_is_the_one_figure_of_its_protocol(tmp_path: Path) -> None:
    folds = {"0.5": {"test": right_and_wrong(30, 2)}, "1.0": {"test": right_and_wrong(30, 6)}}
    (figure,) = draw_figures([made_run(tmp_path, "m", folds, protocol="learning_curve")])
    assert figure.name == "learning_curve"
    assert "at 50%" in figure.description


def test_figures_are_listed_once_in_the_report(figures: dict[str, Figure], tmp_path: Path) -> None:
    (tmp_path / "report.md").write_text("# a table\n", encoding="utf-8")
    for _ in range(2):
        written = write_figures([figures["scores"]], tmp_path)
    assert written == [tmp_path / "figures" / "scores.svg", tmp_path / "figures" / "scores.png"]
    assert written[0].read_text(encoding="utf-8") == figures["scores"].svg
    report = (tmp_path / "report.md").read_text(encoding="utf-8")
    assert report.startswith("# a table\n\n## figures\n")
    assert report.count("](figures/scores.svg)") == 1
    assert figures["scores"].caption in report


def test_the_report_command_writes_figures(project: Path) -> None:
    for name in ("majority", "prior"):
        execute(composed(model={"label": name, "name": name}))
    assert main(["report", "runs", "--output", "out"]) == 0
    for name in ("scores", "confusion", "reliability", "risk_coverage"):
        ElementTree.parse(f"out/figures/{name}.svg")
        assert Path(f"out/figures/{name}.png").is_file()
        assert f"](figures/{name}.svg)" in Path("out/report.md").read_text(encoding="utf-8")
