"""Lay out the pages of the site in a directory, from which Sphinx builds it."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

from tools.site.endpoints import Section
from tools.site.navigation import list_page, title_of, with_navigation
from tools.site.places import HOME, moved, placed

ROOT = Path(__file__).parents[2]
ROOT_PAGES = ("ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")


def sources() -> list[str]:
    """Return the paths of all files of the repository that are on the site, pages and pictures."""
    docs = [str(path.relative_to(ROOT)) for path in sorted((ROOT / "docs").rglob("*")) if path.is_file()]
    packages = [str(path.relative_to(ROOT)) for path in sorted((ROOT / "src" / "omna").rglob("README.md"))]
    return [*docs, *ROOT_PAGES, *packages]


def pages() -> dict[str, str]:
    """Return the text of every page by its place on the site."""
    places = placed(sources())
    texts = {
        places[path]: moved((ROOT / path).read_text("utf-8"), path, places)
        for path in sources()
        if path.endswith(".md")
    }
    endpoints = [section.pages() for section in api_sections()]
    for made in endpoints:
        texts |= made
    texts |= {
        "decisions/index.md": _listing(
            texts, "decisions", "Decisions", "What shaped more than one file, why, and what follows."
        ),
        "packages/index.md": _listing(texts, "packages", "Packages", "What each package owns, and its rules."),
    }
    apis = [(title_of(made[place]), place) for made in endpoints for place in made if place.endswith("/index.md")]
    texts[HOME] = with_navigation(texts[HOME], {"Reference": apis, "Architecture": [("Packages", "packages/index.md")]})
    return texts


def api_sections() -> list[Section]:
    """Return the APIs, each with pages of its own."""
    reference = ROOT / "docs" / "reference"
    v1 = json.loads((reference / "openapi.json").read_text("utf-8"))
    api = json.loads((reference / "api.json").read_text("utf-8"))
    return [
        Section(
            "reference/v1",
            "Endpoints of /v1",
            f"{v1['info']['description']}\n\nFor programs: [openapi.json](../openapi.json).",
            v1,
            "/v1/",
        ),
        Section(
            "reference/api",
            "Endpoints of /api",
            "What the web app does, and programs with a [management key](../../guides/automation.md)."
            " For programs: [api.json](../api.json).",
            api,
            "/api/",
            without="/api/console",
        ),
        Section(
            "reference/console",
            "Endpoints of the console",
            "What [staff](../../operations/staff.md) do; for everybody else there is nothing at these addresses.",
            api,
            "/api/console",
        ),
    ]


def lay_out(directory: Path) -> int:
    """Write every page and picture of the site below an empty directory. Returns the number of pages."""
    texts = pages()
    places = placed(sources())
    for path in sources():
        if not path.endswith(".md"):
            target = directory / places[path]
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / path, target)
    for place, text in texts.items():
        target = directory / place
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")
    return len(texts)


def _listing(texts: Mapping[str, str], directory: str, title: str, intro: str) -> str:
    names = sorted(place for place in texts if place.startswith(f"{directory}/"))
    return list_page(title, intro, [(title_of(texts[name]), name.rpartition("/")[2]) for name in names])
