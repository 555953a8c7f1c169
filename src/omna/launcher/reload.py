"""For people who change Omna's code: notice that a source file changed."""

from pathlib import Path

SOURCES = Path(__file__).parents[1]
SUFFIXES = (".py", ".sql", ".html")


class SourceWatch:
    """Remembers when the sources changed last."""

    def __init__(self, folder: Path = SOURCES) -> None:
        self._folder = folder
        self._seen = self._look()

    def changed(self) -> bool:
        """Return whether a file was changed, added or removed since the last question."""
        before, self._seen = self._seen, self._look()
        return self._seen != before

    def _look(self) -> dict[Path, int]:
        seen = {}
        for path in self._folder.rglob("*"):
            if path.suffix in SUFFIXES:
                try:
                    seen[path] = path.stat().st_mtime_ns
                except FileNotFoundError:
                    continue
        return seen
