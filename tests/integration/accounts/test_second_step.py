import asyncio
import time
from typing import Any

import pyotp
import pytest

from omna.accounts import codes, reset, second_step, sessions, sign_in, totp
from omna.accounts.desk import Desk
from omna.accounts.model import User
from omna.accounts.sign_in import Entered, SecondStep
from omna.db.pool import borrow, transaction
from omna.errors import BadCode, ChallengeOver, Conflict, InvalidValue, OmnaError, TooManyAttempts
from omna.http.principal import Person
from omna.vault.keyring import Keyring, Purpose
from tests.integration.accounts.conftest import CLIENT, PASSWORD, links, mails


class Authenticator:
    """An app that knows a secret, and the recovery codes printed beside it."""

    def __init__(self, secret: str, recovery: list[str]) -> None:
        self.secret = secret
        self.recovery = recovery

    def code(self, step: int = 0) -> str:
        """Return the code of now, or of so many time steps later."""
        return pyotp.TOTP(self.secret).generate_otp(int(time.time()) // 30 + step)

    def wrong(self) -> str:
        right = {self.code(step) for step in range(-2, 3)}
        return next(code for code in ("000000", "111111", "222222", "333333", "444444", "555555") if code not in right)


async def signed_in(desk: Desk) -> Person:
    entered = await sign_in.with_password(desk, "ann@example.com", PASSWORD, CLIENT)
    assert isinstance(entered, Entered)
    async with transaction(desk.pool) as connection:
        return await sessions.resolve(connection, entered.session_token, CLIENT.origin)


@pytest.fixture
async def who(desk: Desk, ann: User) -> Person:
    return await signed_in(desk)


@pytest.fixture
async def app(desk: Desk, who: Person) -> Authenticator:
    """Ann's authenticator, all of whose codes are still good: a test must not depend on when a time step ends."""
    async with transaction(desk.pool) as connection:
        setup = await totp.begin(connection, desk, who)
    app = Authenticator(setup.secret, [])
    app.recovery = await totp.confirm(desk, who, app.code())
    await desk.pool.execute("UPDATE totp_factors SET last_step = 0")
    return app


async def first_step(desk: Desk) -> SecondStep:
    step = await sign_in.with_password(desk, "ann@example.com", PASSWORD, CLIENT)
    assert isinstance(step, SecondStep)
    return step


async def finish(desk: Desk, token: str, code: str) -> Any:
    return await sign_in.finish_with_code(desk, token, code, CLIENT)


async def test_an_authenticator_counts_only_after_a_right_code(desk: Desk, who: Person) -> None:
    async with transaction(desk.pool) as connection:
        setup = await totp.begin(connection, desk, who)
    app = Authenticator(setup.secret, [])
    assert len(setup.secret) == 32
    assert setup.uri.startswith("otpauth://totp/Omna:Ann%40Example.com?secret=")
    assert setup.qr_svg.startswith("<svg ")
    await signed_in(desk)
    with pytest.raises(BadCode):
        await totp.confirm(desk, who, app.wrong())
    await signed_in(desk)
    assert len(await totp.confirm(desk, who, app.code())) == 10
    await first_step(desk)
    with pytest.raises(Conflict):
        await totp.confirm(desk, who, app.code())


async def test_its_secret_is_sealed_at_rest_and_survives_a_new_master_key(
    desk: Desk, app: Authenticator, keyring: Keyring
) -> None:
    row = await desk.pool.fetchrow("SELECT * FROM totp_factors")
    assert app.secret not in str(dict(row))
    assert row["secret"].startswith("v1:")
    newer = Keyring([bytes(range(32)), *keyring._masters.values()])
    async with transaction(desk.pool) as connection:
        assert await totp.reseal(connection, newer) == 1
    resealed = await desk.pool.fetchval("SELECT secret FROM totp_factors")
    place = second_step.place(row["user_id"])
    assert Keyring([bytes(range(32))]).unseal(Purpose.TOTP, resealed, place) == app.secret


async def test_turning_it_on_ends_other_sessions_and_is_told_by_mail(desk: Desk, who: Person) -> None:
    other = await signed_in(desk)
    async with transaction(desk.pool) as connection:
        setup = await totp.begin(connection, desk, who)
    await totp.confirm(desk, who, Authenticator(setup.secret, []).code())
    assert [row["session_id"] for row in await desk.pool.fetch("SELECT session_id FROM sessions")] == [who.session_id]
    assert other.session_id != who.session_id
    assert (await mails(desk))[-1] == "second_factor_changed"


async def test_a_code_finishes_the_sign_in_once(desk: Desk, app: Authenticator) -> None:
    step = await first_step(desk)
    assert step.methods == ("totp", "recovery_code")
    async with borrow(desk.pool) as connection:
        challenge = await sign_in.open_challenge(connection, step.token)
    assert challenge.tries_left == 5
    code = app.code()
    entered = await finish(desk, step.token, f" {code[:3]} {code[3:]} ")
    async with transaction(desk.pool) as connection:
        await sessions.resolve(connection, entered.session_token, CLIENT.origin)
    with pytest.raises(ChallengeOver):
        await finish(desk, step.token, app.code(1))
    again = await first_step(desk)
    with pytest.raises(BadCode):
        await finish(desk, again.token, code)
    await finish(desk, again.token, app.code(1))


async def test_one_code_at_once_in_two_places_works_in_one(desk: Desk, app: Authenticator) -> None:
    steps = [await first_step(desk) for _ in range(3)]
    code = app.code()
    outcomes = await asyncio.gather(*(finish(desk, step.token, code) for step in steps), return_exceptions=True)
    assert sum(isinstance(outcome, Entered) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, BadCode) for outcome in outcomes) == 2


