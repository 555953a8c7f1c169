"""Every setting: name, type, default, why. Read once at an entrance, passed down, never read again.

A setting `group.field` is the environment variable `OMNA_GROUP_FIELD`, or `field` under `[group]` in the TOML file
that `OMNA_CONFIG` names (default: `omna.toml` in the data directory). The environment wins. `OMNA_DATA` is the data
directory.
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any, Literal

import msgspec


class ConfigError(Exception):
    """A setting is unknown or has a value that cannot be used."""


@dataclass(frozen=True)
class Database:
    url: str = ""
    """PostgreSQL 15 or newer, as `postgresql://…`. Empty: the embedded server under the data directory."""
    pool_size: int = 8
    """Connections of one process for everything but admission and settlement."""
    command_timeout: float = 6.0
    """Seconds one statement may take before its connection is given up."""
    acquire_timeout: float = 2.0
    """Seconds to wait for a free connection."""
    pooled: bool = False
    """The URL leads to a pooler in session mode, such as PgBouncer, which takes settings as statements only."""


@dataclass(frozen=True)
class Server:
    host: str = "127.0.0.1"
    """Address the gateway listens on."""
    port: int = 5108
    """Port the gateway listens on; 0 lets the system choose."""
    workers: int = 1
    """Gateway processes. One is enough for thousands of requests a second."""
    metrics_host: str = "127.0.0.1"
    """Address of the Prometheus endpoint, which is never part of the public port."""
    metrics_port: int = 5109
    """Port of the Prometheus endpoint of a gateway; 0 switches it off."""
    worker_metrics_port: int = 5110
    """Port of the Prometheus endpoint of a worker, at the same address; 0 switches it off."""
    public_url: str = "http://localhost:5108"
    """How people reach Omna: links in messages are made from it, never from a Host header."""
    allow_http: bool = False
    """Accept a public URL over plain http that is not this machine: passwords then cross the network unencrypted."""
    trusted_proxies: str = ""
    """Addresses or networks of proxies whose X-Forwarded-For is believed, with commas between them. Empty: nobody's."""
    drain_seconds: float = 30.0
    """How long running streams may go on after a stop signal."""
    drain_notice_seconds: float = 0.0
    """How long new requests are served after a stop signal, with /readyz at 503, so that load balancers notice."""


@dataclass(frozen=True)
class Credits:
    usd_per_credit: str = "1"
    """US$ of one Credit, a decimal string. Fixed once the ledger has entries."""
    starter: str = "25"
    """Promo Credits the first workspace of a new installation receives, so that the first call can be paid."""


@dataclass(frozen=True)
class Accounts:
    sign_up: Literal["open", "invite", "approval"] = "open"
    """Who may make an account: open (anyone), invite (with an invitation), approval (anyone, staff approve it)."""
    starter_credits: str = "0"
    """Promo Credits of a new person, once, when their address is proven; 0 is none. A local demo gives 5."""
    starter_days: int = 90
    """Days until those Credits expire."""
    operator_name: str = ""
    """Name of who runs this installation, on public pages and in mails."""
    support_email: str = ""
    """Where people reach the operator; empty: from the workspace."""


@dataclass(frozen=True)
class Mail:
    smtp_url: str = ""
    """Mail server: `smtp://user:password@host:587` (STARTTLS) or `smtps://…:465`. Empty: mails stay in the outbox."""
    sender: str = "Omna <omna@localhost>"
    """The From address."""


@dataclass(frozen=True)
class SignIn:
    """Sign-in by other services. One is offered when its client id and secret are set."""

    google_client_id: str = ""
    """Client id of Google's OAuth."""
    google_client_secret: str = ""
    """Its secret."""
    github_client_id: str = ""
    """Client id of a GitHub OAuth app."""
    github_client_secret: str = ""
    """Its secret."""
    github_url: str = "https://github.com"
    """GitHub, or an Enterprise Server of your own."""
    oidc_issuer: str = ""
    """Any other OpenID Connect issuer, as its URL."""
    oidc_name: str = "single sign-on"
    """What its button says."""
    oidc_client_id: str = ""
    """Client id there."""
    oidc_client_secret: str = ""
    """Its secret."""
    private_hosts: str = ""
    """`host:port` of such services that may be plain http or inside your network, with commas between. Empty: none."""


@dataclass(frozen=True)
class Payments:
    """Buying Credits. Recharges by hand are always there; checkout needs a Stripe key, or the sandbox."""

    currency: str = "usd"
    """Currency of prices, as three letters."""
    packs: str = "10, 25, 50, 100+5"
    """Amounts that are offered, in Credits; `100+5` comes with 5 promo Credits."""
    minimum: str = "5"
    """The least Credits of a recharge."""
    maximum: str = "1000"
    """The most Credits of a recharge."""
    checkout_fee_percent: str = "0"
    """Added to the price of an automatic checkout, in percent; not given back with a refund."""
    manual_days: int = 7
    """Days a recharge by hand waits for its proof, or for an answer to a question, until it expires."""
    stripe_secret_key: str = ""
    """Secret key of a Stripe account: `sk_live_…`, or `sk_test_…` for test mode. Empty: no Stripe Checkout."""
    stripe_webhook_secret: str = ""
    """Signing secret of its webhook, `whsec_…`; during a rotation several, with commas between. Empty: no webhook."""
    stripe_url: str = ""
    """Another address of Stripe's API, on this machine, for tests. Empty: Stripe itself."""
    sandbox: bool = False
    """A pretended payment service for demos: pages with Pay and Fail, and no money. Only with a local public URL."""
    poll_seconds: int = 60
    """How often the payment service is asked about orders it has said nothing about."""
    freeze_on_dispute: bool = True
    """Freeze the workspace whose payment was taken back by the payer's bank."""
    promo_tries: int = 20
    """Promo codes a workspace may try in an hour."""


