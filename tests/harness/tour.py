"""Every page of the site with something on it: who sees it, and where."""

from dataclasses import dataclass

import httpx2
import pyotp

from omna.accounts import reset, sessions, sign_in, totp
from omna.accounts.model import Client
from omna.accounts.second_step import SecondStep
from omna.accounts.sign_up import SignUp
from omna.alerts import service as alerts
from omna.http.principal import Role
from omna.ids import UserId, new_id, show
from omna.membership import admitting, arrival
from omna.risk.rules import cases
from tests.harness.installation import Installation, until
from tests.harness.orders import approve, hand_in, order
from tests.harness.people import PASSWORD, People, Somebody, program
from tests.harness.replica import Replica
from tests.harness.staff import Employee, hire
from tests.harness.wire import HI

#: The sections of the settings, each a page of its own.
SECTIONS = ("profile", "security", "sessions", "notifications", "chat", "data")

#: What models write, beside words.
ANSWER = r"""## Rayleigh scattering

The *shorter* a wave, the **more** of it is scattered, with $I \propto \lambda^{-4}$:

$$\sigma = \frac{2\pi^5}{3}\,\frac{d^6}{\lambda^4}$$

| Colour | Wavelength | Share |
| :--- | ---: | ---: |
| Blue | 450 nm | 4.4 |
| Red | 650 nm | 1 |

1. Light comes in.
2. Air scatters it, as `sky.py` says:

```python
def share(blue: float, red: float) -> float:
    # How much more of the blue is scattered, and a line that is too long for a phone.
    return (red / blue) ** 4
```

> What is left looks red in the evening.
"""


@dataclass(frozen=True)
class Tour:
    """public, app, console   a path below `names`' places, and the address that shows it
    owner, staff              whose sessions show the pages of the app and of the console
    challenge                 the cookie of a sign-in that waits for its second step
    """

    public: tuple[tuple[str, str], ...]
    app: tuple[tuple[str, str], ...]
    console: tuple[tuple[str, str], ...]
    owner: Somebody
    staff: Employee
    challenge: str


