"""A browser in front of /api, without pages: cookies, our headers, a session, grants."""

from http.cookies import SimpleCookie
from typing import Any

import httpx2

from omna.accounts import sessions, step_up
from omna.accounts.desk import Desk
from omna.accounts.model import User
from omna.db.pool import transaction
from omna.http.principal import Person
from tests.harness.authenticator import Authenticator
from tests.integration.accounts.conftest import CLIENT

ORIGIN = "http://localhost:5108"
OURS = {"sec-fetch-site": "same-origin", "x-omna-request": "1", "content-type": "application/json"}


class Browser:
    """A browser with cookies and an authenticator."""

    def __init__(self, client: httpx2.AsyncClient, desk: Desk) -> None:
        self.client = client
        self.desk = desk
        self.device = Authenticator()
        self.cookies: dict[str, str] = {}

    async def send(self, method: str, path: str, body: Any = None) -> httpx2.Response:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items() if value)
        answer = await self.client.request(
            method, path, json=body, headers={**OURS, **({"cookie": cookie} if cookie else {})}
        )
        for header in answer.headers.get_list("set-cookie"):
            for name, morsel in SimpleCookie(header).items():
                self.cookies[name] = morsel.value
        self.client.cookies.clear()
        return answer

    async def sign_in_as(self, user: User) -> Person:
        async with transaction(self.desk.pool) as connection:
            started = await sessions.start(connection, user.user_id, "password", CLIENT)
            person = await sessions.resolve(connection, started.token, CLIENT.origin)
        self.cookies["omna_session"] = started.token
        return person

    async def person(self) -> Person:
        async with transaction(self.desk.pool) as connection:
            return await sessions.resolve(connection, self.cookies["omna_session"], CLIENT.origin)

    async def permit(self, action: str, target: str = "") -> None:
        async with transaction(self.desk.pool) as connection:
            person = await sessions.resolve(connection, self.cookies["omna_session"], CLIENT.origin)
            await step_up.grant(connection, person.session_id, action, target)


def refusal(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]