@dataclass(frozen=True)
class Usage:
    retention_months: int = 24
    """Months that usage rows of single requests are kept; sums and the ledger are kept for ever. 0: for ever."""


@dataclass(frozen=True)
class Gateway:
    free_rpm: int = 600
    """Requests a minute a key may make to one process for what costs nothing: lists, balances, token counts. 0: any."""
    body_limit: int = 20 * 1024 * 1024
    """Bytes of a request body after decoding."""
    body_timeout: float = 60.0
    """Seconds a client may take to send its body."""
    queue_limit: int = 4096
    """Requests that may wait for admission in one process; more are answered 503 at once."""
    batch_limit: int = 256
    """Requests decided or settled by one database call."""
    lease_seconds: float = 30.0
    """How long a hold stays valid without a sign of life of its gateway."""
    checkpoint_seconds: float = 5.0
    """How often running requests report progress and renew their leases: the most output a crash can lose."""
    reaper_seconds: float = 5.0
    """How often a gateway looks for holds whose lease has ended."""
    stream_step_tokens: int = 2048
    """Output tokens a stream without max_tokens is held for at a time."""
    default_max_output_tokens: int = 4096
    """Output bound of a model whose entry names none."""
    connect_timeout: float = 5.0
    """Seconds to connect to a provider."""
    first_byte_timeout: float = 60.0
    """Seconds until a provider's first event."""
    progress_timeout: float = 60.0
    """Seconds between content events of a provider."""
    total_timeout: float = 900.0
    """Seconds one streamed request may take."""
    answer_timeout: float = 590.0
    """Seconds one non-stream request may take; the SDKs give up at 600."""
    commit_seconds: float = 10.0
    """A stream's HTTP status is held back this long for the first upstream event."""
    heartbeat_seconds: float = 15.0
    """A comment is sent to the client after this long without a byte."""
    client_stall_seconds: float = 30.0
    """A client that reads nothing for this long is disconnected."""
    settlement_wait_seconds: float = 5.0
    """How long an answer waits for its settlement before the local journal stands for it."""
    provider_connections: int = 4096
    """Requests one process may have in flight at one provider that has no bound of its own."""
    breaker_failures: int = 5
    """Failures in a row after which a route is not asked for a while."""
    breaker_cool_down: float = 30.0
    """Seconds until a route that failed is tried again; grows to ten times as much. 0 switches breakers off."""
    retry_burst: int = 10
    """Second attempts a provider gets beyond a tenth of its calls: when it fails, retries must not double its load."""
    body_memory: int = 256 * 1024 * 1024
    """Bytes of request bodies one process works on at a time; more are answered 503."""
    shed_lag_seconds: float = 0.25
    """A process whose event loop is later than this for two seconds answers new generations with 503."""


@dataclass(frozen=True)
class Risk:
    default_daily_limit: str = ""
    """Credits a new workspace may spend in a UTC day; empty is no limit."""
    history_days: int = 400
    """Days that rules about misuse keep what they judge by and what they found; cases stay. At least 366."""
    reconcile_percent: str = "5"
    """Percent by which a provider's own report of a day's cost may differ from what was recorded without an alert."""
    reconcile_credits: str = "1"
    """Credits by which it may differ without an alert, whatever the percent."""


@dataclass(frozen=True)
class Support:
    answer_hours: int = 24
    """Hours in which people who ask for support are told to expect an answer."""


@dataclass(frozen=True)
class Legal:
    directory: str = ""
    """Directory with terms, privacy notice and refund policy of your own, as Markdown. Empty: Omna's own texts."""


@dataclass(frozen=True)
class Secrets:
    master_key: str = ""
    """64 hex digits that protect stored secrets. Empty: `master.key` in the data directory, made at first use."""


@dataclass(frozen=True)
class Log:
    level: str = "info"
    """debug, info, warning or error."""
    format: str = "auto"
    """json, console, or auto: console on a terminal, json elsewhere."""


