"""How a model is asked to answer: what a chat, a preset and a person's own defaults have in common."""

from typing import Annotated, Any, Literal

from pydantic import Field, Strict

from omna.http.values import Input, Text, Whole

LONGEST_SYSTEM_PROMPT = 20_000
_LONGEST_MODEL = 200

ModelName = Annotated[Text, Field(min_length=1, max_length=_LONGEST_MODEL, description="A model: its id.")]
SystemPrompt = Annotated[Text, Field(max_length=LONGEST_SYSTEM_PROMPT)]
Effort = Literal["low", "medium", "high"]


class Parameters(Input):
    """Only what somebody set; null, like what is absent, leaves it to the model."""

    temperature: Annotated[float, Strict(), Field(ge=0, le=2)] | None = None
    top_p: Annotated[float, Strict(), Field(ge=0, le=1)] | None = None
    max_tokens: Annotated[Whole, Field(ge=1, le=10_000_000)] | None = None
    reasoning_effort: Effort | None = None

    def kept(self) -> dict[str, Any]:
        """Return what is kept of it: nothing of what is left to the model."""
        return self.model_dump(exclude_none=True)
