"""The page as one file that needs nothing else and asks for nothing."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stancebench.files import write_atomically
from stancebench.report.collect import Run
from stancebench.report.page.content import collect, steps
from stancebench.report.page.settings import find_settings

if TYPE_CHECKING:
    from stancebench.report.figures import Figure

#: The scripts in the order in which they are read; together they make one.
SCRIPTS = ("page.js", "columns.js", "leaderboard.js", "pairs.js", "errors.js")


def write_page(runs: Sequence[Run], path: Path, figures: Mapping[str, Sequence[Figure]]) -> str:
    """Write the page over `runs`, of any datasets and protocols, with progress on standard error.

    Parameters
    ----------
    runs : sequence of Run
        Complete runs (`report.collect.find_runs`).
    path : Path
        The HTML file; its folder must exist.
    figures : mapping
        Figures to show, by the heading under which they stand: the name of a protocol, or of several.

    Returns
    -------
    str
        What was written, in words.
    """
    from rich.console import Console
    from rich.progress import Progress

    settings = find_settings(runs)
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("page: scores and paired tests", total=steps(settings))
        content = collect(settings, lambda: progress.advance(task))
    page = render(content, figures)
    write_atomically(path, page)
    return f"{path}: a page over all {len(runs)} runs, {len(page.encode()) / 2**20:.1f} MiB"


def render(content: Mapping[str, Any], figures: Mapping[str, Sequence[Figure]]) -> str:
    """Return the HTML of a page with this content (`content.collect`)."""
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=PackageLoader("stancebench.report", "page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    script = "".join(map(_source, SCRIPTS))
    protocols = [setting["protocol"] for setting in content["page"]["settings"]]
    headings = sorted(figures, key=lambda name: protocols.index(name) if name in protocols else -1)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return environment.get_template("page.html.j2").render(
        **content["facts"],
        figures={heading: figures[heading] for heading in headings if figures[heading]},
        page=Markup(as_inline_json(content["page"])),
        style=Markup(_source("page.css")),
        script=Markup(script),
        script_digest=digest,
    )


def as_inline_json(content: Any) -> str:
    r"""Return `content` as JSON that can stand in a ``script`` element, whatever its texts hold.

    Examples
    --------
    >>> as_inline_json({"text": "</script>"})
    '{"text":"\\u003c/script>"}'
    """
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for character in "<\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _source(name: str) -> str:
    return resources.files("stancebench.report.page").joinpath(name).read_text(encoding="utf-8")
