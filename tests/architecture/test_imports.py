"""The direction of imports is the architecture; import-linter checks it, and this checks that it checks everything."""

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src"
PACKAGES = sorted(path for path in (SOURCE / "omna").iterdir() if path.is_dir() and path.name != "__pycache__")


def contracts() -> list[dict[str, list[str]]]:
    configuration = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    found: list[dict[str, list[str]]] = configuration["tool"]["importlinter"]["contracts"]
    return found


def docstring(path: Path) -> str:
    return ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(SOURCE).with_suffix("").parts)


def test_every_contract_is_kept() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([linter, "--no-logo"], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert result.returncode == 0, result.stdout


def test_every_module_that_calls_itself_pure_is_held_to_it() -> None:
    [contract] = [contract for contract in contracts() if "source_modules" in contract]
    claimed = {module_name(path) for path in SOURCE.rglob("*.py") if docstring(path).startswith("PURE")}
    assert claimed - set(contract["source_modules"]) == set()


def test_every_store_is_opened_by_its_package_alone() -> None:
    protected = {
        (module, importer)
        for contract in contracts()
        for module in contract.get("protected_modules", [])
        for importer in contract["allowed_importers"]
    }
    # A package whose store grew into several calls them `session_store`, `link_store`, …
    stores = {path for package in PACKAGES for path in package.rglob("*store.py")}
    assert protected == {(module_name(path), module_name(path.parent)) for path in stores}


def test_every_package_says_what_it_owns() -> None:
    silent = [package.name for package in PACKAGES if not docstring(package / "__init__.py")]
    assert silent == []
