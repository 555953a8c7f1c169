"""J27: a price is announced, takes effect while a stream runs, and holds for what begins after it.

The page of models, `GET /v1/models` and the receipt of a request say the same for the same moment.
"""

from datetime import timedelta

from omna.catalog import editing, pricing
from omna.catalog import service as catalog
from omna.catalog.model import rates
from omna.catalog.routes import row_of
from omna.catalog.schemas import ModelRow
from tests.harness.installation import COMPLETION_TOKEN, PRICES, PROMPT_TOKEN, Installation, until
from tests.harness.wire import Connection

#: Three times what every class costs otherwise.
DEARER = rates(3 * PRICES.prompt, 3 * PRICES.completion)


async def test_announced_price_holds_for_what_begins_after_its_moment(client: Connection, house: Installation) -> None:
    # Three seconds of text.
    model = await house.model("priced", upstream_model="long-30-10")

    async def listed() -> tuple[str, str | None]:
        found = (await client.get(f"/v1/models/{model}", key=house.tenant.key)).json
        coming = found["next_pricing"]
        return found["pricing"]["prompt"], None if coming is None else coming["pricing"]["prompt"]

    async def on_page() -> ModelRow:
        return row_of(await catalog.find_model(house.connection, model), [], {})

    assert await listed() == ("0.000002", None)
    at = await house.connection.fetchval("SELECT clock_timestamp()")
    moment = at + timedelta(seconds=1.5)
    async with house.connection.transaction():
        wanted = pricing.Wanted(DEARER, effective_from=moment)
        await pricing.set_price(house.connection, model, wanted, reason="July", actor=house.actor)
    assert await listed() == ("0.000002", "0.000006")
    page = await on_page()
    assert page.next_price is not None
    assert (page.prices.prompt, page.next_price.prices.prompt) == (PRICES.prompt, DEARER.prompt)

    async with Connection(client.port) as other:
        stream = await other.stream(house.tenant.key, model)
        await stream.read_until(b"tok")

        async def due() -> bool | None:
            return await house.connection.fetchval("SELECT clock_timestamp() >= $1", moment) or None

        await until(due, "its moment never came", 5)
        assert await house.connection.fetchval("SELECT count(*) FROM running_requests") == 1
        # Nobody has asked for anything since: the list looks by itself.
        assert await listed() == ("0.000006", None)
        later = await client.chat(house.tenant.key, "priced")
        await stream.read()
    page = await on_page()
    assert (page.prices.prompt, page.next_price) == (DEARER.prompt, None)

    before, after = await house.request(stream.request_id), await house.request(later.request_id)
    for row, factor in ((before, 1), (after, 3)):
        assert row["outcome"] == "completed"
        cost = row["prompt_tokens"] * PROMPT_TOKEN + row["completion_tokens"] * COMPLETION_TOKEN
        assert row["charge"] == factor * cost
        assert row["held"] >= row["charge"]
    await house.books_are_right()


async def test_hidden_model_answers_and_a_retired_one_names_its_successor(
    client: Connection, house: Installation
) -> None:
    key = house.tenant.key
    for name in ("old", "new"):
        await house.model(name, upstream_model="ok")

    async def ids() -> list[str]:
        return [one["id"] for one in (await client.get("/v1/models", key=key)).json["data"]]

    async with house.connection.transaction():
        await editing.set_hidden(house.connection, "new", True, reason="secret", actor=house.actor)
    assert "new" not in await ids()
    assert (await client.chat(key, "new")).status == 200
    at = await house.connection.fetchval("SELECT clock_timestamp()")
    async with house.connection.transaction():
        await editing.deprecate(
            house.connection, "old", successor="new", retires_at=at + timedelta(seconds=1), reason="old",
            actor=house.actor,
        )  # fmt: skip
    found = (await client.get("/v1/models/old", key=key)).json
    assert (found["deprecated"], found["successor"], found["expiration_date"]) == (True, "new", at.date().isoformat())
    assert (await client.chat(key, "old")).status == 200

    async def gone() -> bool | None:
        return "old" not in await ids() or None

    await until(gone, "it never retired", 5)
    refused = await client.chat(key, "old")
    assert refused.code == (404, "model_not_found")
    assert refused.error["message"] == "The model 'old' was retired. Use 'new' instead."
