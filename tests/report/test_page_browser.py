"""The page in a real browser, from a file, without a network: filters, keyboard, narrow screens, axe."""

from __future__ import annotations

import base64
import copy
import csv
import io
import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from stancebench.report.collect import find_runs
from stancebench.report.figures import Figure
from stancebench.report.page.content import collect
from stancebench.report.page.settings import find_settings
from stancebench.report.page.write import render
from stancebench.types import LABELS
from tests.report.page_runs import HOSTILE, gold, none, small_runs, write_run

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "google-chrome", "chromium-browser"))), None)
FIGURE = Figure("f", "What is drawn.", "A line.", '<svg role="img" aria-label="A line"></svg>', b"")
#: Runs and test pairs of the large page, which must open at once.
RUNS, PAIRS = 30, 2895


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed (extra: test)")
    if CHROMIUM is None:
        pytest.skip("no Chromium on the PATH (chromium, google-chrome, chromium-browser)")
    with sync_api.sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The small table's four runs under in_target, and one of another protocol."""
    folder = tmp_path_factory.mktemp("page")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("STANCEBENCH_CACHE", str(folder / "cache"))
        small_runs(folder)
        with (folder / "mine.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        few = {"name": "few_shot", "k": 2, "draws": 2}
        write_run(folder / "runs", folder / "mine.csv", rows, "few", 0, {"1": gold, "2": none}, **few)
        return collect(find_settings(find_runs([folder / "runs"])))


@pytest.fixture(scope="module")
def address(content: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("html") / "report.html"
    path.write_text(render(content, {"in_target": [FIGURE]}), encoding="utf-8")
    return path.as_uri()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that fails the test for any request but its own file's, and for any error."""
    opened = browser.new_page(viewport={"width": 1280, "height": 900})
    faults: list[str] = []
    opened.on("request", lambda request: faults.append(request.url))
    opened.on("console", lambda message: faults.append(message.text))
    opened.on("pageerror", lambda error: faults.append(str(error)))
    yield opened
    faults = [fault for fault in faults if not fault.startswith("file:") or not fault.endswith(".html")]
    opened.close()
    assert faults == []


def cells(page: Page, selector: str) -> list[str]:
    return [text.strip() for text in page.locator(selector).all_inner_texts()]


def models(page: Page) -> list[str]:
    return cells(page, "#board tbody th")


def choose(page: Page, key: str, value: str) -> None:
    page.locator(f'[data-state="{key}"]').select_option(value)


def test_leaderboard_shows_value_interval_deviation_and_n(page: Page, address: str) -> None:
    page.goto(address)
    assert models(page) == ["silent", "mixed", "floor"]
    row = page.locator("#board tbody tr", has_text="mixed").inner_text()
    assert "0.611† ± 0.550" in row.replace("\t", " ")
    assert "±" not in page.locator("#board tbody tr", has_text="floor").inner_text(), "one seed: no deviation"
    assert (
        "24 pairs of 6 documents; gold 6 against†, 12 none†, 6 favor†"
        in page.locator("#board-slice").inner_text()
    )
    assert page.locator("#board-status").inner_text() == "3 models shown."


def test_sorting_says_so_and_turns_round(page: Page, address: str) -> None:
    page.goto(address)
    head = page.locator('th[data-column="macro_f1"]')
    assert head.get_attribute("aria-sort") == "descending"
    head.get_by_role("button").press("Enter")
    assert models(page) == ["floor", "mixed", "silent"]
    assert page.locator('th[data-column="macro_f1"]').get_attribute("aria-sort") == "ascending"
    assert page.evaluate("document.activeElement.textContent") == "macro-F1", "the focus stays on the button"
    page.locator('th[data-column="model"] button').click()
    assert models(page) == ["floor", "mixed", "silent"]
    assert page.locator("#board th[aria-sort]").count() == 1


def test_leaderboard_filters(page: Page, address: str) -> None:
    page.goto(address)
    choose(page, "board.protocol", "*")
    assert sorted(models(page)) == ["few", "floor", "mixed", "silent"]
    assert "2 settings, which do not compare" in page.locator("#board-status").inner_text()
    choose(page, "board.protocol", "few_shot-2")
    assert models(page) == ["few"]
    choose(page, "board.protocol", "in_target")
    choose(page, "board.target", "troops")
    choose(page, "board.genre", "letters")
    assert (
        "6 pairs of 3 documents; gold 3 against†, 3 none†, 0 favor†"
        in page.locator("#board-slice").inner_text()
    )
    page.locator('[data-state="board.model"]').fill("flo")
    assert models(page) == ["floor"]
    page.locator("#leaderboard button[type=reset]").click()
    assert len(models(page)) == 3
    choose(page, "board.dataset", "mine")
    assert len(models(page)) == 3


def test_every_set_of_columns_can_be_shown(page: Page, address: str) -> None:
    page.goto(address)
    for columns in page.locator('[data-state="board.columns"] option').evaluate_all(
        "all => all.map(o => o.value)"
    ):
        choose(page, "board.columns", columns)
        assert len(models(page)) == 3
        assert page.locator("#board thead th").count() > 3
    choose(page, "board.columns", "genres")
    assert cells(page, "#board thead th button")[2:] == ["all genres", "letters", "speech"]
    assert cells(page, "#board th[aria-sort=descending]") == ["all genres"]
    assert models(page) == ["silent", "mixed", "floor"]
    page.locator('[data-column="part:speech"] button').press("Enter")
    assert cells(page, "#board th[aria-sort=descending]") == ["speech"]


def test_csv_has_every_number_with_its_interval(page: Page, address: str) -> None:
    page.goto(address)
    rows = list(csv.DictReader(io.StringIO(page.evaluate("boardAsCsv()"))))
    assert [row["model"] for row in rows] == ["silent", "mixed", "floor"]
    mixed = rows[1]
    assert (mixed["macro_f1"], mixed["macro_f1_sd"], mixed["n"], mixed["unscored"]) == (
        "0.611",
        "0.550",
        "24",
        "0",
    )
    assert float(mixed["macro_f1_low"]) < 0.611 < float(mixed["macro_f1_high"])
    assert rows[2]["macro_f1_sd"] == ""
    page.locator("#board-copy").click()
    page.wait_for_function("document.getElementById('board-status').textContent.includes('copied')")


def test_matrix_by_keyboard(page: Page, address: str) -> None:
    page.goto(address)
    first = page.locator("#matrix td[tabindex='0']")
    assert first.count() == 1
    first.focus()
    assert "silent minus mixed" in page.locator("#pairs-detail").inner_text()
    page.keyboard.press("ArrowRight")
    assert "silent minus floor" in page.locator("#pairs-detail").inner_text()
    page.keyboard.press("ArrowDown")
    detail = page.locator("#pairs-detail").inner_text()
    assert "mixed minus floor" in detail
    assert "+0.389 [" in detail
    assert "one seed cannot tell" in detail
    page.keyboard.press("ArrowLeft")
    detail = page.locator("#pairs-detail").inner_text()
    assert "mixed minus silent" in detail, "over the diagonal"
    assert "−0.292 [−" in detail, "0.611 minus the mean of 0.8, 10/11 and 1"
    assert page.locator("#matrix td[tabindex='0']").count() == 1
    choose(page, "pairs.p", "seeds")
    assert page.locator("#matrix .better, #matrix .worse").count() == 0


def test_errors_are_filtered_and_counted(page: Page, address: str) -> None:
    page.goto(address)
    status = page.locator("#errors-status")
    assert "24 of 24 test pairs; gold 6 against, 12 none, 6 favor." in status.inner_text()
    expected = {
        ("errors.gold", "favor"): 6,
        ("errors.target", "troops"): 12,
        ("errors.genre", "speech"): 12,
        ("errors.outcome", "wrong"): 0,
        ("errors.outcome", "some"): 14,  # floor: 12 of against and favor; silent: 2 of none in d0, too
        ("errors.outcome", "unscored"): 4,
        ("errors.outcome", "seeds"): 12,
    }
    for (key, value), n in expected.items():
        choose(page, key, value)
        assert status.inner_text().startswith(f"{n} of 24"), (key, value)
        page.locator("#errors button[type=reset]").click()
    choose(page, "errors.model", "floor")
    choose(page, "errors.outcome", "wrong")
    choose(page, "errors.right", "silent")
    assert status.inner_text().startswith("10 of 24"), "floor is wrong on 12, of which silent leaves out 2"
    page.locator('[data-state="errors.text"]').fill("SENTENCE 5")
    assert status.inner_text().startswith("2 of 24")
    assert page.locator("#errors-list mark").first.inner_text() == "Sentence 5"


def test_a_card_has_all_that_is_known(page: Page, address: str) -> None:
    page.goto(address + "#errors?errors.gold=against&errors.order=wrong")
    card = page.locator(".card").first
    assert card.locator(".context").inner_text().endswith("What was said before 1.")
    facts = dict(zip(card.locator("dt").all_inner_texts(), card.locator("dd").all_inner_texts(), strict=True))
    assert facts == {"target": "troops", "gold": "against", "genre": "letters", "id": "d0:1:0"}
    rows = [row.replace("\n", "").split("\t") for row in card.locator("tbody tr").all_inner_texts()]
    assert rows == [
        ["silent", "unscored, missed", "–", "–", "–"],
        ["mixed", "against, right (1/2)", "55 %", "28 %", "18 %"],  # means of 90, 5, 5 and 20, 50, 30
        ["floor", "none, wrong", "20 %", "50 %", "30 %"],
    ]


def test_texts_are_shown_as_they_are(page: Page, address: str) -> None:
    page.goto(address)
    shown = page.locator(".sentence").all_inner_texts()
    assert HOSTILE[0] in shown
    assert HOSTILE[1] in shown
    assert page.locator(".card img, .card b, .card script").count() == 0
    assert page.title().startswith("stancebench report")


def test_the_address_holds_the_filters(page: Page, address: str) -> None:
    page.goto(address)
    choose(page, "board.genre", "speech")
    choose(page, "errors.gold", "favor")
    page.locator('[data-state="errors.text"]').fill("a&b=c?#d é 5%41")
    page.locator('th[data-column="mcc"] button').click()
    link = page.url
    page.goto("about:blank")
    page.goto(link)
    assert page.locator('[data-state="board.genre"]').input_value() == "speech"
    assert page.locator('[data-state="errors.gold"]').input_value() == "favor"
    assert page.locator('[data-state="errors.text"]').input_value() == "a&b=c?#d é 5%41"
    assert page.locator('th[data-column="mcc"]').get_attribute("aria-sort") == "descending"
    page.evaluate("location.hash = '#pairs?errors.gold=none&nonsense=1&errors.genre=gone'")
    page.wait_for_function("document.querySelector('[data-state=\"errors.gold\"]').value === 'none'")
    assert page.locator('[data-state="errors.genre"]').input_value() == "*", "what is not there is left out"
    assert page.locator('[data-state="errors.text"]').input_value() == ""


def test_tab_reaches_everything_and_the_skip_link_comes_first(page: Page, address: str) -> None:
    page.goto(address)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.url == address, "the filters in the address are not lost"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.dataset.state") == "board.protocol"
    page.keyboard.press("ArrowDown")
    assert models(page) == ["few"], "a select is chosen from with the arrows"
    reached = set()
    for _ in range(80):
        reached.add(page.evaluate("document.activeElement.dataset.state ?? document.activeElement.id"))
        page.keyboard.press("Tab")
    wanted = page.locator("[data-state]").evaluate_all("all => all.map(control => control.dataset.state)")
    assert set(wanted) <= reached


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 320)])
def test_axe_finds_nothing_serious(browser: Browser, address: str, scheme: str, width: int) -> None:
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="axe is not installed (extra: test)"
    )
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
    page.goto(address + "#errors?errors.text=sentence+5")
    page.locator("#matrix td[tabindex='0']").focus()
    found = axe.Axe().run(page).response["violations"]
    page.close()
    serious = [(f["id"], f["nodes"][0]["html"]) for f in found if f["impact"] in ("serious", "critical")]
    assert serious == []


