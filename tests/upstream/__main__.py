"""`python -m tests.upstream [PORT]`: serve until interrupted. The first line printed is the base URL."""

import asyncio
import contextlib
import sys

from tests.upstream.server import Upstream


async def main() -> None:
    upstream = Upstream()
    await upstream.start(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
    print(upstream.base_url, flush=True)
    await asyncio.Event().wait()


with contextlib.suppress(KeyboardInterrupt):
    asyncio.run(main())
