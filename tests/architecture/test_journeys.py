"""Every journey of the design is gone by a browser, so that none gets lost."""

import ast
import re
from pathlib import Path

BROWSER = Path(__file__).parents[1] / "browser"
#: What people can do here, from a stranger's first answer to the boundaries of staff; what each is stands in its tests.
JOURNEYS = [f"J{number}" for number in range(1, 30)]


def named() -> dict[str, list[str]]:
    """Return the journeys that tests of the browser say they are, and which: in the docstring of a file or a test."""
    found: dict[str, list[str]] = {}
    for path in sorted(BROWSER.glob("test_*.py")):
        module = ast.parse(path.read_text("utf-8"))
        tests = [
            node for node in module.body if isinstance(node, ast.AsyncFunctionDef) and node.name.startswith("test_")
        ]
        for node in [module, *tests]:
            for journey in re.findall(r"\bJ[0-9]+\b", ast.get_docstring(node) or ""):
                found.setdefault(journey, []).append(path.name)
    return found


def test_every_journey_is_gone_by_a_browser() -> None:
    found = named()
    assert [journey for journey in JOURNEYS if journey not in found] == [], "no test in tests/browser says it goes them"
    assert set(found) - set(JOURNEYS) == set()
