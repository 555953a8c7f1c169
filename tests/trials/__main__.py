"""`python -m tests.trials`: see the package."""

import argparse
import asyncio
import random
import sys
import tempfile
from pathlib import Path

from tests.trials import backup, chaos, load, rolling, soak
from tests.trials.report import of_backup, of_chaos, of_load, of_rolling, of_soak


def main() -> int:
    options = _parser().parse_args()
    with tempfile.TemporaryDirectory(prefix="omna-trials-") as temporary:
        place = options.keep or Path(temporary)
        text, problems = asyncio.run(options.run(place, options))
    print(text)
    if options.report is not None:
        options.report.write_text(text, "utf-8")
    return 1 if problems else 0


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--report", type=Path, help="write what is printed at the end to this file as well")
    common.add_argument("--keep", type=Path, help="keep data and logs in this directory")
    parser = argparse.ArgumentParser(prog="python -m tests.trials")
    kinds = parser.add_subparsers(required=True)
    wild = kinds.add_parser("chaos", parents=[common], help="kill and stall every part in turn under load")
    wild.add_argument("--minutes", type=float, default=10)
    wild.add_argument("--seed", type=int, default=None, help="the same seed does the same things at the same seconds")
    wild.add_argument("--customers", type=int, default=40)
    wild.set_defaults(run=_chaos)
    even = kinds.add_parser("rolling", parents=[common], help="restart every replica under running streams")
    even.add_argument("--streams", type=int, default=500)
    even.set_defaults(run=_rolling)
    long = kinds.add_parser("soak", parents=[common], help="the same load for long, with faults")
    long.add_argument("--hours", type=float, default=2)
    long.add_argument("--customers", type=int, default=30)
    long.add_argument("--seed", type=int, default=1)
    long.set_defaults(run=_soak)
    much = kinds.add_parser("load", parents=[common], help="as many requests as it takes")
    much.add_argument("--clients", type=int, default=64)
    much.add_argument("--replicas", type=int, default=2)
    much.add_argument("--seconds", type=float, default=30)
    much.set_defaults(run=_load)
    spare = kinds.add_parser("backup", parents=[common], help="back up under load, restore elsewhere, compare")
    spare.add_argument("--seconds", type=float, default=20, help="of load before and after")
    spare.add_argument("--customers", type=int, default=40)
    spare.set_defaults(run=_backup)
    return parser


async def _chaos(place: Path, options: argparse.Namespace) -> tuple[str, list[str]]:
    seed = random.randrange(1 << 31) if options.seed is None else options.seed
    print(f"seed {seed}", flush=True)
    end = await chaos.run(place, seed=seed, seconds=options.minutes * 60, customers=options.customers)
    return of_chaos(end), end.verdict.problems


async def _rolling(place: Path, options: argparse.Namespace) -> tuple[str, list[str]]:
    end = await rolling.run(place, streams=options.streams)
    return of_rolling(end), end.verdict.problems


async def _soak(place: Path, options: argparse.Namespace) -> tuple[str, list[str]]:
    end = await soak.run(place, seconds=options.hours * 3600, customers=options.customers, seed=options.seed)
    return of_soak(end), end.verdict.problems


async def _load(place: Path, options: argparse.Namespace) -> tuple[str, list[str]]:
    end = await load.run(place, clients=options.clients, replicas=options.replicas, seconds=options.seconds)
    return of_load(end), end.verdict.problems


async def _backup(place: Path, options: argparse.Namespace) -> tuple[str, list[str]]:
    end = await backup.run(place, seconds=options.seconds, customers=options.customers)
    return of_backup(end), end.verdict.problems


if __name__ == "__main__":
    sys.exit(main())
