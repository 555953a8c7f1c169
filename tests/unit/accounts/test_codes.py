import pytest

from omna.accounts import codes
from omna.accounts.user_agent import describe
from omna.ids import new_id

#: RFC 6238, appendix B, SHA-1, shortened to six digits.
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


@pytest.mark.parametrize(
    ("moment", "code"), [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")]
)
def test_codes_are_those_of_the_standard(moment: int, code: str) -> None:
    assert codes.matching_step(SECRET, code, moment) == moment // 30


def test_one_step_of_difference_between_clocks_is_allowed() -> None:
    moment, step = 1234567890, 1234567890 // 30
    for late in (-30, 0, 30):
        assert codes.matching_step(SECRET, "005924", moment + late) == step
    for late in (-60, 60, 3600):
        assert codes.matching_step(SECRET, "005924", moment + late) is None


@pytest.mark.parametrize("code", ["", "28708", "2870822", "28708a", "２８７０８２", "-87082"])
def test_what_is_no_code_is_wrong(code: str) -> None:
    assert codes.matching_step(SECRET, code, 59) is None


def test_codes_are_taken_however_they_were_typed() -> None:
    assert codes.tidy(" 287 082\t") == "287082"
    assert codes.tidy("MFZW-C2LB oq5e-7kxa") == "mfzwc2lboq5e7kxa"


def test_recovery_codes_are_80_bits_and_belong_to_one_person() -> None:
    made = codes.make_recovery_codes()
    assert len(set(made)) == 10
    assert all(len(codes.tidy(code)) * 5 == 80 for code in made)
    first, second = new_id(), new_id()
    assert codes.recovery_digest(first, made[0]) != codes.recovery_digest(second, made[0])


def test_a_qr_code_is_an_svg_with_a_name_and_no_fixed_size() -> None:
    svg = codes.qr_svg(codes.setup_uri(codes.make_secret(), "ann@example.com", "Omna"))
    assert svg.startswith("<svg ")
    assert "viewBox" in svg
    assert "<title>" in svg


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        (
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 "
                "Safari/537.36 Edg/140.0.0.0"
            ),
            "Edge on Windows",
        ),
        (
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
                "Version/19.0 Mobile/15E148 Safari/604.1"
            ),
            "Safari on iPhone",
        ),
        (
            (
                "Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile "
                "Safari/537.36"
            ),
            "Chrome on Android",
        ),
        ("curl/8.14.1", "curl"),
        ("", "Unknown device"),
        ("<script>alert(1)</script>", "Unknown device"),
    ],
)
def test_browsers_are_named_in_words_of_ours(user_agent: str, words: str) -> None:
    assert describe(user_agent) == words