async def test_one_challenge_answered_twice_at_once_opens_one_session(desk: Desk, app: Authenticator) -> None:
    step = await first_step(desk)
    outcomes = await asyncio.gather(
        finish(desk, step.token, app.recovery[0]), finish(desk, step.token, app.recovery[1]), return_exceptions=True
    )
    assert sum(isinstance(outcome, Entered) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, ChallengeOver) for outcome in outcomes) == 1


async def test_five_wrong_codes_end_a_challenge_even_for_a_right_one(desk: Desk, app: Authenticator) -> None:
    step = await first_step(desk)
    for _ in range(5):
        with pytest.raises(BadCode):
            await finish(desk, step.token, app.wrong())
    with pytest.raises(ChallengeOver):
        await finish(desk, step.token, app.code())
    async with borrow(desk.pool) as connection:
        with pytest.raises(ChallengeOver):
            await sign_in.open_challenge(connection, step.token)


async def test_an_account_has_ten_wrong_codes_in_a_quarter_of_an_hour(desk: Desk, app: Authenticator) -> None:
    for _ in range(2):
        step = await first_step(desk)
        for _ in range(5):
            with pytest.raises(BadCode):
                await finish(desk, step.token, app.wrong())
    step = await first_step(desk)
    with pytest.raises(TooManyAttempts) as caught:
        await finish(desk, step.token, app.code())
    assert caught.value.retry_after == pytest.approx(900, abs=60)
    await desk.pool.execute("UPDATE throttles SET began_at = now() - interval '15 minutes'")
    await finish(desk, step.token, app.code())


async def test_tries_at_once_count_one_by_one(desk: Desk, app: Authenticator) -> None:
    step = await first_step(desk)
    outcomes = await asyncio.gather(*(finish(desk, step.token, app.wrong()) for _ in range(12)), return_exceptions=True)
    assert sum(isinstance(outcome, BadCode) for outcome in outcomes) == 5
    assert all(isinstance(outcome, OmnaError) for outcome in outcomes)


async def test_a_challenge_ends_after_five_minutes_and_with_every_change_of_credentials(
    desk: Desk, app: Authenticator
) -> None:
    late, changed = await first_step(desk), await first_step(desk)
    life = await desk.pool.fetchval("SELECT max(ends_at - created_at) FROM sign_in_challenges")
    assert life.total_seconds() == 300
    await desk.pool.execute("UPDATE sign_in_challenges SET ends_at = now()")
    with pytest.raises(ChallengeOver):
        await finish(desk, late.token, app.code())
    await desk.pool.execute("UPDATE sign_in_challenges SET ends_at = now() + interval '5 minutes'")
    await desk.pool.execute("UPDATE users SET credential_version = credential_version + 1")
    with pytest.raises(ChallengeOver):
        await finish(desk, changed.token, app.code())


