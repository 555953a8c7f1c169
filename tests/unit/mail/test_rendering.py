"""Every kind of mail in every language."""

import re
from pathlib import Path

import pytest

from omna.mail.kinds import BASE_URL, KINDS, LANGUAGES, OPERATOR, SUPPORT, Kind, Language, Value, written
from omna.mail.rendering import Rendered, Site, complete, render
from tests.harness.hostile import NAMES, active
from tests.unit.mail.made import choices, values

SITE = Site("https://omna.example/", "Ann & Co", "")
CASES = [
    pytest.param(kind, language, choice, id=f"{kind}-{language}-{choice}")
    for kind in Kind
    for language in LANGUAGES
    for choice in choices(kind)
]
HOSTILE = "<b>Bob</b>\r\nBcc: all@example.com\u2028\u202e & \ue000 evil.example https://evil.example/x"


def full(mail: Rendered) -> tuple[str, str]:
    return complete(mail.text, SITE, html=False), complete(mail.html, SITE, html=True)


@pytest.mark.parametrize(("kind", "language", "choice"), CASES)
def test_every_mail_says_its_subject_and_has_its_link_in_both_forms(
    kind: Kind, language: Language, choice: int
) -> None:
    given = values(kind, choice=choice)
    mail = render(kind, language, given)
    text, page = full(mail)
    link = written(kind, given)["link"].replace(BASE_URL, "https://omna.example")
    assert mail.subject
    assert len(mail.subject) < 120
    assert link in text.split()
    assert f'href="{link}"' in page
    assert f">{link}</p>" in page
    assert link.startswith("https://omna.example/")
    assert ("Tok3n" in link) == (Value.TOKEN in KINDS[kind].values.values())
    for body in (mail.subject, text, page):
        assert not re.search(r"\{[{%]|None|[\ue000-\uf8ff]", body)
    assert "Ann & Co" in text
    assert "Ann &amp; Co" in page


@pytest.mark.parametrize(("kind", "language", "choice"), CASES)
def test_nothing_a_person_types_can_leave_its_place(kind: Kind, language: Language, choice: int) -> None:
    given = values(kind, name=HOSTILE, choice=choice)
    mail = render(kind, language, given)
    plain = render(kind, language, values(kind, name="Bob", choice=choice))
    text, page = full(mail)
    assert len(mail.subject.splitlines()) == 1
    assert len(text.splitlines()) == len(full(plain)[0].splitlines())
    assert "<b>" not in page
    assert not re.search("[\u2028\u202e]", mail.subject + text + page)
    for body in (text, page):
        # What a person calls themselves is no link; words of ours may name an address.
        ours = {Value.TEXT, Value.LINES} & {what for what in KINDS[kind].values.values() if isinstance(what, Value)}
        assert "https://evil.example" not in body or ours
    assert page.count("<a ") == 1


@pytest.mark.parametrize("kind", list(Kind))
def test_no_name_of_the_corpus_does_anything_in_a_mail(kind: Kind) -> None:
    for name in NAMES:
        mail = render(kind, "en", values(kind, name=name))
        assert len(mail.subject.splitlines()) == 1
        assert list(active(full(mail)[1])) == [], name


@pytest.mark.parametrize(("kind", "language", "choice"), CASES)
def test_mails_load_nothing_and_run_nothing(kind: Kind, language: Language, choice: int) -> None:
    _, page = full(render(kind, language, values(kind, choice=choice)))
    assert not re.search(r"<(img|script|link|style|iframe|object|form)|url\(|@import|light-dark|var\(", page)
    assert re.findall(r"(?:src|href)=\"([^\"]*)\"", page) == [next(iter(re.findall(r'href="([^"]+)"', page)))]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_has_a_template_and_every_template_a_kind(language: str) -> None:
    folder = Path(render.__code__.co_filename).parent / "templates" / language
    assert {path.stem for path in folder.iterdir()} == {*map(str, Kind), "footer"}


def test_a_mail_without_a_name_greets_nobody() -> None:
    mail = render(Kind.RESET_PASSWORD, "en", values(Kind.RESET_PASSWORD, name=""))
    assert "Hello," in mail.text


@pytest.mark.parametrize("kind", list(Kind))
def test_a_missing_and_an_unknown_value_are_refused(kind: Kind) -> None:
    given = values(kind)
    with pytest.raises(ValueError, match="needs"):
        render(kind, "en", given | {"surprise": 1})
    for name in given:
        with pytest.raises(ValueError, match="needs"):
            render(kind, "en", {key: value for key, value in given.items() if key != name})


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        (Kind.VERIFY_EMAIL, {"token": "a b"}),
        (Kind.VERIFY_EMAIL, {"token": "x\r\nBcc: y"}),
        (Kind.KEY_LEAKED, {"workspace": "ws_1/../../x"}),
        (Kind.INVITATION, {"role": "god"}),
        (Kind.LOW_BALANCE, {"balance": "12"}),
        (Kind.NEW_DEVICE, {"at": "yesterday"}),
        (Kind.NEW_DEVICE, {"name": None}),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused_without_being_repeated(kind: Kind, wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=f"{next(iter(wrong))} is no ") as refusal:
        render(kind, "en", values(kind) | wrong)
    assert str(next(iter(wrong.values()))) not in str(refusal.value)


def test_support_is_named_where_there_is_one() -> None:
    mail = render(Kind.ACCOUNT_DELETED, "en", {"name": "Ann"})
    assert SUPPORT in mail.text
    assert OPERATOR in mail.text
    assert "help@omna.example" in complete(mail.text, Site("https://omna.example", "", "help@omna.example"), html=False)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_staff_reply_is_quoted_line_by_line(language: Language) -> None:
    given = values(Kind.TICKET_REPLY) | {"reply": "Dear <Ann>,\n\n→ press\n- this & that\nhttps://omna.example/x"}
    text, page = full(render(Kind.TICKET_REPLY, language, given))
    assert "> Dear <Ann>,\n>\n> → press\n> - this & that\n> https://omna.example/x\n" in text
    assert (
        "Dear &lt;Ann&gt;,<br>\n<br>\n→ press<br>\n- this &amp; that<br>\nhttps://omna.example/x</blockquote>" in page
    )
    assert page.count("<a ") == 1
