from pathlib import Path

from omna.ledger.verification import LEDGER_INVARIANTS, read_invariants


def test_ledger_has_its_invariants_with_sentence_and_query() -> None:
    assert len(LEDGER_INVARIANTS) == 15
    for invariant in LEDGER_INVARIANTS:
        assert invariant.sentence
        assert invariant.query.startswith("SELECT"), invariant.name
        assert "AS subject" in invariant.query, invariant.name
        assert not invariant.query.endswith(";"), "a LIMIT is appended"


def test_names_are_unique() -> None:
    names = [invariant.name for invariant in LEDGER_INVARIANTS]
    assert len(names) == len(set(names))


def test_file_is_split_at_its_headings(tmp_path: Path) -> None:
    path = tmp_path / "verify.sql"
    path.write_text(
        "-- about\n\n--> one: the first\nSELECT 1\n\n--> two: the second, with: colons\nSELECT 2\nFROM x\n", "utf-8"
    )
    first, second = read_invariants(path)
    assert (first.name, first.sentence, first.query) == ("one", "the first", "SELECT 1")
    assert (second.sentence, second.query) == ("the second, with: colons", "SELECT 2\nFROM x")
