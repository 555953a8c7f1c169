"""PURE  Errors in the words of a page."""

import math
import re

from omna.errors import OmnaError
from omna.website.texts import Texts

#: What the services say about a value, and the text that says it here; named parts are its values.
_SAID = tuple(
    (re.compile(pattern), key)
    for pattern, key in (
        (r" is not a mail address|^This is not a mail address", "problem.email"),
        (r"^This is your address already", "problem.email_same"),
        (r"^A password has at least (?P<count>\d+) characters", "problem.password_short"),
        (r"^A password has at most (?P<count>\d+) characters", "problem.password_long"),
        (r"^A password has no control characters", "problem.password_control"),
        (r"^This password repeats too few characters", "problem.password_few"),
        (r"^This password is a shorter one, repeated", "problem.password_repeats"),
        (r"^This password is little more than the address", "problem.password_address"),
        (r"common|leaked|known to attackers", "problem.password_known"),
        (r"^A name has at most (?P<count>[\d,]+) characters", "problem.name_long"),
        (r"^At most (?P<count>[\d,]+) characters", "problem.text_long"),
        (r"^A name has no control characters", "problem.name_control"),
        (r"^This account had too many failed sign-ins in a row", "problem.strangers_end"),
        (r"^This invitation is for", "problem.invitation_other"),
        (r"^This invitation was used", "problem.invitation_over"),
        (r"^There is an account with this address already: sign in to accept", "problem.known"),
        (r"^There is an account with this address already: sign in\.$", "problem.known_elsewhere"),
        (r"^The form cannot be read", "problem.form"),
        (r"^This address takes HTML forms", "problem.form"),
    )
)


def explain(t: Texts, error: OmnaError) -> str:
    """Return what a person reads about an error: the wait, what is wrong with a value, or what its code means.

    `message.TEXT` stands for one sentence of a service, `error.CODE` for all of a code. What no text is known for is
    shown as the service said it.
    """
    if error.retry_after is not None and error.status == 429:
        return t("error.wait", wait=wait(t, error.retry_after))
    if t.has(f"message.{error.message}"):
        return t(f"message.{error.message}")
    for pattern, key in _SAID:
        if (said := pattern.search(error.message)) is not None:
            return t(key, **said.groupdict())
    key = f"error.{error.code}"
    return t(key) if t.has(key) else error.message


def wait(t: Texts, seconds: float) -> str:
    """Return a duration as people say it: up to two minutes in seconds, then in minutes, rounded up."""
    whole = max(1, math.ceil(seconds))
    if whole == 1:
        return t("wait.second")
    if whole <= 120:
        return t("wait.seconds", count=whole)
    return t("wait.minutes", count=math.ceil(whole / 60))
