"""The official `openai` package at the endpoints whose answers are no text."""

import base64
from collections.abc import AsyncIterator
from typing import Any

import openai
import pytest
from openai import AsyncOpenAI

from omna.catalog.model import Rates, rates
from omna.money import format_credits
from tests.harness.forms import wav
from tests.harness.installation import Installation
from tests.harness.replica import Replica
from tests.upstream.endpoint_scenarios import IMAGE, SPEECH, SUBTITLES, vector
from tests.upstream.scenarios import TEXT


@pytest.fixture
async def sdk(replica: Replica, key: str) -> AsyncIterator[AsyncOpenAI]:
    async with AsyncOpenAI(api_key=key, base_url=f"http://127.0.0.1:{replica.port}/v1", max_retries=0) as client:
        yield client


async def sells(house: Installation, endpoint: str, prices: Rates, scenario: str = "ok", output: str = "text") -> str:
    return await house.model(
        f"{endpoint}-{scenario}", upstream_model=scenario, prices=prices, endpoints=(endpoint,),
        output_modalities=(output,),
    )  # fmt: skip


def cost_of(usage: Any) -> str:
    total: str = usage.cost_details["total"]
    return total


async def test_embeddings_by_default_and_as_numbers(sdk: AsyncOpenAI, house: Installation) -> None:
    model = await sells(house, "embeddings", rates(20 * 10**6, 0), "batch", "embeddings")
    seen = len(house.upstream.journal)
    default = await sdk.embeddings.create(model=model, input=["a", "b"])
    assert [row.index for row in default.data] == [0, 1]
    for index, row in enumerate(default.data):
        assert row.embedding == pytest.approx(vector(index))
    numbers = await sdk.embeddings.create(model=model, input=["a", "b"], encoding_format="float")
    assert [row.embedding for row in numbers.data] == [vector(0), vector(1)]
    assert (default.model, default.usage.total_tokens, cost_of(default.usage)) == (model, 5, "0.00000006")
    assert [arrival.body["encoding_format"] for arrival in house.upstream.journal[seen:]] == ["float", "float"]
    await house.books_are_right()


async def test_images(sdk: AsyncOpenAI, house: Installation) -> None:
    model = await sells(house, "images", rates(0, 0, image=40_000_000), output="image")
    made = await sdk.images.generate(model=model, prompt="a fox", n=2, size="1024x1024", quality="low")
    assert made.data is not None
    assert [image.b64_json for image in made.data] == [IMAGE, IMAGE]
    assert made.usage is not None
    assert cost_of(made.usage) == "0.08"
    with pytest.raises(openai.BadRequestError) as refused:
        await sdk.images.generate(model=model, prompt="a fox", stream=True)
    assert (refused.value.code, refused.value.param) == ("unsupported_parameter", "stream")


async def test_speech(sdk: AsyncOpenAI, house: Installation) -> None:
    model = await sells(house, "speech", rates(0, 0, character=15_000 * 10**6), output="audio")
    sound = await sdk.audio.speech.create(model=model, input="hello", voice="alloy")
    assert sound.content == SPEECH
    assert sound.response.headers["x-omna-cost"] == format_credits(5 * 15_000)
    async with sdk.audio.speech.with_streaming_response.create(model=model, input="hi", voice="alloy") as response:
        assert b"".join([piece async for piece in response.iter_bytes()]) == SPEECH


async def test_transcripts_in_every_form(sdk: AsyncOpenAI, house: Installation) -> None:
    model = await sells(house, "transcriptions", rates(0, 0, second=100_000))
    file = ("speech.wav", wav(2), "audio/wav")
    seen = len(house.upstream.journal)
    plain = await sdk.audio.transcriptions.create(model=model, file=file, prompt="a fox")
    assert plain.text == TEXT
    assert plain.usage is not None
    assert (plain.usage.type, cost_of(plain.usage)) == ("duration", "0.0002")
    assert house.upstream.journal[seen].body == {"model": "ok", "prompt": "a fox", "file": wav(2)}
    verbose = await sdk.audio.transcriptions.create(
        model=model, file=file, response_format="verbose_json", timestamp_granularities=["word", "segment"]
    )
    assert (verbose.text, verbose.duration) == (TEXT, 1.7)
    assert await sdk.audio.transcriptions.create(model=model, file=file, response_format="text") == f"{TEXT}\n"
    assert await sdk.audio.transcriptions.create(model=model, file=file, response_format="srt") == SUBTITLES
    assert (await sdk.audio.translations.create(model=model, file=file)).text == TEXT
    with pytest.raises(openai.BadRequestError) as refused:
        await sdk.audio.transcriptions.create(model=model, file=file, stream=True)
    assert refused.value.code == "unsupported_parameter"
    await house.books_are_right()


async def test_moderation_without_a_model(sdk: AsyncOpenAI, house: Installation) -> None:
    with pytest.raises(openai.NotFoundError) as missing:
        await sdk.moderations.create(input="hi")
    assert missing.value.code == "model_not_found"
    model = await sells(house, "moderations", rates(10**9, 0))
    verdict = await sdk.moderations.create(input=["good", "bad"])
    assert [result.flagged for result in verdict.results] == [False, True]
    assert verdict.model == model


async def test_error_of_a_provider_is_an_error_of_the_sdk(sdk: AsyncOpenAI, house: Installation) -> None:
    model = await sells(house, "embeddings", rates(20 * 10**6, 0), "context-length", "embeddings")
    with pytest.raises(openai.BadRequestError) as refused:
        await sdk.embeddings.create(model=model, input=base64.b64encode(bytes(90)).decode())
    assert (refused.value.code, refused.value.param) == ("context_length_exceeded", "input")
