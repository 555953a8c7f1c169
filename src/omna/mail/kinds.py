"""PURE  The kinds of mail: what each must be told, where its link leads, who may switch it off."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Literal, TypeAlias
from urllib.parse import quote

from omna.money import format_credits

Language: TypeAlias = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")

#: Stand for what only the sender knows, and are filled in when a mail leaves. No value can contain them.
BASE_URL, OPERATOR, SUPPORT = "\ue000", "\ue001", "\ue002"


class Kind(StrEnum):
    """Names of mails; each is a template in every language."""

    VERIFY_EMAIL = "verify_email"
    ALREADY_REGISTERED = "already_registered"
    RESET_PASSWORD = "reset_password"  # noqa: S105 - the name of a mail
    RESET_UNKNOWN = "reset_unknown"
    INVITATION = "invitation"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - the name of a mail
    EMAIL_CHANGING = "email_changing"
    EMAIL_CHANGED = "email_changed"
    NEW_DEVICE = "new_device"
    RECOVERY_CODE_USED = "recovery_code_used"
    SECOND_FACTOR_CHANGED = "second_factor_changed"
    PASSKEY_REFUSED = "passkey_refused"
    KEY_CREATED = "key_created"
    KEY_LEAKED = "key_leaked"
    LOW_BALANCE = "low_balance"
    LIMIT_REACHED = "limit_reached"
    ACCESS_DECISION = "access_decision"
    WORKSPACE_FROZEN = "workspace_frozen"
    WORKSPACE_UNFROZEN = "workspace_unfrozen"
    ACCOUNT_FROZEN = "account_frozen"
    ACCOUNT_UNFROZEN = "account_unfrozen"
    ACCOUNT_DELETED = "account_deleted"
    RECHARGE_SUBMITTED = "recharge_submitted"
    RECHARGE_QUESTION = "recharge_question"
    RECHARGE_CREDITED = "recharge_credited"
    RECHARGE_REJECTED = "recharge_rejected"
    RECHARGE_DUPLICATE = "recharge_duplicate"
    RECHARGE_EXPIRED = "recharge_expired"
    REFUND_REQUESTED = "refund_requested"
    REFUND_DECIDED = "refund_decided"
    REFUND_PAID = "refund_paid"
    REFUND_FAILED = "refund_failed"
    DISPUTE_OPENED = "dispute_opened"
    DISPUTE_CLOSED = "dispute_closed"
    TICKET_RECEIVED = "ticket_received"
    TICKET_REPLY = "ticket_reply"
    TICKET_SOLVED = "ticket_solved"
    TOP_UP_FAILED = "top_up_failed"
    ALERT = "alert"
    ALERT_DIGEST = "alert_digest"
    ALERT_TEST = "alert_test"
    SIGNED_OUT = "signed_out"
    SECOND_FACTOR_RESET = "second_factor_reset"
    STAFF_ROLE = "staff_role"
    ACCESS_INVITATION = "access_invitation"


class Value(StrEnum):
    """What a value of a mail is, and so how it is checked and written."""

    #: What a person typed: one line, and nothing a mail program would make a link of.
    NAME = "name"
    #: One line of ours: an address, a device, a reason.
    TEXT = "text"
    #: Several lines that staff wrote; templates put them into a quotation.
    LINES = "lines"
    #: The secret of a one-time link; it stands in the link and nowhere else.
    TOKEN = "token"  # noqa: S105 - a kind of value
    #: The public form of an id, for example `ws_…`.
    ID = "id"
    #: Nanocredits.
    CREDITS = "credits"
    COUNT = "count"
    #: An aware datetime, written in UTC.
    MOMENT = "moment"


@dataclass(frozen=True, slots=True)
class Choice:
    """A value that is one of a few words; templates have a sentence for each."""

    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sort:
    """What is true of every mail of a kind.

    values      required values and what they are; templates see `link`, too
    link        where the button leads, below the public address
    lifetime    how long the link works, and the mail is worth sending
    limited     counted against three an hour for an address, together with others of the same word
    most        of those three, what this kind may be at most; None: all
    switchable  people may do without it
    """

    values: Mapping[str, Value | Choice]
    link: str
    lifetime: timedelta = timedelta(days=1)
    limited: str = ""
    most: int | None = None
    switchable: bool = False


_NAME = {"name": Value.NAME}
_WHERE = {"at": Value.MOMENT, "origin": Value.TEXT}
_WORKSPACE = {"workspace": Value.ID, "workspace_name": Value.NAME}
_REFUND = _NAME | _WORKSPACE | {"refund": Value.ID, "reference": Value.TEXT, "credits": Value.CREDITS}
_REFUND_PAGE = "/app/w/{workspace}/refunds/{refund}"
_DISPUTE = (
    _NAME | _WORKSPACE | {"recharge": Value.ID, "reference": Value.TEXT, "amount": Value.TEXT, "credits": Value.CREDITS}
)
_TICKET = {"workspace": Value.ID, "ticket": Value.ID, "subject_line": Value.NAME}
_TICKET_PAGE = "/app/w/{workspace}/support/{ticket}"
_SECURITY = "/app/settings/security"
_ORDER = _NAME | _WORKSPACE | {"recharge": Value.ID, "reference": Value.TEXT}
_ORDER_PAGE = "/app/w/{workspace}/orders/{recharge}"
ROLES = Choice(("owner", "admin", "billing", "member"))
CHANGES = Choice(
    (
        "totp_added",
        "totp_removed",
        "recovery_codes_made",
        "passkey_added",
        "passkey_removed",
        "identity_linked",
        "identity_unlinked",
    )
)

KINDS: Mapping[Kind, Sort] = {
    # To the address that is to be proven: of a new account, or the new one of an account. No name: anybody can sign
    # up with the address of a stranger, and what they typed as theirs must not be delivered there.
    Kind.VERIFY_EMAIL: Sort({"token": Value.TOKEN}, "/verify-email?token={token}", limited="account"),
    # Any stranger brings it about: it must not use up what somebody needs for a new password.
    Kind.ALREADY_REGISTERED: Sort(_NAME, "/sign-in", limited="account", most=1),
    Kind.RESET_PASSWORD: Sort(
        _NAME | {"token": Value.TOKEN}, "/reset?token={token}", timedelta(minutes=30), limited="account"
    ),
    Kind.RESET_UNKNOWN: Sort({}, "/sign-up", limited="account"),
    Kind.INVITATION: Sort(
        {"inviter": Value.NAME, "workspace_name": Value.NAME, "role": ROLES, "token": Value.TOKEN},
        "/invite/{token}",
        timedelta(days=7),
        limited="invitation",
    ),
    Kind.PASSWORD_CHANGED: Sort(_NAME | _WHERE, "/reset"),
    # To the old address, when a change was asked for; the new one gets VERIFY_EMAIL.
    Kind.EMAIL_CHANGING: Sort(_NAME | _WHERE | {"new_email": Value.TEXT}, _SECURITY),
    # To the old address, when the new one has been proven.
    Kind.EMAIL_CHANGED: Sort(_NAME | _WHERE | {"new_email": Value.TEXT}, "/sign-in"),
    Kind.NEW_DEVICE: Sort(_NAME | _WHERE | {"device": Value.NAME}, _SECURITY),
    Kind.RECOVERY_CODE_USED: Sort(_NAME | _WHERE | {"left": Value.COUNT}, _SECURITY),
    Kind.SECOND_FACTOR_CHANGED: Sort(_NAME | _WHERE | {"change": CHANGES}, _SECURITY),
    # A passkey whose counter went backwards may have been copied.
    Kind.PASSKEY_REFUSED: Sort(_NAME | _WHERE | {"passkey": Value.NAME}, _SECURITY),
    Kind.KEY_CREATED: Sort(
        _NAME | _WORKSPACE | {"key_name": Value.NAME, "creator": Value.NAME, "at": Value.MOMENT},
        "/app/w/{workspace}/keys",
        switchable=True,
    ),
    Kind.KEY_LEAKED: Sort(_NAME | _WORKSPACE | {"key_name": Value.NAME, "at": Value.MOMENT}, "/app/w/{workspace}/keys"),
    Kind.LOW_BALANCE: Sort(
        _NAME | _WORKSPACE | {"balance": Value.CREDITS, "threshold": Value.CREDITS},
        "/app/w/{workspace}/recharge",
        switchable=True,
    ),
    # subject_name is the key's name, or the workspace's; resets_at is `when(…)`, or empty for what never starts anew.
    Kind.LIMIT_REACHED: Sort(
        _NAME
        | _WORKSPACE
        | {
            "subject": Choice(("key", "workspace")),
            "subject_name": Value.NAME,
            "percent": Value.COUNT,
            "limit": Value.CREDITS,
            "used": Value.CREDITS,
            "resets_at": Value.TEXT,
        },
        "/app/w/{workspace}/usage",
        switchable=True,
    ),
    Kind.ACCESS_DECISION: Sort(
        _NAME | {"decision": Choice(("approved", "declined")), "reason": Value.TEXT}, "/sign-in"
    ),
    # until: when it ends by itself; empty for never.
    Kind.WORKSPACE_FROZEN: Sort(
        _NAME | _WORKSPACE | {"reason": Value.TEXT, "at": Value.MOMENT, "until": Value.TEXT}, "/app/w/{workspace}"
    ),
    Kind.WORKSPACE_UNFROZEN: Sort(_NAME | _WORKSPACE | {"at": Value.MOMENT}, "/app/w/{workspace}"),
    Kind.ACCOUNT_FROZEN: Sort(_NAME | {"reason": Value.TEXT, "at": Value.MOMENT, "until": Value.TEXT}, "/app"),
    Kind.ACCOUNT_UNFROZEN: Sort(_NAME | {"at": Value.MOMENT}, "/app"),
    Kind.ACCOUNT_DELETED: Sort(_NAME, "/"),
    # Money of a recharge; total is written with its currency, hours is how long a review usually takes.
    Kind.RECHARGE_SUBMITTED: Sort(
        _ORDER | {"credits": Value.CREDITS, "total": Value.TEXT, "hours": Value.COUNT}, _ORDER_PAGE
    ),
    Kind.RECHARGE_QUESTION: Sort(_ORDER | {"question": Value.TEXT}, _ORDER_PAGE),
    Kind.RECHARGE_CREDITED: Sort(_ORDER | {"credits": Value.CREDITS, "bonus": Value.CREDITS}, _ORDER_PAGE),
    Kind.RECHARGE_REJECTED: Sort(_ORDER | {"message": Value.TEXT}, _ORDER_PAGE),
    # other: the reference of the order that counts; empty when it is in another workspace.
    Kind.RECHARGE_DUPLICATE: Sort(_ORDER | {"other": Value.TEXT}, _ORDER_PAGE),
    Kind.RECHARGE_EXPIRED: Sort(_ORDER | {"total": Value.TEXT}, _ORDER_PAGE),
    # amount is real money as people write it, answer the words of staff; both may be empty.
    Kind.REFUND_REQUESTED: Sort(_REFUND, _REFUND_PAGE),
    Kind.REFUND_DECIDED: Sort(
        _REFUND
        | {
            "decision": Choice(("approved", "rejected", "converted")),
            "amount": Value.TEXT,
            "answer": Value.TEXT,
        },
        _REFUND_PAGE,
    ),
    Kind.REFUND_PAID: Sort(_REFUND | {"amount": Value.TEXT}, _REFUND_PAGE),
    Kind.REFUND_FAILED: Sort(_REFUND | {"amount": Value.TEXT}, _REFUND_PAGE),
    # credits: taken back; debt: what is owed now.
    Kind.DISPUTE_OPENED: Sort(_DISPUTE | {"debt": Value.CREDITS, "frozen": Choice(("yes", "no"))}, _ORDER_PAGE),
    Kind.DISPUTE_CLOSED: Sort(_DISPUTE | {"outcome": Choice(("won", "lost")), "debt": Value.CREDITS}, _ORDER_PAGE),
    Kind.TICKET_RECEIVED: Sort(_NAME | _TICKET | {"due_at": Value.MOMENT}, _TICKET_PAGE),
    Kind.TICKET_REPLY: Sort(_NAME | _TICKET | {"reply": Value.LINES}, _TICKET_PAGE, timedelta(days=3)),
    Kind.TICKET_SOLVED: Sort(_NAME | _TICKET, _TICKET_PAGE),
    # outcome: whether it is tried again, or is off now.
    Kind.TOP_UP_FAILED: Sort(
        _NAME | _WORKSPACE | {"reference": Value.TEXT, "credits": Value.CREDITS, "outcome": Choice(("again", "off"))},
        "/app/w/{workspace}/recharge",
    ),
    # To operators. severity and headline are in the reader's language; until: `when(…)`, or empty while it is open.
    Kind.ALERT: Sort(
        {
            "alert": Value.ID,
            "phase": Choice(("opened", "reminder", "resolved")),
            "severity": Value.TEXT,
            "headline": Value.TEXT,
            "kind": Value.TEXT,
            "since": Value.MOMENT,
            "until": Value.TEXT,
            "count": Value.COUNT,
            "details": Value.LINES,
        },
        "/console/alerts/{alert}",
    ),
    # more: alerts that are not in the lines.
    Kind.ALERT_DIGEST: Sort(
        {
            "total": Value.COUNT,
            "open": Value.COUNT,
            "critical": Value.COUNT,
            "more": Value.COUNT,
            "lines": Value.LINES,
        },
        "/console/alerts",
    ),
    Kind.ALERT_TEST: Sort({}, "/console/alerts"),
    # What staff did to an account; never from where, and by whom.
    Kind.SIGNED_OUT: Sort(_NAME | {"at": Value.MOMENT}, "/sign-in"),
    Kind.SECOND_FACTOR_RESET: Sort(_NAME | {"at": Value.MOMENT}, _SECURITY),
    Kind.STAFF_ROLE: Sort(
        _NAME | {"role": Choice(("owner", "finance", "support", "auditor", "none")), "at": Value.MOMENT}, "/console"
    ),
    # To somebody who has no account: what they typed as their name must not be delivered there.
    Kind.ACCESS_INVITATION: Sort({"token": Value.TOKEN}, "/join/{token}", timedelta(days=7), limited="invitation"),
}

#: Kinds that people may switch off; security and money always reach them.
SWITCHABLE = tuple(kind for kind, sort in KINDS.items() if sort.switchable)

_LONGEST = 200
#: Of what is quoted.
_MOST_LINES, _LONGEST_QUOTED = 400, 10_000
_TOKEN = re.compile(r"[A-Za-z0-9_.~-]{1,500}")
_ID = re.compile(r"[a-z]{2,5}_[0-9a-f]{32}")
# A mail program makes links of these by itself; a word joiner, which nobody sees, keeps it from it.
_DOT = re.compile(r"(?<=\w)([.:])(?=[\w/])")


def wanted(notifications: Mapping[str, Any] | None, kind: Kind) -> bool:
    """Return whether somebody with these preferences gets mails of a kind; what is not said is on."""
    return not KINDS[kind].switchable or (notifications or {}).get(kind) is not False


def preferences(notifications: Mapping[str, Any] | None) -> dict[str, bool]:
    """Return on or off for every kind that can be switched."""
    return {str(kind): wanted(notifications, kind) for kind in SWITCHABLE}


def change_preferences(notifications: Mapping[str, Any] | None, changes: Mapping[str, bool]) -> dict[str, bool]:
    """Return preferences with some of them changed. Errors: ValueError for a kind that cannot be switched."""
    for name in changes:
        if name not in SWITCHABLE:
            raise ValueError(f"{name} cannot be switched off; these can: {', '.join(SWITCHABLE)}")
    return {**preferences(notifications), **changes}


def language_of(text: str | None) -> Language:
    """Return a language that there is, English for everything else."""
    return "zh" if text is not None and text.partition("-")[0].lower() == "zh" else "en"


def written(kind: Kind, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a template sees: every value as text, counts as numbers, and `link`; the token only in the link.

    Errors  ValueError when a value is missing, unknown, or not what its kind says
    """
    sort = KINDS[kind]
    if values.keys() != sort.values.keys():
        raise ValueError(f"{kind} needs {sorted(sort.values)}, not {sorted(values)}")
    texts = {name: _write(name, what, values[name]) for name, what in sort.values.items()}
    address = {name: quote(str(text), safe="") for name, text in texts.items()}
    shown = {name: text for name, text in texts.items() if sort.values[name] is not Value.TOKEN}
    return {**shown, "link": BASE_URL + sort.link.format_map(address)}


