"""After an act people are sent to places of this site, whatever the address said."""

import pytest

from omna.http.places import local_path


@pytest.mark.parametrize("path", ["/", "/app", "/app/w/ws_1/usage?model=a%2Fb&from=1", "/a#b"])
def test_local_paths_stay(path: str) -> None:
    assert local_path(path) == path


@pytest.mark.parametrize(
    "path",
    [None, "", "app", "//evil", "///evil", "/\\evil", "/a\\b", "https://evil", "/\t/evil", "/\n", "/é", "/a b", "/" * 1 + "a" * 3000],
)  # fmt: skip
def test_everything_else_is_no_path(path: str | None) -> None:
    assert local_path(path) is None
