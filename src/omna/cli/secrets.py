"""`omna secrets …`"""

from cyclopts import App

from omna.accounts import totp
from omna.alerts import settings as alert_settings
from omna.audit import service as audit
from omna.catalog import service as catalog
from omna.chat.sharing import links
from omna.cli.output import print_facts, print_json
from omna.cli.session import DEFAULTS, Options, command_actor, session
from omna.risk.reconciliation import service as reconciliation
from omna.vault import service as vault

app = App(name="secrets", help="The master key.")


@app.command
async def rotate(*, options: Options = DEFAULTS) -> None:
    """Seal every secret with a new master key. Interrupted, it is finished by running it again."""
    async with session(options) as work:
        old = work.keyring.ids
        vault.begin_rotation(work.keyring)
        async with work.connection.transaction():
            count = await catalog.reseal_secrets(work.connection, work.keyring)
            authenticators = await totp.reseal(work.connection, work.keyring)
            reporting = await reconciliation.reseal(work.connection, work.keyring)
            webhooks = await alert_settings.reseal(work.connection, work.keyring)
            await links.reseal(work.connection, work.keyring)
            await vault.reseal(work.connection, work.keyring)
            await audit.record(
                work.connection,
                command_actor(work.keyring),
                "secrets.rotate",
                work.keyring.current_id,
                before={"keys": old},
                after={
                    "key": work.keyring.current_id,
                    "provider_secrets": count,
                    "reporting_keys": reporting,
                    "authenticators": authenticators,
                    "webhook_secrets": webhooks,
                },
            )
        dropped = vault.finish_rotation(work.keyring)
    facts = {
        "key": work.keyring.current_id,
        "provider_secrets": count,
        "reporting_keys": reporting,
        "authenticators": authenticators,
        "webhook_secrets": webhooks,
        "old_key": "dropped" if dropped else "remove it from OMNA_SECRETS_MASTER_KEY wherever Omna runs",
    }
    if options.json:
        print_json(facts)
    else:
        print_facts(facts)
