"""PURE: what a model said → the content blocks of a message, in order, while it grows or when it is whole."""

from typing import Any

import msgspec

from omna.gateway.wire.messages.thinking import steps
from omna.providers.base import Choice, Delta, ToolCall

Json = dict[str, Any]

#: The event that carries a piece of a block, and the field the piece stands in.
_DELTAS = {
    "text": ("text_delta", "text"),
    "thinking": ("thinking_delta", "thinking"),
    "signature": ("signature_delta", "signature"),
    "input": ("input_json_delta", "partial_json"),
}

#: How often a call's arguments are looked at to see whether they are whole: a bound for calls that are sent in turns.
_MOST_LOOKS = 64


class Block:
    """One content block. `pieces` is what it gained and nobody has read yet: pairs of what it is and its text."""

    __slots__ = ("_arguments", "_looked_at", "_looks", "head", "index", "kind", "pieces", "signed")

    def __init__(self, kind: str, index: int | None = None, **head: str) -> None:
        self.kind = kind
        self.head = head
        self.index = index
        self.signed = False
        self.pieces: list[tuple[str, str]] = []
        self._arguments: list[str] = []
        self._looks = self._looked_at = 0

    def add(self, kind: str, text: str) -> None:
        self.pieces.append((kind, text))
        if kind == "input":
            self._arguments.append(text)

    def deltas(self) -> list[Json]:
        """Return the pieces as the deltas of a stream, once."""
        found = []
        for kind, text in self.pieces:
            name, field = _DELTAS[kind]
            found.append({"type": name, field: text})
        self.pieces.clear()
        return found

    @property
    def over(self) -> bool:
        """Whether the block can end once another one has begun: a tool call only when its arguments are whole."""
        if self.kind != "tool_use":
            return True
        if self._looked_at == len(self._arguments) or self._looks == _MOST_LOOKS:
            return False
        self._looked_at = len(self._arguments)
        self._looks += 1
        return _is_object("".join(self._arguments))

    def start(self) -> Json:
        """Return the block as it is announced: empty, but for what comes in one piece."""
        match self.kind:
            case "text":
                return {"type": "text", "text": "", "citations": None}
            case "thinking":
                return {"type": "thinking", "thinking": "", "signature": ""}
            case "tool_use":
                return {"type": "tool_use", **self.head, "input": {}}
            case _:
                return {"type": self.kind, **self.head}

    def whole(self) -> Json:
        """Return the finished block."""
        block = self.start()
        for kind, text in self.pieces:
            if kind != "input":
                block[kind] += text
        if self._arguments:
            block["input"] = _input("".join(self._arguments))
        return block


class Content:
    """The blocks of one message. What belongs to no block here (logprobs, annotations, audio) is left out."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.refused = False
        self._calls: dict[int, Block] = {}

    @property
    def called(self) -> bool:
        """Whether there is a tool call."""
        return bool(self._calls)

    def take(self, output: Delta | Choice) -> None:
        """Add what a choice gained, or all of it."""
        details = output.extra.get("reasoning_details") if output.extra else None
        if output.reasoning or details:
            for step in steps(output.reasoning, details):
                if step.kind == "redacted":
                    self.blocks.append(Block("redacted_thinking", data=step.text))
                else:
                    block = self._thinking(step.block)
                    block.add(step.kind, step.text)
                    block.signed = step.kind == "signature"
        if output.content:
            self._last("text").add("text", output.content)
        if output.refusal:
            self.refused = True
            self._last("text").add("text", output.refusal)
        for call in output.tool_calls or ():
            self._call(call)

    def _last(self, kind: str) -> Block:
        if not self.blocks or self.blocks[-1].kind != kind:
            self.blocks.append(Block(kind))
        return self.blocks[-1]

    def _thinking(self, index: int | None) -> Block:
        block = self._last("thinking")
        # A signature closes its block, and another number is another block.
        if block.signed or (index is not None and block.index is not None and index != block.index):
            block = Block("thinking")
            self.blocks.append(block)
        if index is not None:
            block.index = index
        return block

    def _call(self, piece: ToolCall) -> None:
        block = self._calls.get(piece.index)
        if block is None:
            block = Block("tool_use", id=piece.id or f"call_{piece.index}", name=piece.name or "")
            self._calls[piece.index] = block
            self.blocks.append(block)
        if piece.arguments:
            block.add("input", piece.arguments)


def _is_object(text: str) -> bool:
    if not text.rstrip().endswith("}"):
        return False
    try:
        return isinstance(msgspec.json.decode(text), dict)
    except (msgspec.DecodeError, RecursionError):
        return False


def _input(text: str) -> Any:
    """Return a call's arguments as the object they are, digits and order untouched.

    Arguments that were cut off are no object: they stand in one as text, so that nothing is lost and nothing passes for
    what it is not.
    """
    return msgspec.Raw(text.encode()) if _is_object(text) else {"arguments": text}