def when(moment: datetime) -> str:
    """Return a moment as mails write it."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _write(name: str, what: Value | Choice, value: Any) -> Any:
    match what, value:
        case Choice(options), str() if value in options:
            return str(value)
        case Value.NAME, str():
            return _DOT.sub("\\1\u2060", _one_line(value))
        case Value.TEXT, str():
            return _one_line(value)
        case Value.LINES, str():
            return [_one_line(line, _LONGEST_QUOTED) for line in value.split("\n")][:_MOST_LINES]
        case Value.TOKEN, str() if _TOKEN.fullmatch(value):
            return value
        case Value.ID, str() if _ID.fullmatch(value):
            return value
        case Value.CREDITS, int():
            return format_credits(value)
        case Value.COUNT, int():
            return value
        case Value.MOMENT, datetime() if value.tzinfo is not None:
            return when(value)
        case _:
            raise ValueError(f"{name} is no {what}")  # without the value: it may be a token


def _one_line(text: str, longest: int = _LONGEST) -> str:
    """Return text without anything that could leave its line, its direction or its place."""
    kept = (" " if unicodedata.category(c) in ("Zl", "Zp", "Cc") else c for c in text)
    plain = "".join(c for c in kept if unicodedata.category(c) not in ("Cf", "Co", "Cs"))
    line = " ".join(plain.split())
    return line if len(line) <= longest else line[: longest - 1] + "…"
