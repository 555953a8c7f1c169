"""Throw-away environments: packages the bench compares with or looks with, never part of Omna.

They live under the user's cache directory, are made by `uv` when first needed, and can be deleted at any time.
"""

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from benchmarks.processes import ProcessError, run_command

INSTALL_SECONDS = 600.0


def cache_directory(environment: Mapping[str, str]) -> Path:
    """Return where throw-away environments live, by the XDG convention; OMNA_BENCH_CACHE overrides it."""
    if chosen := environment.get("OMNA_BENCH_CACHE"):
        return Path(chosen)
    base = environment.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return Path(base) / "omna-bench"


def prepare(name: str, requirement: str) -> Path:
    """Return the `bin` directory of an environment with one package in it, made on first use from the package index.

    Errors  ProcessError when there is no `uv`, or the package cannot be installed
    """
    home = cache_directory(os.environ) / name
    binaries = home / "bin"
    if (home / "complete").exists():
        return binaries
    uv = find_uv()
    shutil.rmtree(home, ignore_errors=True)
    home.parent.mkdir(parents=True, exist_ok=True)
    run_command("uv venv", [uv, "venv", "--quiet", "--python", sys.executable, str(home)], os.environ, INSTALL_SECONDS)
    command = [uv, "pip", "install", "--quiet", "--python", str(binaries / "python"), requirement]
    run_command(f"installing {requirement}", command, os.environ, INSTALL_SECONDS)
    (home / "complete").touch()
    return binaries


def find_uv() -> str:
    """Return the path of `uv`: beside this interpreter, or on the path. Errors: ProcessError when there is none."""
    beside = Path(sys.executable).with_name("uv")
    found = str(beside) if beside.exists() else os.environ.get("UV") or shutil.which("uv")
    if not found:
        raise ProcessError("`uv` is needed to install what Omna is compared with; put it on the path or set UV")
    return found
