"""What strangers type and people are called, on pages without a script: it stays text (J28)."""

from urllib.parse import quote

import pytest

from omna.accounts.desk import Desk
from omna.audit.service import Actor
from omna.config import Risk
from omna.db.pool import transaction
from omna.http.principal import RIGHTS, Member, Role
from omna.workspaces import invitations
from omna.workspaces import service as workspaces
from tests.harness.hostile import NAMES, REFUSED_NAMES, active
from tests.integration.website.conftest import PERSON, Mailbox, Open
from tests.integration.website.test_invitations import make


@pytest.mark.parametrize("path", ["/sign-up", "/request-access"])
async def test_a_form_gives_back_what_was_typed_as_text(visit: Open, path: str) -> None:
    browser = visit(sign_up="open" if path == "/sign-up" else "invite")
    empty = await browser.open(path)
    for name in NAMES:
        page = await browser.send(empty.form(path), name=name, email=name, password="short", message=name)
        assert page.status in (400, 429), path
        assert list(active(page.answer.text)) == [], name
        if page.status == 400:
            assert page.form(path).fields["name"] == name


@pytest.mark.parametrize("path", ["/sign-up", "/request-access"])
async def test_a_name_that_hides_something_is_refused_at_its_field(visit: Open, path: str) -> None:
    browser = visit(sign_up="open" if path == "/sign-up" else "invite", language="zh")
    empty = await browser.open(path)
    page = await browser.send(empty.form(path), **PERSON | {"name": REFUSED_NAMES[5], "message": "Hello"})
    assert page.status == 400
    assert "名称不能包含控制字符。" in page.text
    assert "#name" in page.links


@pytest.mark.parametrize(
    "path",
    ["/docs?q=", "/models?q=", "/models?provider=", "/sign-in?next=", "/compare?models=", "/s/", "/invite/", "/x/"],
)
async def test_addresses_put_nothing_on_a_page(visit: Open, path: str) -> None:
    browser = visit()
    for name in NAMES:
        page = await browser.open(path + quote(name, safe=""))
        assert page.status in (200, 303, 400, 404), (path, name)
        assert list(active(page.answer.text)) == [], (path, name)
        assert page.answer.headers.get("location", "/").startswith("/"), (path, name)


async def test_an_invitation_says_names_as_text(desk: Desk, actor: Actor, visit: Open, mailbox: Mailbox) -> None:
    for number, name in enumerate(NAMES[:4]):
        ann = await make(desk, actor, f"ann{number}")
        async with transaction(desk.pool) as connection:
            team = await workspaces.create_team(
                connection, ann.user_id, name, verified=True, risk=Risk(), actor=actor
            )  # fmt: skip
            await connection.execute("UPDATE users SET name = $1 WHERE user_id = $2", name, ann.user_id)
            by = Member(team.workspace_id, ann.user_id, Role.OWNER, RIGHTS[Role.OWNER], None, None, "192.0.2.1")
            await invitations.invite(connection, f"bea{number}@example.com", Role.MEMBER, by=by, actor=actor)
        page = await visit().open(await mailbox.link(f"bea{number}@example.com"))
        assert page.status == 200
        assert page.text.count(name) >= 2
        assert list(active(page.answer.text)) == [], name
