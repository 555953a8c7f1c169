"""The values that bodies of /api are made of: amounts, ids and moments as text, unknown fields forbidden."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer, Strict, StringConstraints

from omna.clock import iso
from omna.money import format_credits, parse_credits


class Input(BaseModel):
    """A body that a client sends: only the fields it lists, and texts that a database can hold."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class Output(BaseModel):
    """A body that we send."""

    model_config = ConfigDict(frozen=True)


class Acted(Output):
    """What staff did stands in the audit log."""

    audit_seq: int = Field(description="The number of its row in the audit log.")


def _amount(text: str) -> str:
    return format_credits(parse_credits(text))


def _storable(text: str) -> str:
    if "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError("contains characters that cannot be stored")
    return text


#: Text that a database can hold.
Text = Annotated[str, AfterValidator(_storable)]
#: Why somebody does something, for the audit log and for those it concerns.
Reason = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500), AfterValidator(_storable)
]
#: Yes or no, and not a word or a number for it.
Flag = Annotated[bool, Strict()]
#: A whole number, and not a text or a truth.
Whole = Annotated[int, Strict()]
#: Credits that a client sends: a decimal string with at most 9 decimals.
AmountIn = Annotated[str, Field(max_length=24, examples=["12.50"]), AfterValidator(_amount)]
#: Credits that we send: nanocredits inside, a decimal string on the wire.
Amount = Annotated[
    int, PlainSerializer(format_credits, return_type=str), Field(json_schema_extra={"examples": ["0.034215"]})
]
#: A moment, in UTC with `Z`.
Moment = Annotated[datetime, PlainSerializer(lambda moment: iso(moment.astimezone(UTC)), return_type=str)]


class MoneyOut(Output):
    """Real money: a whole number of the smallest unit of its currency, for example cents."""

    minor: int
    currency: str
