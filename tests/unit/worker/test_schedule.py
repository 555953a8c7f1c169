"""The table of jobs is well formed."""

from pathlib import Path

from croniter import croniter

from omna.config import Settings
from omna.worker.schedule import schedule

SCHEDULE = schedule(Settings(data=Path()))


def test_every_job_has_its_own_name_and_a_valid_time() -> None:
    names = [job.name for job in SCHEDULE]
    assert len(names) == len(set(names))
    assert all(croniter.is_valid(job.cron) for job in SCHEDULE)


def test_ledger_is_verified_once_a_night() -> None:
    [verify] = [job for job in SCHEDULE if job.name == "ledger-verify"]
    minute, hour, *rest = verify.cron.split()
    assert minute.isdigit()
    assert hour.isdigit()
    assert rest == ["*", "*", "*"]
