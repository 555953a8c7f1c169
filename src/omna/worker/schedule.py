"""The table of periodic jobs, times in UTC. Each turn is run by one worker of the cluster."""

from omna.config import Settings
from omna.jobs.periodic import Periodic
from omna.worker.accounts import sweep_accounts
from omna.worker.alerts import deliver_alerts, sweep_alerts, tell_alerts
from omna.worker.audit import check_all, check_asked, check_new, tell_head
from omna.worker.chats import purge_chats, resolve_answers
from omna.worker.credits import expire_proposals
from omna.worker.freezes import end_freezes
from omna.worker.invitations import sweep_invitations
from omna.worker.ledger import expire_promos, seal, store_lines, verify
from omna.worker.mail import send_mails, sweep_outbox
from omna.worker.notices import tell_limits, tell_low_balances
from omna.worker.payments import Checkout, ask_processors, compare_payments, pay_refunds, top_up
from omna.worker.protection import protect, watch_margins, watch_operations, watch_spending
from omna.worker.providers import reconcile_providers, sweep_vitals
from omna.worker.recharges import expire_recharges
from omna.worker.risk import forget_hits, watch_events, watch_usage
from omna.worker.uploads import sweep_uploads
from omna.worker.usage import forget_answers, forget_requests, make_partitions, mend, roll_up
from omna.worker.viewings import end_viewings


def schedule(settings: Settings) -> tuple[Periodic, ...]:
    """Return the jobs of a worker. Errors: ConfigError for a setting that a job cannot use."""
    checkout = Checkout(settings)
    jobs = (
        # name                      minute hour day month weekday second
        Periodic("ledger-seal",         "* * * * *",        seal),
        Periodic("ledger-promo-expiry", "* * * * *",        expire_promos),
        Periodic("ledger-lines",        "* * * * *",        store_lines),
        Periodic("ledger-verify",       "17 3 * * *",       verify),
        Periodic("audit-head",          "* * * * *",        tell_head),
        Periodic("audit-verify",        "37 3 * * *",       check_all(settings)),
        Periodic("audit-verify-new",    "*/5 * * * *",      check_new(settings)),
        Periodic("checks-asked",        "* * * * * */5",    check_asked(settings)),
        Periodic("usage-partitions",    "7 0 * * *",        make_partitions),
        Periodic("usage-roll-up",       "* * * * *",        roll_up),
        Periodic("usage-mend",          "41 2 * * *",       mend),
        Periodic("providers-sweep",     "33 * * * *",       sweep_vitals),
        Periodic("providers-reconcile", "56 5,23 * * *",    reconcile_providers(settings)),
        Periodic("usage-retention",     "13 4 * * *",       forget_requests(settings)),
        Periodic("idempotency-sweep",   "23 * * * *",       forget_answers),
        Periodic("mail-send",           "* * * * * */5",    send_mails(settings)),
        Periodic("mail-sweep",          "37 * * * *",       sweep_outbox),
        Periodic("accounts-sweep",      "47 * * * *",       sweep_accounts),
        Periodic("invitations-sweep",   "53 * * * *",       sweep_invitations),
        Periodic("uploads-sweep",       "57 * * * *",       sweep_uploads),
        Periodic("chats-purge",         "* * * * *",        purge_chats),
        Periodic("chats-resolve",       "* * * * * */15",   resolve_answers),
        Periodic("freezes-end",         "* * * * * */5",    end_freezes(settings)),
        Periodic("notice-balances",     "* * * * *",        tell_low_balances),
        Periodic("recharges-expire",    "* * * * *",        expire_recharges(settings)),
        Periodic("viewings-end",        "* * * * *",        end_viewings(settings)),
        Periodic("credits-expire",      "51 * * * *",       expire_proposals(settings)),
        Periodic("notice-limits",       "* * * * *",        tell_limits),
        Periodic("payments-poll",       "* * * * * */10",   ask_processors(checkout)),
        Periodic("payments-reconcile",  "27 4 * * *",       compare_payments(checkout)),
        Periodic("refunds-pay-out",     "* * * * * */15",   pay_refunds(checkout)),
        Periodic("auto-top-up",         "* * * * * */20",   top_up(checkout)),
        Periodic("alerts-tell",         "* * * * * */10",   tell_alerts(settings)),
        Periodic("alerts-deliver",      "* * * * * */5",    deliver_alerts(settings)),
        Periodic("alerts-sweep",        "33 4 * * *",       sweep_alerts),
        Periodic("protection",          "* * * * * */15",   protect(settings)),
        Periodic("protection-spend",    "* * * * *",        watch_spending(settings)),
        Periodic("protection-margins",  "*/5 * * * *",      watch_margins),
        Periodic("risk-events",         "* * * * * */10",   watch_events(settings)),
        Periodic("risk-usage",          "* * * * *",        watch_usage(settings)),
        Periodic("risk-sweep",          "33 4 * * *",       forget_hits(settings)),
    )  # fmt: skip
    return (*jobs, Periodic("operations-watch", "* * * * *", watch_operations([job.name for job in jobs])))
