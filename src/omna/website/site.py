"""What every page is made with: settings, templates, files, cookies and headers."""

from pathlib import Path

import jinja2

from omna.config import Settings
from omna.documents import legal
from omna.http.cookies import cookie_jar
from omna.http.headers import security_headers
from omna.http.origin import trusted_networks
from omna.money import parse_credits
from omna.website import amounts, notices, openness, wishes
from omna.website.assets import Assets
from omna.website.languages import LANGUAGES, TAGS, THEMES
from omna.website.notices import Notice
from omna.website.shelf import Shelf
from omna.website.texts import Texts

HERE = Path(__file__).parent

#: What stands between two sentences.
_GAPS = {"en": " ", "zh": ""}

#: Names of languages are written in themselves, whatever the page speaks.
_LANGUAGE_NAMES = {"en": "English", "zh": "简体中文"}


class Site:
    """Renders pages. Nothing here changes after the start of the process."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.cookies = cookie_jar(settings.server)
        self.trusted = trusted_networks(settings.server.trusted_proxies)
        self.headers = {name.decode(): value.decode() for name, value in security_headers(secure=self.cookies.secure)}
        self.assets = Assets(self.headers)
        self.texts = {language: Texts(language) for language in LANGUAGES}
        self.notices = notices.remembered()
        self.sign_up = openness.remembered(settings.accounts)
        self.legal = legal.documents(settings.legal)
        #: What whoever makes an account now agrees to.
        self.terms_version = legal.terms_version(settings.legal)
        self.public_url = settings.server.public_url.rstrip("/")
        self.shelf = Shelf()
        #: Nano-dollars of one Credit.
        self.rate = parse_credits(settings.credits.usd_per_credit)
        #: The addresses that have a page, filled when the routes are known: none is linked before it exists.
        self.places: set[str] = set()
        #: Further pages that search engines and programs are told of: address, and name in English.
        self.documents: list[tuple[str, str]] = []
        self._templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals |= {
            "static": self.assets.addresses,
            "exact": amounts.exact,
            "is_free": amounts.is_free,
            "token_prices": amounts.token_prices,
            "sells_text": amounts.sells_text,
            "provider_of": wishes.provider_of,
            "capabilities_of": wishes.capabilities,
            "usd": lambda amount: amounts.usd(amount, self.rate),
            "fonts": self.assets.fonts,
            "places": self.places,
            "base_url": self.public_url,
            "operator": settings.accounts.operator_name,
            "support_email": settings.accounts.support_email,
            # Without a mail server mails wait for the operator, and whoever waits for one should know.
            "mails_are_kept": not settings.mail.smtp_url,
            "languages": _LANGUAGE_NAMES,
            "tags": TAGS,
            "themes": THEMES,
        }

    def render(
        self, template: str, *, language: str, theme: str, here: str, notices: tuple[Notice, ...] = (), **values: object
    ) -> str:
        """Return a page as HTML. here: the address that the footer's choices come back to; notices: lines on top."""
        return self._templates.get_template(template).render(
            t=self.texts[language],
            gap=_GAPS[language],
            language=language,
            theme=theme,
            here=here,
            notices=notices,
            **values,
        )
