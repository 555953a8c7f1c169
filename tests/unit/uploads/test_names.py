import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omna.uploads.content import PDF, PNG, TEXT
from omna.uploads.names import LONGEST, quoted, shown


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("receipt.png", "receipt.png"),
        ("Überweisung 银行.PNG", "Überweisung 银行.png"),
        ("../../etc/passwd", "passwd.png"),
        ("..\\..\\windows\\system32\\x.png", "x.png"),
        ("/etc/cron.d/x\x00.png", "x.png"),
        ("a\r\nSet-Cookie: x.png", "aSet-Cookie_ x.png"),
        ("gpj.\u202eexe.png", "gpj.exe.png"),
        ("\u2066a\u2069.png", "a.png"),
        ("CON", "_CON.png"),
        ("lpt1.txt", "_lpt1.png"),
        ("nul.tar.png", "_nul.tar.png"),
        ("", "file.png"),
        ("...", "file.png"),
        (".htaccess", "htaccess.png"),
        ("invoice.pdf.exe", "invoice.pdf.exe.png"),
        ("proof.jpeg", "proof.png"),
        ('a<b>"c|?*.png', "a_b__c___.png"),
        ("%2e%2e%2fx.png", "_2e_2e_2fx.png"),
        ("x" * 500 + ".png", "x" * 116 + ".png"),
    ],
)
def test_name_is_shown_without_tricks(sent: str, kept: str) -> None:
    assert shown(sent, PNG) == kept


@given(st.text())
def test_name_is_always_fit_to_be_shown_and_saved(sent: str) -> None:
    name = shown(sent, PDF)
    assert 0 < len(name) <= LONGEST
    assert name.endswith(".pdf")
    assert not any(unicodedata.category(c).startswith("C") for c in name)
    assert not set(name) & set('/\\<>:"|?*')
    assert shown(name, PDF) == name


def test_text_keeps_the_ending_it_came_with_when_it_looks_like_one() -> None:
    cases = {
        "main.py": "main.py",
        "../a\u202e.TSX": "a.TSX",
        "Makefile": "Makefile.txt",
        "a.b c": "a.b c.txt",
        "con.py": "_con.py.txt",
        ".env": "env.txt",
        "x" * 500 + ".md": "x" * 117 + ".md",
        "": "file.txt",
    }
    assert {sent: shown(sent, TEXT, any_ending=True) for sent in cases} == cases


def test_refusal_calls_a_file_by_a_short_name() -> None:
    assert quoted("../a\u202eb\n.png") == "a b .png"
    assert len(quoted("x" * 500)) == 60
