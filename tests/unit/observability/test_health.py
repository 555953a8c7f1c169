"""Health answers depend on the phase and the database, and say nothing else."""

import json

import pytest

from omna.observability.health import Phase, alive, ready


@pytest.mark.parametrize(
    ("phase", "database", "status", "word"),
    [
        (Phase.STARTING, True, 503, "starting"),
        (Phase.SERVING, True, 200, "ready"),
        (Phase.SERVING, False, 503, "unavailable"),
        (Phase.DRAINING, True, 503, "draining"),
    ],
)
def test_ready_says_send_me_traffic_only_while_serving_with_a_database(
    phase: Phase, database: bool, status: int, word: str
) -> None:
    answer = ready(phase, database=database)
    assert answer.status == status
    assert json.loads(answer.body) == {"status": word}


def test_alive_answers_without_looking_at_anything() -> None:
    assert alive().status == 200
    assert json.loads(alive().body) == {"status": "ok"}
