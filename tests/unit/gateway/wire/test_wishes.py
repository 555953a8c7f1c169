import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omna.errors import InvalidRequest, InvalidValue, MissingRequiredParameter
from omna.gateway.model import NO_PREFERENCES, Preferences
from omna.gateway.wire.wishes import parse_wishes


def test_model_alone_has_no_fallbacks_and_no_preferences() -> None:
    wishes = parse_wishes({"model": "a"})
    assert (wishes.model, wishes.fallbacks, wishes.preferences) == ("a", (), NO_PREFERENCES)


def test_models_follow_the_model_or_stand_for_it_and_repeat_nothing() -> None:
    assert parse_wishes({"model": "a", "models": ["b", "a", "b", "c"]}).fallbacks == ("b", "c")
    wishes = parse_wishes({"models": ["a", "b"]})
    assert (wishes.model, wishes.fallbacks) == ("a", ("b",))


def test_preferences_are_read() -> None:
    stated = {"order": ["x"], "only": ["x", "y"], "ignore": [], "allow_fallbacks": False, "sort": "price"}
    assert parse_wishes({"model": "a", "provider": stated | {"quantizations": ["fp8"]}}).preferences == Preferences(
        order=("x",), only=("x", "y"), ignore=(), allow_fallbacks=False, sort="price"
    )
    assert parse_wishes({"model": "a", "provider": {"only": None, "sort": None}}).preferences == Preferences()


def test_missing_model_is_named() -> None:
    for body in ({}, {"model": None}, {"model": None, "models": None}):
        with pytest.raises(MissingRequiredParameter) as missing:
            parse_wishes(body)
        assert missing.value.param == "model"


@pytest.mark.parametrize(
    ("body", "param"),
    [
        *(({"model": value}, "model") for value in ("", 1, True, [], {}, "x" * 257, "a\0")),
        *(({"model": "a", "models": value}, "models") for value in ([], "b", {}, 1, ["b"] * 6)),
        ({"model": "a", "models": ["b", 1]}, "models[1]"),
        *(({"model": "a", "provider": value}, "provider") for value in ("x", [], 1)),
        *(({"model": "a", "provider": {"order": value}}, "provider.order") for value in ("x", [1], {}, ["x"] * 33)),
        ({"model": "a", "provider": {"allow_fallbacks": "no"}}, "provider.allow_fallbacks"),
        ({"model": "a", "provider": {"sort": "quality"}}, "provider.sort"),
        ({"model": "a", "provider": {"sort": ["price"]}}, "provider.sort"),
    ],
)
def test_bad_value_is_refused_and_its_field_is_named(body: dict[str, Any], param: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        parse_wishes(body)
    assert refused.value.param == param


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
)


@given(
    model=_json,
    models=_json,
    provider=_json | st.fixed_dictionaries({}, optional={"order": _json, "only": _json, "sort": _json}),
)
def test_nothing_but_a_clear_error_comes_of_anything(model: Any, models: Any, provider: Any) -> None:
    with contextlib.suppress(InvalidRequest):
        wishes = parse_wishes({"model": model, "models": models, "provider": provider})
        assert all(isinstance(one, str) and one for one in (wishes.model, *wishes.fallbacks))
