"""PURE  Pages of an OpenAPI description: one for each part of the API, with every endpoint and every shape it speaks of."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tools.site.navigation import tree
from tools.site.shapes import cell, reached, shape_section, type_of

METHODS = ("get", "post", "put", "patch", "delete")
_STATUS_OF_SUCCESS = re.compile(r"[23]\d\d")


@dataclass(frozen=True)
class Endpoint:
    """A method at an address, with what the description says of it."""

    method: str
    path: str
    said: Mapping[str, Any]

    @property
    def title(self) -> str:
        return f"{self.method.upper()} {self.path}"

    @property
    def anchor(self) -> str:
        return re.sub(r"[^\w\- ]", "", self.title.lower()).replace(" ", "-")

    @property
    def sentence(self) -> str:
        text = str(self.said.get("description") or self.said.get("summary") or "")
        return text.partition("\n")[0].partition(". ")[0].rstrip(".")

    @property
    def part(self) -> str:
        """The part of the API: what follows /v1, the tag of /api, or what follows /api/console."""
        words = self.path.strip("/").split("/")
        if words[0] == "v1":
            return words[1]
        if words[1] == "console":
            return words[2] if len(words) > 2 else "console"
        return str(self.said["tags"][0])


@dataclass(frozen=True)
class Section:
    """An API of its own in the navigation: where its pages stand, and which addresses are in it."""

    directory: str
    title: str
    intro: str
    document: Mapping[str, Any]
    prefix: str
    without: str = "\x00"

    def parts(self) -> dict[str, list[Endpoint]]:
        parts: dict[str, list[Endpoint]] = {}
        for endpoint in endpoints_of(self.document):
            if endpoint.path.startswith(self.prefix) and not endpoint.path.startswith(self.without):
                parts.setdefault(endpoint.part, []).append(endpoint)
        return parts

    def pages(self) -> dict[str, str]:
        """Return the pages by their place on the site, the list of all endpoints first."""
        parts = self.parts()
        lines = [f"# {self.title}\n\n{self.intro}\n"]
        for part, endpoints in parts.items():
            lines.append(f"\n## {part}\n\n| endpoint | does |\n|---|---|\n")
            lines += [f"| [{one.title}]({part}.md#{one.anchor}) | {cell(one.sentence)} |\n" for one in endpoints]
        lines += ["\n", tree([(part, part) for part in parts])]
        pages = {f"{self.directory}/index.md": "".join(lines)}
        for part, endpoints in parts.items():
            pages[f"{self.directory}/{part}.md"] = self._page(part, endpoints)
        return pages

    def _page(self, part: str, endpoints: list[Endpoint]) -> str:
        shapes = self.document["components"]["schemas"]
        text = "".join(_endpoint_section(endpoint) for endpoint in endpoints)
        named = reached([endpoint.said for endpoint in endpoints], shapes, without={"Error", "ErrorBody"})
        if named:
            text += "\n## Shapes\n" + "".join(shape_section(name, shapes[name], set(named)) for name in named)
        return f"# {self.title}: {part}\n{text}"


def endpoints_of(document: Mapping[str, Any]) -> Iterator[Endpoint]:
    """Yield every endpoint of a description, in its order."""
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield Endpoint(method, path, item[method])


def _endpoint_section(endpoint: Endpoint) -> str:
    said = endpoint.said
    lines = [f"\n## {endpoint.title}\n"]
    text = str(said.get("description") or said.get("summary") or "")
    if text:
        lines.append(f"\n{cell(text)}\n")
    parameters = [one for one in said.get("parameters", ()) if "name" in one]
    if parameters:
        lines.append("\n| parameter | in | type | what |\n|---|---|---|---|\n")
        for one in parameters:
            need = " (required)" if one.get("required") and one["in"] != "path" else ""
            lines.append(
                f"| `{one['name']}` | {one['in']}{need} | {type_of(one.get('schema', {}))}"
                f" | {cell(one.get('description', ''))} |\n"
            )
    lines += [f"\nBody: {_content(said['requestBody'])}\n"] if "requestBody" in said else []
    refusals = []
    for status, answer in said["responses"].items():
        if _STATUS_OF_SUCCESS.fullmatch(status):
            lines.append(f"\n{status}: {_content(answer) or cell(answer.get('description', ''))}\n")
        else:
            codes = re.findall(r"^- (`\w+`)", answer.get("description", ""), re.MULTILINE)
            refusals.append(f"{status} ({', '.join(codes)})" if codes else status)
    if refusals:
        lines.append(f"\n[Refusals](../errors.md): {' · '.join(refusals)}\n")
    return "".join(lines)


def _content(said: Mapping[str, Any]) -> str:
    kinds = []
    for kind, content in said.get("content", {}).items():
        schema = content.get("schema") or content.get("x-event-schema") or {}
        kinds.append(f"{type_of(schema)} as `{kind}`" if kind != "application/json" else type_of(schema))
    return "; or ".join(kinds)
