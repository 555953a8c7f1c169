"""What is looked for, and the piece of a text that is shown for it."""

from uuid import UUID

from omna.chat.shelf.searching import Run, Wanted, containing, parse, snippet, tsquery

WORKSPACE = UUID("01890000-0000-7000-8000-0000deadbeef")


def test_query_is_words_and_prefixes() -> None:
    assert parse("") == Wanted()
    assert parse("Docker  docker foo_bar, a.b") == Wanted(words=("docker", "foo", "bar", "a", "b"))
    assert parse("使用Docker部署 가격") == Wanted(words=("docker",), pieces=("使用", "部署", "가격"))
    assert parse('folder:"My work" pinned: x') == Wanted(words=("x",), folder="My work", pinned=True)
    assert parse("archived:no SHARED:yes") == Wanted(archived=False, shared=True)
    # An address is no prefix, nor is a word that ends like one.
    assert parse("http://a unpinned:") == Wanted(words=("http", "a", "unpinned"))
    assert len(parse(" ".join(f"w{n}" for n in range(200))).words) == 12


def test_query_of_the_database_means_nothing_but_words() -> None:
    assert tsquery(["ab", "docker"], WORKSPACE) == "'deadbeefab' & 'deadbeefdocker':*"
    hostile = parse("' & ! | ( ) : * \\ <-> %s \x00 x'y").words
    assert hostile == ("s", "x", "y")
    assert containing(["50%_\\"]) == ["%50\\%\\_\\\\%"]


def test_snippet_marks_what_was_found_and_keeps_the_text() -> None:
    text = "before " * 30 + "<b>Running</b> in the run of runners\n" + "after " * 60
    runs = snippet(text, ["run"])
    assert [run.text for run in runs if run.marked] == ["Run", "run", "run"]
    joined = "".join(run.text for run in runs)
    assert joined.startswith("… before")
    assert joined.endswith(" …")
    assert "<b>Running</b> in the run" in joined
    assert len(joined) < 200


def test_snippet_finds_beginnings_of_words_and_pieces_of_other_scripts() -> None:
    assert marked("prerun run", ["run"]) == ["run"]
    assert marked("an a b", ["a"]) == ["a"]
    assert marked("我们使用Docker部署服务", ["docker", "部署"]) == ["Docker", "部署"]
    assert snippet("nothing here", ["zzz"]) == [Run("nothing here", False)]
    assert snippet("", ["zzz"]) == []


def marked(text: str, terms: list[str]) -> list[str]:
    return [run.text for run in snippet(text, terms) if run.marked]
