from typing import Any

import msgspec
import pytest

from omna.errors import UnsupportedEndpoint, UnsupportedParameter
from omna.gateway.fitting import fitted, output_bound, refusal
from tests.unit.gateway.made import call, model

PLAIN = model()


def entry(**changes: Any) -> Any:
    return msgspec.structs.replace(PLAIN, **changes)


@pytest.mark.parametrize(
    ("changes", "param"),
    [
        ({"web_search_options": {}}, "web_search_options"),
        ({"audio": {"voice": "x"}}, "audio"),
        ({"prediction": {"type": "content"}}, "prediction"),
        *(({"service_tier": value}, "service_tier") for value in ("flex", "priority", "", 1, [])),
        *(({"modalities": value}, "modalities") for value in (["audio"], ["text", "audio"], "text", [], [[]])),
    ],
)
def test_what_has_no_price_is_not_sold(changes: dict[str, Any], param: str) -> None:
    error = refusal(call(body=changes), PLAIN)
    assert isinstance(error, UnsupportedParameter)
    assert error.param == param


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"service_tier": "auto"},
        {"service_tier": None, "audio": None},
        {"modalities": ["text"]},
        {"anything": {"else": 1}},
    ],
)
def test_plain_requests_and_unknown_fields_pass(body: dict[str, Any]) -> None:
    assert refusal(call(body=body), PLAIN) is None


def test_what_a_responses_body_asks_of_the_provider_itself_is_not_sold_either() -> None:
    native = {"model": "small", "input": "hi", "service_tier": "flex"}
    error = refusal(call(dialect="responses", native=native), PLAIN)
    assert isinstance(error, UnsupportedParameter)
    assert error.param == "service_tier"


def test_a_model_that_gives_audio_sells_audio() -> None:
    speaks = entry(output_modalities=("text", "audio"))
    assert refusal(call(body={"modalities": ["text", "audio"], "audio": {"voice": "x"}}), speaks) is None


@pytest.mark.parametrize(
    ("endpoints", "asked", "fits"),
    [(("chat",), "chat", True), (("chat",), "completions", False), (("completions",), "completions", True),
     (("completions",), "chat", False), (("embeddings",), "chat", False), (("images", "embeddings"), "embeddings", True),
     (("speech",), "transcriptions", False)],
)  # fmt: skip
def test_a_model_answers_at_its_endpoints(endpoints: tuple[str, ...], asked: str, fits: bool) -> None:
    error = refusal(call(endpoint=asked), entry(endpoints=endpoints))
    assert (error is None) is fits
    assert fits or isinstance(error, UnsupportedEndpoint)


def test_a_model_that_does_not_answer_here_says_where_it_does() -> None:
    error = refusal(call(endpoint="chat"), entry(endpoints=("embeddings", "speech")))
    assert error is not None
    assert "/v1/embeddings, /v1/audio/speech" in error.message


def test_what_an_endpoint_is_about_is_no_parameter() -> None:
    strict = entry(endpoints=("embeddings", "speech"), supported_parameters=("dimensions",))
    body = {"model": "small", "input": "hi", "encoding_format": "float", "dimensions": 3}
    assert refusal(call(endpoint="embeddings", body=body), strict) is None
    error = refusal(call(endpoint="embeddings", body=body | {"voice": "x"}), strict)
    assert isinstance(error, UnsupportedParameter)
    assert error.param == "voice"
    assert refusal(call(endpoint="speech", body={"input": "hi", "voice": "x"}), strict) is None


def test_parameters_a_model_lacks_are_named_unless_its_entry_drops_them() -> None:
    strict = entry(supported_parameters=("temperature", "max_tokens"), dropped_parameters=("seed",))
    body = {"model": "small", "messages": [], "stream": True, "temperature": 1, "max_completion_tokens": 5, "seed": 7}
    assert refusal(call(body=body), strict) is None
    assert fitted(body, strict) == {name: value for name, value in body.items() if name != "seed"}
    error = refusal(call(body=body | {"top_k": 3}), strict)
    assert isinstance(error, UnsupportedParameter)
    assert error.param == "top_k"
    assert refusal(call(body=body | {"top_k": None}), strict) is None


def test_what_is_the_gateways_own_does_not_reach_a_provider() -> None:
    body = {"model": "small", "models": ["large"], "provider": {"order": ["one"]}, "x": 1}
    assert fitted(body, PLAIN) == {"model": "small", "x": 1}
    plain = {"x": 1}
    assert fitted(plain, PLAIN) is plain


def test_output_is_bounded_by_the_entry_or_its_context_or_the_default() -> None:
    assert output_bound(call(), entry(max_output_tokens=5, context_length=9), 7) == 5
    assert output_bound(call(), entry(context_length=9), 7) == 9
    assert output_bound(call(), PLAIN, 7) == 7
    assert output_bound(call(max_tokens=6), PLAIN, 7) == 6
    assert output_bound(call(max_tokens=8), PLAIN, 7) == 7


def test_a_bound_that_was_computed_is_widened_by_nothing_and_narrowed_by_the_entry_alone() -> None:
    assert output_bound(call(endpoint="images", max_tokens=8_000), PLAIN, 7) == 8_000
    assert output_bound(call(endpoint="images", max_tokens=8_000), entry(context_length=9), 7) == 8_000
    assert output_bound(call(endpoint="images", max_tokens=8_000), entry(max_output_tokens=50), 7) == 50
    assert output_bound(call(endpoint="embeddings", max_tokens=0), PLAIN, 7) == 0
