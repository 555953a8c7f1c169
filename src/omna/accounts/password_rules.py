"""Which passwords are good enough: their form, and that nobody has met them before."""

from omna.accounts import common_passwords
from omna.accounts.model import SHORTEST_PASSWORD, check_form
from omna.errors import InvalidValue


def check_password(password: str, email: str, *, shortest: int = SHORTEST_PASSWORD) -> str:
    """Return a password in the form that is hashed (NFKC).

    shortest    characters it needs: fewer beside a second factor
    Errors      InvalidValue that says what is wrong, never with the password in it
    """
    password = check_form(password, email, shortest=shortest)
    if common_passwords.contains(password):
        raise InvalidValue(
            "This password is in a list of common or leaked ones, which attackers try first. Choose another.",
            param="password",
        )
    return password
