"""PURE  Errors in the words of a page."""

import math

from omna.errors import OmnaError
from omna.website.texts import Texts


def explain(t: Texts, error: OmnaError) -> str:
    """Return what a person reads about an error.

    What the services say is English. A text `error.CODE` stands for every message of a code; else `message.TEXT`
    translates one message, and a language without either shows what the service said.
    """
    if error.retry_after is not None and error.status == 429:
        return t("error.wait", wait=wait(t, error.retry_after))
    key = f"message.{error.message}"
    if t.has(key):
        return t(key)
    if t.has(f"error.{error.code}"):
        return t(f"error.{error.code}")
    return error.message


def wait(t: Texts, seconds: float) -> str:
    """Return a duration as people say it: up to two minutes in seconds, then in minutes, rounded up."""
    whole = max(1, math.ceil(seconds))
    if whole == 1:
        return t("wait.second")
    if whole <= 120:
        return t("wait.seconds", count=whole)
    return t("wait.minutes", count=math.ceil(whole / 60))
