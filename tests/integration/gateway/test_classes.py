"""Sound and pictures, from the provider's usage to the ledger; what a model's entry says; other names of models."""

from omna.catalog.model import rates
from omna.catalog.service import remove_alias, set_alias
from omna.money import format_decimal
from tests.harness.installation import Installation
from tests.harness.wire import Connection

#: Nanocredits a token, in the order prompt, completion, sound heard, sound made, pictures seen.
PRICES = rates(
    2_000 * 10**6, 8_000 * 10**6, audio_prompt=30_000 * 10**6, audio_completion=60_000 * 10**6, image_prompt=5_000 * 10**6,
    image_completion=7_000 * 10**6, image=40_000, second=11, character=13 * 10**6, request=17,
)  # fmt: skip
#: The scenario counts 9 prompt tokens, 5 of them heard and 2 seen, and 4 completion tokens, 3 of them spoken.
TEXT, SOUND, PICTURES = 2 * 2_000 + 8_000, 5 * 30_000 + 3 * 60_000, 2 * 5_000


async def test_each_token_is_charged_once_and_every_record_says_so(
    client: Connection, key: str, house: Installation
) -> None:
    model = await house.model(
        "speaking", upstream_model="usage-media", prices=PRICES, input_modalities=("text", "image", "audio"),
        output_modalities=("text", "audio"),
    )  # fmt: skip
    answer = await client.chat(key, model)
    usage = answer.json["usage"]
    details = usage["cost_details"]
    charged = TEXT + SOUND + PICTURES + 17
    assert details["estimated"] is False
    assert usage["prompt_tokens_details"] == {
        "cached_tokens": 0, "cache_write_tokens": 0, "audio_tokens": 5, "image_tokens": 2,
    }  # fmt: skip
    assert usage["completion_tokens_details"] == {"reasoning_tokens": 0, "audio_tokens": 3}
    assert details["total"] == format_decimal(charged, 9)
    assert (details["audio"], details["image"]) == (format_decimal(SOUND, 9), format_decimal(PICTURES, 9))
    assert (await house.request(answer.request_id))["charge"] == charged
    units = {"audio_prompt_tokens": 5, "audio_completion_tokens": 3, "image_prompt_tokens": 2}
    row = await house.connection.fetchrow(
        "SELECT units, unrounded, provider_charge FROM requests ORDER BY request_id DESC LIMIT 1"
    )
    assert row is not None
    assert (row["units"], row["unrounded"], row["provider_charge"]) == (units, charged * 10**6, charged)
    record = (await client.get(f"/v1/generation?id={answer.request_id}", key=key)).json["data"]
    assert record["cost_details"] == details
    assert record["native_tokens_completion_images"] == 0


async def test_an_ordinary_row_keeps_no_units(client: Connection, key: str, house: Installation) -> None:
    answer = await client.chat(key, await house.model("silent", upstream_model="ok"))
    assert answer.status == 200
    assert await house.connection.fetchval("SELECT units FROM requests ORDER BY request_id DESC LIMIT 1") is None


async def test_the_list_of_models_says_what_the_entry_says(client: Connection, key: str, house: Installation) -> None:
    model = await house.model(
        "entry", upstream_model="ok", prices=PRICES, endpoints=("chat", "completions", "images"),
        input_modalities=("text", "image"), output_modalities=("text", "audio"),
        supported_parameters=("temperature", "tools"),
    )  # fmt: skip
    item = (await client.get(f"/v1/models/{model}", key=key)).json
    assert item["architecture"] == {
        "modality": "text+image->text+audio", "input_modalities": ["text", "image"],
        "output_modalities": ["text", "audio"], "tokenizer": "Other",
    }  # fmt: skip
    assert item["supported_parameters"] == ["temperature", "tools"]
    assert item["supported_endpoints"] == [
        "/v1/chat/completions", "/v1/responses", "/v1/messages", "/v1/completions", "/v1/images/generations",
    ]  # fmt: skip
    pricing = item["pricing"]
    assert pricing.pop("overrides") == []
    assert pricing == {
        "prompt": "0.000002", "completion": "0.000008", "input_cache_read": "0.000002",
        "input_cache_write": "0.000002", "internal_reasoning": "0.000008", "audio": "0.00003",
        "audio_output": "0.00006", "image_token": "0.000005", "image_output": "0.000007", "image": "0.00004",
        "request": "0.000000017", "second": "0.000000011", "character": "0.000000013",
    }  # fmt: skip


async def test_a_model_answers_to_its_alias_until_that_is_gone(
    client: Connection, key: str, house: Installation
) -> None:
    model = await house.model("real", upstream_model="ok")
    async with house.connection.transaction():
        await set_alias(house.connection, "auto", model, actor=house.actor)
    answer = await client.chat(key, "auto")
    assert answer.status == 200
    assert (await house.request(answer.request_id))["model_id"] == model
    listed = [item["id"] for item in (await client.get("/v1/models", key=key)).json["data"]]
    assert {"auto", "real"} <= set(listed)
    assert listed == sorted(listed)
    only = await house.new_tenant(allowed_models=[model])
    assert (await client.get("/v1/models/auto", key=only.key)).json["id"] == "auto"
    assert (await client.chat(only.key, "auto")).status == 200
    others = await house.new_tenant(allowed_models=["another"])
    assert (await client.chat(others.key, "auto")).code == (403, "model_not_allowed")
    async with house.connection.transaction():
        await remove_alias(house.connection, "auto", actor=house.actor)
    assert (await client.get("/v1/models/auto", key=key)).code == (404, "model_not_found")
    await client.chat(key, model)
    assert (await client.chat(key, "auto")).code == (404, "model_not_found")
