"""Who signs up on a demo installation can pay for the first call."""

from pathlib import Path

import pytest

from omna.config import Accounts, Server, Settings
from omna.launcher.up import DEMO_STARTER_CREDITS, with_starter_credits


def granted(settings: Settings, environment: dict[str, str] | None = None) -> str:
    return with_starter_credits(settings, environment or {}).accounts.starter_credits


def test_newcomers_on_this_machine_get_some(tmp_path: Path) -> None:
    assert granted(Settings(data=tmp_path)) == DEMO_STARTER_CREDITS


@pytest.mark.parametrize(
    "server",
    [Server(host="0.0.0.0"), Server(public_url="https://omna.example.com"), Server(host="192.0.2.1")],
)
def test_where_others_can_sign_up_nothing_is_given_away(tmp_path: Path, server: Server) -> None:
    assert granted(Settings(data=tmp_path, server=server)) == "0"


def test_what_the_operator_said_stays(tmp_path: Path) -> None:
    assert granted(Settings(data=tmp_path), {"OMNA_ACCOUNTS_STARTER_CREDITS": "0"}) == "0"
    assert (
        granted(Settings(data=tmp_path, accounts=Accounts(starter_credits="2")), {"OMNA_ACCOUNTS_STARTER_CREDITS": "2"})
        == "2"
    )
    (tmp_path / "omna.toml").write_text('[accounts]\nstarter_credits = "0"\n')
    assert granted(Settings(data=tmp_path)) == "0"