def test_a_narrow_screen_scrolls_tables_not_the_page(browser: Browser, address: str) -> None:
    page = browser.new_page(viewport={"width": 320, "height": 700})
    page.goto(address)
    page.locator("details").evaluate_all("all => all.forEach(one => { one.open = true })")
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    unreachable = page.locator(".scroll").evaluate_all(
        "all => all.filter(e => e.scrollWidth > e.clientWidth && e.tabIndex !== 0).length"
    )
    assert unreachable == 0
    page.close()


def enlarged(content: dict[str, Any]) -> dict[str, Any]:
    """The small content with `RUNS` models of one run each on `PAIRS` test pairs, drawn at random."""
    generator = random.Random(0)
    large = copy.deepcopy(content)
    page, setting, test = large["page"], large["page"]["settings"][0], large["page"]["tests"][0]
    repeat = [i % len(test["ids"]) for i in range(PAIRS)]
    for name, column in test.items():
        if name != "edits":
            test[name] = "".join(column[i] for i in repeat) if name == "gold" else [column[i] for i in repeat]
    texts = len(page["strings"])
    page["strings"] += [f"Sentence {i}: " + "peace and " * 14 for i in range(2 * PAIRS // 3)]
    test["ids"] = [f"d{i // 12}:{i}" for i in range(PAIRS)]
    test["text"] = [texts + i // 3 for i in range(PAIRS)]
    test["context"] = [texts + (PAIRS + i) // 3 for i in range(PAIRS)]
    model = setting["models"][0]
    setting["slices"] = setting["slices"] * 8
    model["scores"] = {name: scores * 8 for name, scores in model["scores"].items()}
    setting["models"] = [{**model, "name": f"model-{i:02d}"} for i in range(RUNS)]
    setting["answers"] = [[random_answers(generator)] for _ in range(RUNS)]
    setting["pairs"] = [[i, j, 1, 1, *[0.01] * 9, None, None] for j in range(20) for i in range(j)]
    page["settings"] = [setting]
    return large


def random_answers(generator: random.Random) -> dict[str, Any]:
    return {
        "name": "seed 0",
        "predicted": "".join(generator.choices("0123", k=PAIRS)),
        "percents": base64.b64encode(bytes(generator.choices(range(101), k=len(LABELS) * PAIRS))).decode(),
        "edited": "",
    }


def test_thirty_runs_draw_one_page_of_sentences(page: Page, content: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "large.html"
    path.write_text(render(enlarged(content), {}), encoding="utf-8")
    assert path.stat().st_size < 4 * 2**20
    page.goto(path.as_uri())
    assert len(models(page)) == RUNS
    assert page.locator(".card").count() == 20
    assert page.evaluate("document.querySelectorAll('*').length") < 6000
    pager = page.locator(".pager").first
    assert "Page 1 of 145" in pager.inner_text()
    pager.get_by_role("button", name="Last").press("Enter")
    assert page.locator(".card").count() == PAIRS - 144 * 20
    assert page.evaluate("document.activeElement.textContent") == "First", (
        "Last is spent: the focus is not lost"
    )
    page.locator('[data-state="errors.text"]').fill("Sentence 7:")
    assert page.locator("#errors-status").inner_text().startswith("3 of 2,895"), "for three targets"