async def furnish(house: Installation, people: People, site: Replica) -> Tour:
    """Make a team in which every page has something to show, and open every link that a mail can carry."""
    client = Client("127.0.0.1", "tests")
    owner = await people.arrive("Ada", password=PASSWORD)
    team = await people.found_team(owner, "Engines")
    for name, role in (("Charles", Role.ADMIN), ("Mary", Role.BILLING), ("Joan", Role.MEMBER)):
        await people.join(team, owner, await people.arrive(name), role)
    async with house.connection.transaction():
        raised = await alerts.raise_alert(
            house.connection,
            "mail.stuck",
            "outbox",
            severity="warning",
            facts={"late": 3},
            message="3 mails have waited",
        )
    warned = show("alr", raised)
    given = show("prp", await people.give(team, "20"))
    here = show("ws", team)
    async with program(site.address, session=owner.session) as api:
        made = (await api.post(f"/api/workspaces/{here}/keys", json={"name": "ci", "spend_limit": "5", "spend_period": "day"})).json()  # fmt: skip
        await api.post(f"/api/workspaces/{here}/management-keys", json={"name": "terraform", "role": "admin"})
        await api.post(f"/api/workspaces/{here}/invitations", json={"email": "new@example.com", "role": "member"})
        body = {"model": "openrouter-free", "messages": HI}
        chat, link = await _keep(api, f"/api/workspaces/{here}")
        answers = [await site.ask("POST", "/v1/chat/completions", body=body, key=made["secret"]) for _ in range(3)]
        asked = {"category": "billing", "subject": "Paid twice", "text": "Please look.", "amount": "25.00 USD", "about": [{"kind": "request", "id": answers[-1].request_id}]}  # fmt: skip
        ticket = (await api.post(f"/api/workspaces/{here}/tickets", json=asked)).json()
        chat = (await api.post(f"/api/workspaces/{here}/chats", json={"model": "openrouter-free"})).json()
        said = {"id": show("msg", new_id()), "content": "Plan my AI workflow", "models": ["openrouter-free"]}
        (await api.post(f"/api/workspaces/{here}/chats/{chat['id']}/messages", json=said)).raise_for_status()
        lines = (await api.get(f"/api/workspaces/{here}/ledger/lines?group=none")).json()["items"]
        waiting = await order(api, here, "10")
        paid = await hand_in(api, here, (await order(api, here, "25"))["id"])
        await approve(people, site.address, await hire(people, "finance"), paid)
        wish = {"client_token": "tour-refund", "recharge_id": paid["id"], "kind": "unused", "reason": "Too many"}
        refund = (await api.post(f"/api/workspaces/{here}/refunds", json=wish)).json()
    async with house.connection.transaction():
        reported, _ = await cases.report(house.connection, team, "Sells it.", by=UserId(new_id()), actor=house.actor)
    case = show("cas", reported)
    async with house.connection.transaction():
        await admitting.invite(house.connection, "guest@example.com", by=None, reason="tour", actor=house.actor)
    admitted = (await people.last_mail("guest@example.com")).rpartition("/join/")[2].split()[0]
    invited = (await people.last_mail("new@example.com")).rpartition("/invite/")[2].split()[0]
    newcomer = SignUp("dora@example.com", "Dora", PASSWORD, "en", "1")
    await arrival.sign_up(people.desk, newcomer, client)
    await reset.request(people.desk, owner.email, client)
    return Tour(
        public=(
            ("/", "/"), ("/models", "/models"), ("/models", "/models?q=nothing-of-the-kind"),
            ("/models/{model:path}", "/models/openrouter-free"), ("/compare", "/compare"), ("/faq", "/faq"), ("/terms", "/terms"), ("/privacy", "/privacy"), ("/refund-policy", "/refund-policy"),
            ("/docs", "/docs"), ("/docs", "/docs?q=key"), ("/docs/{topic}", "/docs/quickstart"), ("/docs/{topic}", "/docs/errors"),
            ("/status", "/status"),
            ("/sign-up", "/sign-up"), ("/request-access", "/request-access"), ("/verify-email", "/verify-email"),
            ("/verify-email", f"/verify-email?token={_token(await people.last_mail(newcomer.email))}"),
            ("/verify-email", "/verify-email?token=dead"),
            ("/sign-in", "/sign-in"), ("/sign-in", "/sign-in?notice=signed_out"), ("/sign-in/verify", "/sign-in/verify"),
            ("/reset", "/reset"), ("/reset", "/reset?notice=sent"),
            ("/reset", f"/reset?token={_token(await people.last_mail(owner.email))}"),
            ("/invite/{token}", f"/invite/{invited}"), ("/invite/{token}", "/invite/dead"), ("/join/{token}", f"/join/{admitted}"),
            ("/s/{token}", f"/s/{link}"), ("/s/{token}", "/s/dead"),
            ("/{path:path}", "/nothing-here"),
        ),
        app=(
            ("w/$ws", f"/app/w/{here}"), ("w/$ws/models", f"/app/w/{here}/models"),
            ("w/$ws/chat", f"/app/w/{here}/chat"), ("w/$ws/chat/compare", f"/app/w/{here}/chat/compare"), ("w/$ws/chat/$chat", f"/app/w/{here}/chat/{chat['id']}"),
            *((f"w/$ws/chat/{page}", f"/app/w/{here}/chat/{page}") for page in ("prompts", "presets", "links", "data")),
            ("w/$ws/keys", f"/app/w/{here}/keys"), ("w/$ws/keys", f"/app/w/{here}/keys?tab=management"),
            ("w/$ws/keys/$key", f"/app/w/{here}/keys/{made['key']['id']}"),
            ("w/$ws/usage", f"/app/w/{here}/usage"),
            ("w/$ws/usage/$request", f"/app/w/{here}/usage/{answers[-1].request_id}"),
            ("w/$ws/ledger", f"/app/w/{here}/ledger"),
            ("w/$ws/ledger/$line", f"/app/w/{here}/ledger/{lines[0]['id']}"), ("w/$ws/team", f"/app/w/{here}/team"),
            ("w/$ws/recharge", f"/app/w/{here}/recharge"), ("w/$ws/orders/$order", f"/app/w/{here}/orders/{waiting['id']}"),
            ("w/$ws/orders/$order", f"/app/w/{here}/orders/{paid['id']}"),
            ("w/$ws/orders/$order/refund", f"/app/w/{here}/orders/{paid['id']}/refund"),
            ("w/$ws/refunds/$refund", f"/app/w/{here}/refunds/{refund['id']}"),
            ("w/$ws/support", f"/app/w/{here}/support"), ("w/$ws/support", f"/app/w/{here}/support?new=1&category=billing"),
            ("w/$ws/support/$ticket", f"/app/w/{here}/support/{ticket['id']}"),
            *(("settings/$section", f"/app/settings/{section}") for section in SECTIONS),
            ("$", f"/app/w/{here}/nothing-here"),
        ),
        console=(
            ("", "/console"), ("users", "/console/users"), ("users/$id", f"/console/users/{show('usr', owner.user_id)}"),
            ("workspaces", "/console/workspaces"), ("workspaces/$id", f"/console/workspaces/{here}"), ("access", "/console/access"),
            ("recharges", "/console/recharges?state=all"), ("recharges/$id", f"/console/recharges/{paid['id']}"),
            ("payments", "/console/payments"), ("payments", "/console/payments?tab=events"), ("refunds", "/console/refunds"),
            ("refunds/$id", f"/console/refunds/{refund['id']}"), ("disputes", "/console/disputes"),
            ("promo-codes", "/console/promo-codes"), ("credits", "/console/credits"), ("credits/$id", f"/console/credits/{given}"),
            ("credits/charge", f"/console/credits/charge?request={answers[-1].request_id}"), ("support", "/console/support"),
            ("stop", "/console/stop"), ("announcements", "/console/announcements"),
            ("support/$id", f"/console/support/{ticket['id']}"), ("system", "/console/system"), ("system", "/console/system?tab=settings"),
            ("alerts", "/console/alerts"),
            ("alerts", "/console/alerts?tab=telling"), ("alerts", "/console/alerts?tab=protection"),
            ("alerts/$id", f"/console/alerts/{warned}"), ("audit", "/console/audit"), ("audit/$id", "/console/audit/1"),
            ("providers", "/console/providers"), ("providers/$id", "/console/providers/main"),
            ("models", "/console/models"), ("models/$id", "/console/models/openrouter-free"),
            ("models/import", "/console/models/import"),
            ("risk", "/console/risk"), ("risk/rules", "/console/risk/rules"), ("risk/$id", f"/console/risk/{case}"),
            ("$", "/console/nothing-here"),
        ),
        owner=owner,
        staff=await hire(people, "owner", "Olga"),
        challenge=await _challenge(house, people, client),
    )  # fmt: skip


