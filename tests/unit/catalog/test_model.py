import pytest

from omna.catalog.model import (
    LARGEST_RATE,
    PER,
    Rates,
    check_model,
    check_prices,
    check_provider,
    origin_of,
    rates,
)
from omna.errors import InvalidValue


def test_parts_without_a_price_cost_what_their_class_costs() -> None:
    made = rates(5, 7)
    assert (made.cached, made.cache_write, made.reasoning, made.request) == (5, 5, 7, 0)
    # These follow their side too, and stay tellable from a price that was given.
    assert (made.audio_prompt, made.audio_completion, made.image_prompt, made.image_completion) == (None,) * 4
    assert (made.image, made.second, made.character) == (0, 0, 0)


def test_an_explicit_zero_is_kept() -> None:
    made = rates(5, 7, cached=0, cache_write=0, reasoning=0)
    assert (made.cached, made.cache_write, made.reasoning) == (0, 0, 0)


@pytest.mark.parametrize("name", [name for name in Rates.__struct_fields__ if name not in ("prompt", "completion")])
@pytest.mark.parametrize("amount", [-1, LARGEST_RATE + 1])
def test_negative_and_absurd_prices_are_refused_by_name(name: str, amount: int) -> None:
    with pytest.raises(InvalidValue) as caught:
        rates(1, 1, **{name: amount})
    assert caught.value.param == name


def test_negative_prompt_and_completion_prices_are_refused() -> None:
    for prompt, completion in ((-1, 1), (1, -1)):
        with pytest.raises(InvalidValue):
            rates(prompt, completion)


@pytest.mark.parametrize("url", ["https://api.example.com/v1", "https://api.example.com:443/v1/"])
def test_a_public_address_is_accepted(url: str) -> None:
    assert not check_provider("example", "openai", url, allow_private=False).endswith("/")


@pytest.mark.parametrize(
    "url",
    [
        "http://api.example.com/v1",
        "https://api.example.com:8443/v1",
        "ftp://api.example.com",
        "api.example.com",
        "https://",
        "https://user:pass@api.example.com/v1",
        "https://api.example.com/v1?key=1",
        "https://api.example.com:port/v1",
        "https://[::1/v1",
    ],
)
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(InvalidValue):
        check_provider("example", "openai", url, allow_private=False)


def test_a_private_address_needs_to_be_allowed() -> None:
    assert check_provider("local", "openai", "http://127.0.0.1:8080/v1", allow_private=True)
    with pytest.raises(InvalidValue):
        check_provider("local", "openai", "http://127.0.0.1:8080/v1", allow_private=False)


@pytest.mark.parametrize("name", ["", "UPPER", "a b", "-a", "a/b", "a" * 65])
def test_odd_provider_names_are_refused(name: str) -> None:
    with pytest.raises(InvalidValue):
        check_provider(name, "openai", "https://api.example.com", allow_private=False)


def test_the_origin_knows_default_ports() -> None:
    assert origin_of("https://a.example/v1") == origin_of("https://a.example:443/v2")
    assert origin_of("https://a.example") != origin_of("http://a.example")


@pytest.mark.parametrize(("model", "upstream", "context"), [("", "x", 1), ("a b", "x", 1), ("a", "", 1), ("a", "x", 0)])
def test_odd_models_are_refused(model: str, upstream: str, context: int) -> None:
    with pytest.raises(InvalidValue):
        check_model(model, upstream, context, None)


def test_every_class_says_what_its_price_is_per() -> None:
    assert list(PER) == list(Rates.__struct_fields__)


@pytest.mark.parametrize(
    ("endpoints", "outputs", "missing", "enough"),
    [
        (("chat",), ("text", "audio"), "audio_completion", [{"audio_completion": 0}]),
        (("chat",), ("text", "image"), "image", [{"image": 1}, {"image_completion": 0}]),
        (("images",), ("image",), "image", [{"image": 1}, {"image_completion": 3}]),
        (("speech",), ("audio",), "character", [{"character": 1}, {"audio_completion": 0}]),
        (("transcriptions",), ("text",), "second", [{"second": 1}, {"audio_prompt": 0}]),
    ],
)
def test_what_a_model_makes_beside_text_needs_a_price_of_its_own(
    endpoints: tuple[str, ...], outputs: tuple[str, ...], missing: str, enough: list[dict[str, int]]
) -> None:
    with pytest.raises(InvalidValue) as refused:
        check_prices(endpoints, outputs, rates(5, 5))
    assert refused.value.param == missing
    for given in enough:
        check_prices(endpoints, outputs, rates(5, 5, **given))


@pytest.mark.parametrize(
    ("endpoint", "output"), [("chat", "text"), ("embeddings", "embeddings"), ("moderations", "text")]
)
def test_text_and_embeddings_need_no_more_than_the_prompt(endpoint: str, output: str) -> None:
    check_prices((endpoint,), (output,), rates(5, 0))
