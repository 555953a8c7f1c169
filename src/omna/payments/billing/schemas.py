"""Bodies of /api about billing details."""

from typing import Annotated

from pydantic import Field

from omna.http.values import Input, Output, Text
from omna.payments.billing.model import LONGEST_ADDRESS, LONGEST_EMAIL, LONGEST_NAME, LONGEST_TAX_ID


class BillingDetailsBody(Output):
    """Who this workspace is on receipts; empty is not given."""

    name: str
    address: str = Field(description="A few lines.")
    tax_id: str
    email: str


class BillingDetailsChange(Input):
    """Billing details as they are to be: what is left out becomes empty."""

    name: Annotated[Text, Field(max_length=LONGEST_NAME)] = ""
    address: Annotated[Text, Field(max_length=LONGEST_ADDRESS)] = ""
    tax_id: Annotated[Text, Field(max_length=LONGEST_TAX_ID)] = ""
    email: Annotated[Text, Field(max_length=LONGEST_EMAIL)] = ""
