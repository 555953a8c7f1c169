"""Orders of Credits by /api: a customer buys and hands in a proof, staff decide."""

import itertools
from typing import Any

import httpx2

from tests.harness.files import png
from tests.harness.people import People, program
from tests.harness.staff import Employee, prove

_numbers = itertools.count(1)


async def order(api: httpx2.AsyncClient, workspace: str, amount: str = "25", **wish: Any) -> dict[str, Any]:
    """Order Credits, by hand unless `wish` says otherwise. api: signed in as somebody who may buy."""
    base = f"/api/workspaces/{workspace}"
    if wish.get("channel", "manual") == "manual":
        methods = (await api.get(f"{base}/recharge-options")).json()["methods"]
        wish = {"channel": "manual", "method_id": methods[0]["id"]} | wish
    body = {"client_token": f"tests-{next(_numbers):06}", "credits": amount, "accept_terms": True} | wish
    return _good(await api.post(f"{base}/recharges", json=body))


async def hand_in(api: httpx2.AsyncClient, workspace: str, recharge: str, *, reference: str = "", content: bytes = b"") -> dict[str, Any]:  # fmt: skip
    """Hand in a proof: a picture of its own with a reference of its own, unless they are given."""
    number = next(_numbers)
    base = f"/api/workspaces/{workspace}"
    file = {"file": ("transfer.png", content or png(8 + number, 8), "image/png")}
    # The boundary belongs to the type: httpx writes it.
    headers = {name: value for name, value in api.headers.items() if name != "content-type"}
    async with httpx2.AsyncClient(
        base_url=api.base_url, headers=headers, cookies=api.cookies, timeout=30, verify=False
    ) as form:
        uploaded = _good(await form.post(f"{base}/uploads", files=file))
    body = {"upload_id": uploaded["id"], "payer_reference": reference or f"BANK-{number:06}"}
    return _good(await api.put(f"{base}/recharges/{recharge}/proof", json=body))


async def approve(people: People, address: str, employee: Employee, bought: dict[str, Any]) -> dict[str, Any]:
    """Let somebody of the staff credit an order: they type its amount."""
    await decide(address, employee, f"recharges/{bought['id']}/claim", {})
    await prove(people, employee, "recharge.approve", bought["id"])
    total = bought["total"]["minor"]
    body = {"amount_minor_typed": f"{total // 100}.{total % 100:02}", "reason": "The transfer has arrived"}
    return await decide(address, employee, f"recharges/{bought['id']}/approve", body)


async def decide(address: str, employee: Employee, act: str, body: dict[str, Any]) -> dict[str, Any]:
    """Let somebody of the staff do something by /api/console. Proofs that it asks for were given before."""
    async with program(address, session=employee.somebody.session) as api:
        return _good(await api.post(f"/api/console/{act}", json=body))


def _good(answer: httpx2.Response) -> dict[str, Any]:
    assert answer.status_code < 300, answer.text
    found: dict[str, Any] = answer.json()
    return found