async def _keep(api: httpx2.AsyncClient, base: str) -> tuple[str, str]:
    """Make something of everything that a person keeps; return a chat and the token of a link to it."""
    await api.post(f"{base}/chat/folders", json={"name": "Research", "system_prompt": "Be exact."})
    await api.post(f"{base}/chat/prompts", json={"name": "Review", "text": "Review this for {{audience}}."})
    parameters = {"temperature": 0.2, "reasoning_effort": "high"}
    await api.post(
        f"{base}/chat/presets", json={"name": "Careful", "model": "openrouter-free", "parameters": parameters}
    )
    return await _talk(api, base)


async def _talk(api: httpx2.AsyncClient, base: str) -> tuple[str, str]:
    """Have a chat whose last answer is made of everything that answers are made of; return its id and a link to it."""
    chat = (await api.post(f"{base}/chats", json={"model": "openrouter-free"})).json()["id"]
    parent = None
    for question in ("Why is the sky blue?", "Show it as code, a table and a formula."):
        said = {"id": show("msg", new_id()), "parent": parent, "content": question, "models": ["openrouter-free"]}
        answer = await api.post(f"{base}/chats/{chat}/messages", json=said)
        assert answer.status_code == 202, answer.text
        parent = answer.json()["answers"][0]["id"]

        async def over(answer: str = parent) -> bool | None:
            messages = (await api.get(f"{base}/chats/{chat}")).json()["messages"]
            return True if all(one["answer"] is None or one["answer"]["finished_at"] for one in messages) else None

        await until(over, "nobody answered the tour")
    assert (await api.patch(f"{base}/chats/{chat}/messages/{parent}", json={"content": ANSWER})).status_code == 200
    shared = (await api.post(f"{base}/chats/{chat}/shares", json={"audience": "anyone"})).json()
    return chat, shared["url"].rpartition("/s/")[2]


async def turn_on_totp(house: Installation, people: People, somebody: Somebody) -> tuple[pyotp.TOTP, str, list[str]]:
    """Give somebody an authenticator app; return it, the code that is used up by that, and recovery codes."""
    async with house.connection.transaction():
        who = await sessions.resolve(house.connection, somebody.session, "127.0.0.1")
        setup = await totp.begin(house.connection, people.desk, who)
    app = pyotp.TOTP(setup.secret)
    code = app.now()
    return app, code, await totp.confirm(people.desk, who, code)


async def _challenge(house: Installation, people: People, client: Client) -> str:
    somebody = await people.arrive("Grace", password=PASSWORD)
    await turn_on_totp(house, people, somebody)
    step = await sign_in.with_password(people.desk, somebody.email, PASSWORD, client)
    assert isinstance(step, SecondStep)
    return step.token


def _token(text: str) -> str:
    return text.rpartition("?token=")[2].split()[0]
