from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest

from omna.config import SECRET_FIELDS, ConfigError, Settings, default_data_directory, load, variable_name


def write(directory: Path, text: str) -> Path:
    path = directory / "omna.toml"
    path.write_text(text, "utf-8")
    return path


def test_nothing_set_gives_the_defaults(tmp_path: Path) -> None:
    assert load({}, tmp_path) == Settings(data=tmp_path)


def test_file_of_the_data_directory_is_read_and_the_environment_wins(tmp_path: Path) -> None:
    write(tmp_path, '[server]\nport = 6000\nhost = "0.0.0.0"\n[gateway]\nlease_seconds = 12\n')
    settings = load({"OMNA_SERVER_PORT": "7000"}, tmp_path)
    assert (settings.server.port, settings.server.host, settings.gateway.lease_seconds) == (7000, "0.0.0.0", 12.0)


def test_named_file_is_read_instead(tmp_path: Path) -> None:
    write(tmp_path, "[server]\nport = 1\n")
    other = tmp_path / "other"
    other.mkdir()
    path = write(other, "[server]\nport = 2\n")
    assert load({"OMNA_CONFIG": str(path)}, tmp_path).server.port == 2


def test_named_file_that_is_missing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.toml"):
        load({"OMNA_CONFIG": str(tmp_path / "none.toml")}, tmp_path)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[server]\nprot = 1\n", "no setting server.prot"),
        ("[serve]\nport = 1\n", r"no group \[serve\]"),
        ("port = 1\n", r"no group \[port\]"),
        ("[server\n", "omna.toml"),
        ('[server]\nport = "many"\n', "configuration: .*port"),
        ("[server]\nport = [1]\n", "configuration: .*port"),
    ],
)
def test_mistakes_in_the_file_are_named(tmp_path: Path, text: str, complaint: str) -> None:
    write(tmp_path, text)
    with pytest.raises(ConfigError, match=complaint):
        load({}, tmp_path)


@pytest.mark.parametrize("value", ["many", "", "1.5", "0x10"])
def test_environment_value_of_the_wrong_type_is_named(tmp_path: Path, value: str) -> None:
    with pytest.raises(ConfigError, match="port"):
        load({"OMNA_SERVER_PORT": value}, tmp_path)


def test_environment_texts_become_the_types_of_their_settings(tmp_path: Path) -> None:
    settings = load(
        {"OMNA_GATEWAY_LEASE_SECONDS": "2.5", "OMNA_SERVER_WORKERS": "3", "OMNA_CREDITS_STARTER": "7"}, tmp_path
    )
    assert (settings.gateway.lease_seconds, settings.server.workers, settings.credits.starter) == (2.5, 3, "7")


def test_data_directory_is_the_argument_then_the_environment_then_the_convention(tmp_path: Path) -> None:
    named = {"OMNA_DATA": str(tmp_path / "named"), "XDG_DATA_HOME": str(tmp_path / "xdg")}
    assert load(named, tmp_path / "argument").data == tmp_path / "argument"
    assert load(named).data == tmp_path / "named"
    assert load({"XDG_DATA_HOME": str(tmp_path / "xdg")}).data == tmp_path / "xdg" / "omna"
    assert default_data_directory({"HOME": "/home/ann"}) == Path("/home/ann/.local/share/omna")


def test_relative_data_directory_becomes_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert load({"OMNA_DATA": "here"}).data == tmp_path / "here"


def test_secret_settings_are_settings() -> None:
    groups = {
        group.name: {option.name for option in fields(group.type)}
        for group in fields(Settings)
        if is_dataclass(group.type)
    }  # type: ignore[arg-type]
    assert all(option in groups[group] for group, option in SECRET_FIELDS)


def test_names_of_variables_are_unambiguous() -> None:
    names = [
        variable_name(group.name, option.name)
        for group in fields(Settings)
        if is_dataclass(group.type)
        for option in fields(group.type)  # type: ignore[arg-type]
    ]
    assert len(names) == len(set(names))
    # Variables with a meaning of their own must not be settings.
    assert {"OMNA_DATA", "OMNA_CONFIG"}.isdisjoint(names)
