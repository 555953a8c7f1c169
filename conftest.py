"""One seed for a whole run, printed at its top, so that any failure can be repeated.

Property tests draw new inputs every time, in CI too: fixed inputs would test the same thousand cases for ever. What
makes a failure repeatable is the seed (`pytest --hypothesis-seed=N`) and the blob that Hypothesis prints with it.
"""

import os
import secrets

import hypothesis
import pytest

hypothesis.settings.register_profile("default", deadline=None, print_blob=True)
hypothesis.settings.register_profile("ci", parent=hypothesis.settings.get_profile("default"), database=None)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "default")
    if config.getoption("--hypothesis-seed") is None:
        config.option.hypothesis_seed = secrets.randbelow(2**32)


def pytest_report_header(config: pytest.Config) -> str:
    return f"seed: repeat this run with --hypothesis-seed={config.getoption('--hypothesis-seed')}"