async def test_a_recovery_code_works_once_and_is_told_by_mail(desk: Desk, app: Authenticator, ann: User) -> None:
    assert len(set(app.recovery)) == 10
    assert all(len(codes.tidy(code)) == 16 for code in app.recovery)
    stored = await desk.pool.fetch("SELECT code_digest FROM recovery_codes")
    assert len(stored) == 10
    step = await first_step(desk)
    await finish(desk, step.token, app.recovery[3].upper().replace("-", " "))
    assert (await mails(desk))[-2:] == ["recovery_code_used", "new_device"]
    step = await first_step(desk)
    with pytest.raises(BadCode):
        await finish(desk, step.token, app.recovery[3])
    async with borrow(desk.pool) as connection:
        assert await totp.codes_left(connection, ann.user_id) == 9


async def test_one_recovery_code_at_once_in_two_places_works_in_one(desk: Desk, app: Authenticator) -> None:
    steps = [await first_step(desk) for _ in range(2)]
    outcomes = await asyncio.gather(
        *(finish(desk, step.token, app.recovery[0]) for step in steps), return_exceptions=True
    )
    assert sum(isinstance(outcome, Entered) for outcome in outcomes) == 1


async def test_new_codes_void_the_old_ones(desk: Desk, app: Authenticator, who: Person) -> None:
    async with transaction(desk.pool) as connection:
        fresh = await totp.regenerate_codes(connection, desk, who)
    assert not set(fresh) & set(app.recovery)
    step = await first_step(desk)
    with pytest.raises(BadCode):
        await finish(desk, step.token, app.recovery[0])
    await finish(desk, step.token, fresh[0])


async def test_turned_off_it_is_no_longer_asked_for(desk: Desk, app: Authenticator, who: Person) -> None:
    async with transaction(desk.pool) as connection:
        await totp.remove(connection, desk, who)
        assert await totp.codes_left(connection, who.user_id) is None
    await signed_in(desk)
    assert "second_factor_changed" in await mails(desk)
    with pytest.raises(Conflict):
        async with transaction(desk.pool) as connection:
            await totp.regenerate_codes(connection, desk, who)


async def test_a_replacement_counts_once_it_is_confirmed(desk: Desk, app: Authenticator, who: Person) -> None:
    async with transaction(desk.pool) as connection:
        setup = await totp.begin(connection, desk, who)
    newer = Authenticator(setup.secret, [])
    step = await first_step(desk)
    with pytest.raises(BadCode):
        await finish(desk, step.token, newer.code())
    await totp.confirm(desk, who, newer.code())
    step = await first_step(desk)
    with pytest.raises(BadCode):
        await finish(desk, step.token, app.code(1))
    await finish(desk, step.token, newer.code(1))


async def test_a_setup_left_lying_cannot_be_confirmed(desk: Desk, who: Person) -> None:
    async with transaction(desk.pool) as connection:
        setup = await totp.begin(connection, desk, who)
    await desk.pool.execute("UPDATE totp_factors SET pending_ends_at = now()")
    with pytest.raises(Conflict):
        await totp.confirm(desk, who, Authenticator(setup.secret, []).code())


async def test_a_reset_asks_for_the_second_factor_afterwards_and_takes_a_shorter_password(
    desk: Desk, app: Authenticator, who: Person
) -> None:
    await reset.request(desk, "ann@example.com", CLIENT)
    [token] = await links(desk, "reset_password")
    with pytest.raises(InvalidValue):
        await reset.reset(desk, token, "7 chars", CLIENT)
    await reset.reset(desk, token, "hx7 Qm2z", CLIENT)
    step = await sign_in.with_password(desk, "ann@example.com", "hx7 Qm2z", CLIENT)
    assert isinstance(step, SecondStep)
    await finish(desk, step.token, app.code())
    with pytest.raises(Conflict, match="15 characters"):
        async with transaction(desk.pool) as connection:
            await totp.remove(connection, desk, who)


async def test_the_operator_helps_who_lost_everything(desk: Desk, app: Authenticator, ann: User) -> None:
    operator = desk.actor("cli:tester", "test")
    async with transaction(desk.pool) as connection:
        await totp.clear(connection, ann, reason="showed a passport", actor=operator)
    assert await desk.pool.fetchval("SELECT count(*) FROM sessions") == 0
    await signed_in(desk)
    with pytest.raises(Conflict):
        async with transaction(desk.pool) as connection:
            await totp.clear(connection, ann, reason="again", actor=operator)
