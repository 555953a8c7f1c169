"""Build the site of the documentation below build/docs: `make docs`. A warning is an error."""

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tools.site.checks import asked_elsewhere
from tools.site.layout import ROOT, lay_out

SITE = ROOT / "build" / "docs"


def build(site: Path) -> None:
    """Build the site into a directory, which is replaced whole. Errors: SystemExit when Sphinx warns or fails."""
    with tempfile.TemporaryDirectory(prefix="omna-docs-") as work:
        laid, made = Path(work) / "pages", Path(work) / "site"
        laid.mkdir()
        lay_out(laid)
        command = [sys.executable, "-m", "sphinx", "-b", "html", "-q", "-W", "--keep-going", "-j", "2"]
        result = subprocess.run(
            [*command, "-c", Path(__file__).parent, "-d", Path(work) / "state", laid, made], check=False
        )
        if result.returncode != 0:
            raise SystemExit(result.returncode)
        _check(made)
        shutil.rmtree(site, ignore_errors=True)
        site.parent.mkdir(parents=True, exist_ok=True)
        (made / ".buildinfo").unlink(missing_ok=True)
        shutil.copytree(made, site)


def _check(made: Path) -> None:
    for path in made.rglob("*"):
        if path.suffix in {".html", ".css"}:
            for address in asked_elsewhere(path.name, path.read_text("utf-8")):
                raise SystemExit(f"{path.relative_to(made)} asks another machine for {address}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.site", description=__doc__)
    parser.add_argument("--into", type=Path, default=SITE, metavar="DIR", help="where (default: build/docs)")
    site = parser.parse_args().into
    build(site)
    print(f"the site stands at {site / 'index.html'}")


if __name__ == "__main__":
    main()
