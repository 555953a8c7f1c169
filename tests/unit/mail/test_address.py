import pytest

from omna.mail.address import normalize


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Ann@Example.COM", "ann@example.com"),
        ("  ann@example.com\n", "ann@example.com"),
        ("ann+tag@example.com", "ann+tag@example.com"),
        ("a.n.n@example.com", "a.n.n@example.com"),
        ("ann@bücher.example", "ann@xn--bcher-kva.example"),
        ("ann@localhost", "ann@localhost"),
        ("\uff41nn@example.com", "ann@example.com"),
    ],
)
def test_spellings_of_an_address_are_one(written: str, meant: str) -> None:
    assert normalize(written) == meant
    assert normalize(meant) == meant


@pytest.mark.parametrize(
    "text",
    ["", "ann", "@example.com", "ann@", "a b@example.com", "ann@ex ample.com", "ann@-x.com", "ann@x..com",
     ".ann@x.com", "ann\r\nbcc:x@example.com", "ann@x.com\x00", "a" * 65 + "@x.com", "ann@" + "x" * 64 + ".com",
     "ânn@x.com"],
)  # fmt: skip
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a mail address"):
        normalize(text)
