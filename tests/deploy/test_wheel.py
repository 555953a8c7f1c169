"""The wheel: whoever installs it has everything, without Node, a compiler or this repository."""

import os
import re
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest

from omna import __version__
from tests.deploy.common import ROOT
from tests.harness.depth import full_only

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
WHEEL = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]


def test_the_web_app_is_part_of_the_wheel_though_git_ignores_it() -> None:
    assert WHEEL == {"packages": ["src/omna"], "artifacts": ["src/omna/website/app/**"]}
    recipe = re.search(r"^wheel: (.+)\n(\t.+\n)+", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert recipe is not None
    assert "$(APP)" in recipe[1], "the web app is built before"


def test_everything_a_process_reads_is_below_the_package() -> None:
    """Files found by their place must be found in site-packages too."""
    for path in (ROOT / "src" / "omna").rglob("*.py"):
        for depth in re.findall(r"__file__\)(?:\.resolve\(\))?\.parents\[(\d+)\]", path.read_text("utf-8")):
            assert len(path.relative_to(ROOT / "src").parts) - 1 > int(depth), path


def test_an_installation_needs_no_compiler() -> None:
    """What is overridden in this repository would be compiled where somebody installs the wheel."""
    overridden = {re.split(r"[ ;]", one)[0] for one in PROJECT["tool"]["uv"]["override-dependencies"]}
    needed = {re.split(r"[>;\[ ]", one)[0] for one in PROJECT["project"]["dependencies"]}
    packages = {one["name"]: one for one in tomllib.loads((ROOT / "uv.lock").read_text("utf-8"))["package"]}
    seen: set[str] = set()
    waiting = set(needed)
    while waiting:
        name = waiting.pop()
        seen.add(name)
        waiting |= {one["name"] for one in packages[name].get("dependencies", [])} - seen
    assert not seen & overridden
    assert all("wheels" in packages[name] for name in seen), "each has a wheel"


def test_what_builds_it_is_pinned() -> None:
    assert re.search(
        r"^hatchling==[\d.]+ \\\n    --hash=sha256:", (ROOT / "tools" / "build.txt").read_text(), re.MULTILINE
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("wheel")
    uv = Path(sysconfig.get_path("scripts")) / "uv"
    subprocess.run(
        [
            uv if uv.exists() else "uv", "build", "--quiet", "--wheel", "--python", sys.executable,
            "--build-constraints", "tools/build.txt", "--require-hashes", "--out-dir", place,
        ],
        cwd=ROOT, check=True,
    )  # fmt: skip
    [made] = place.glob("*.whl")
    return made


@full_only
def test_everything_is_inside(wheel: Path) -> None:
    inside = set(zipfile.ZipFile(wheel).namelist())
    listed = subprocess.run(["git", "ls-files", "src/omna"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert {line.removeprefix("src/") for line in listed.stdout.splitlines()} <= inside
    app = {name.removeprefix("omna/website/app/") for name in inside if name.startswith("omna/website/app/")}
    index = (ROOT / "src" / "omna" / "website" / "app" / "index.html").read_text("utf-8")
    named = set(re.findall(r'"/app/(assets/[^"]+)"', index))
    assert named
    assert named | {"index.html"} <= app
    assert any(name.endswith(".woff2") for name in app)


@full_only
def test_it_runs_where_it_is_installed(wheel: Path, tmp_path: Path) -> None:
    home = tmp_path / "venv"
    venv.create(home, with_pip=False, symlinks=True)
    [site] = home.glob("lib/python*/site-packages")
    zipfile.ZipFile(wheel).extractall(site)
    # What Omna depends on comes from here; Omna itself does not: the line of an editable install stays behind.
    packages = tmp_path / "packages"
    packages.mkdir()
    for place in {Path(entry) for entry in sys.path if entry.endswith("site-packages")}:
        for entry in place.iterdir():
            if not entry.name.startswith(("omna", "_omna")) and entry.suffix != ".pth":
                (packages / entry.name).symlink_to(entry)
    program = "import sys; from omna.cli import main; main(sys.argv[1:])"
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": str(packages)}

    def run(*arguments: str) -> str:
        return subprocess.run(
            [home / "bin" / "python", *arguments],
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    assert run("-c", "import omna; print(omna.__file__)").startswith(str(home))
    assert run("-c", program, "--version").strip() == __version__
    # Legal texts, locales, templates and assets are read from where it is installed.
    told = run(
        "-c",
        "from pathlib import Path; from omna.config import Settings; from omna.app import Omna; "
        "from omna.documents.legal import terms_version; from omna.db.migrate import migrations; "
        "s = Settings(data=Path('data')); Omna(s); print(terms_version(s.legal), len(migrations()))",
    )
    assert int(told.split()[-1]) == len(list((ROOT / "src" / "omna" / "db" / "migrations").glob("*.sql")))
