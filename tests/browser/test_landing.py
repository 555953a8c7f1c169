"""The first page a stranger sees."""

import pytest

from tests.browser.conftest import Visit


@pytest.mark.parametrize("size", ["desktop", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_landing_page_is_accessible_and_fits(visit: Visit, size: str, scheme: str) -> None:
    async with visit(size=size, scheme=scheme) as person:
        await person.go("/")
        assert await person.axe() == []
        assert await person.overflow() <= 0