@dataclass(frozen=True)
class Tracing:
    """OpenTelemetry traces of requests. They need `omna[tracing]`, and never hold what people say to a model."""

    endpoint: str = ""
    """Where spans are sent, as OTLP over HTTP: `http://collector:4318/v1/traces`. Empty: no spans, and no cost."""
    headers: str = ""
    """Headers for the collector, as `name=value` with commas between: its key, for example."""
    service_name: str = "omna"
    """The name under which spans are found."""
    sample: float = 1.0
    """The part of requests that is traced, between 0 and 1."""
    accept_traceparent: bool = False
    """Continue the trace a client names in `traceparent`; it then also decides whether its request is traced."""
    send_traceparent: bool = False
    """Send `traceparent` to providers, so that one of your own continues the trace."""


Source = Literal["environment", "file", "default"]


@dataclass(frozen=True)
class Settings:
    data: Path
    """Directory of the embedded database, the local journal and the master key."""
    database: Database = field(default_factory=Database)
    server: Server = field(default_factory=Server)
    credits: Credits = field(default_factory=Credits)
    accounts: Accounts = field(default_factory=Accounts)
    sign_in: SignIn = field(default_factory=SignIn)
    mail: Mail = field(default_factory=Mail)
    payments: Payments = field(default_factory=Payments)
    usage: Usage = field(default_factory=Usage)
    gateway: Gateway = field(default_factory=Gateway)
    risk: Risk = field(default_factory=Risk)
    support: Support = field(default_factory=Support)
    legal: Legal = field(default_factory=Legal)
    secrets: Secrets = field(default_factory=Secrets)
    log: Log = field(default_factory=Log)
    tracing: Tracing = field(default_factory=Tracing)
    sources: Mapping[str, Source] = field(default_factory=dict)
    """Where settings that were given a value have it from, by the names of their variables."""


SECRET_FIELDS = frozenset(
    {
        ("database", "url"),
        ("secrets", "master_key"),
        ("mail", "smtp_url"),
        ("payments", "stripe_secret_key"),
        ("payments", "stripe_webhook_secret"),
        ("tracing", "headers"),
        ("sign_in", "google_client_secret"),
        ("sign_in", "github_client_secret"),
        ("sign_in", "oidc_client_secret"),
    }
)


@dataclass(frozen=True)
class Resolved:
    """A setting in force. A secret that is set shows only that. `source`: environment, file or default."""

    group: str
    name: str
    value: str | int | float | bool
    secret: bool
    source: Source


def resolved(settings: Settings) -> list[Resolved]:
    """Return every setting as it is in force, without secrets; what an operator may see."""
    shown = []
    for group in _groups():
        for option in fields(group.type):
            value = getattr(getattr(settings, group.name), option.name)
            secret = (group.name, option.name) in SECRET_FIELDS
            name = variable_name(group.name, option.name)
            if secret:
                value = "set" if value else ""
            shown.append(Resolved(group.name, name, value, secret, settings.sources.get(name, "default")))
    return shown


def default_data_directory(environment: Mapping[str, str]) -> Path:
    """Return the per-user data directory, by the XDG convention."""
    base = environment.get("XDG_DATA_HOME") or os.path.join(
        environment.get("HOME") or os.path.expanduser("~"), ".local", "share"
    )
    return Path(base) / "omna"


def load(environment: Mapping[str, str], data: Path | None = None) -> Settings:
    """Return the settings of this process.

    Errors  ConfigError naming the setting, when a value has the wrong type or the name is unknown
    """
    directory = data or Path(environment.get("OMNA_DATA") or default_data_directory(environment))
    values: dict[str, Any] = _from_file(environment, directory)
    sources = {variable_name(group, option): "file" for group, options in values.items() for option in options}
    for group in _groups():
        for option in fields(group.type):
            variable = variable_name(group.name, option.name)
            if variable in environment:
                values.setdefault(group.name, {})[option.name] = environment[variable]
                sources[variable] = "environment"
    values["sources"] = sources
    values["data"] = str(directory.expanduser().absolute())
    try:
        return msgspec.convert(values, Settings, strict=False, dec_hook=_decode_path)
    except msgspec.ValidationError as error:
        raise ConfigError(f"configuration: {error}") from None


def is_set(environment: Mapping[str, str], data: Path, group: str, option: str) -> bool:
    """Return whether the operator gave a setting a value, be it the default. Errors: ConfigError."""
    return variable_name(group, option) in environment or option in _from_file(environment, data).get(group, {})


def variable_name(group: str, option: str) -> str:
    return f"OMNA_{group}_{option}".upper()


def _groups() -> list[Any]:
    return [group for group in fields(Settings) if is_dataclass(group.type)]


def _from_file(environment: Mapping[str, str], directory: Path) -> dict[str, Any]:
    named = environment.get("OMNA_CONFIG")
    path = Path(named) if named else directory / "omna.toml"
    if not named and not path.exists():
        return {}
    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path}: {error}") from None
    known = {group.name: {option.name for option in fields(group.type)} for group in _groups()}
    for name, options in values.items():
        if name not in known or not isinstance(options, dict):
            raise ConfigError(f"{path}: there is no group [{name}]")
        for option in options:
            if option not in known[name]:
                raise ConfigError(f"{path}: there is no setting {name}.{option}")
    return values


def _decode_path(wanted: type, value: Any) -> Any:
    if wanted is Path:
        return Path(value)
    raise NotImplementedError(wanted)
