"""Errors that a user can act on: what was wrong, where, and what to do next."""

from __future__ import annotations

from collections.abc import Iterable


class UserError(Exception):
    """Something that the user can mend; the command line prints it without a traceback.

    Parameters
    ----------
    what : str
        What was wrong and where, in one line.
    problems : iterable of str
        The single faults where there are several, each with its place.
    hint : str
        What to do next.

    Examples
    --------
    >>> print(UserError("2 rows are unusable", ["a.csv:3: empty text"], hint="mend them"))
    2 rows are unusable
      a.csv:3: empty text
    → mend them
    """

    #: How many single faults are printed before the rest is only counted.
    SHOWN = 20

    def __init__(self, what: str, problems: Iterable[str] = (), hint: str = "") -> None:
        self.what, self.problems, self.hint = what, list(problems), hint
        super().__init__(what)

    def __str__(self) -> str:
        lines = [self.what, *(f"  {problem}" for problem in self.problems[: self.SHOWN])]
        if len(self.problems) > self.SHOWN:
            lines.append(f"  … and {len(self.problems) - self.SHOWN} more")
        if self.hint:
            lines.append(f"→ {self.hint}")
        return "\n".join(lines)


def raise_if(problems: list[str], what: str, hint: str = "") -> None:
    """Raise one `UserError` with all `problems`, or return where there are none."""
    if problems:
        raise UserError(what, problems, hint)
