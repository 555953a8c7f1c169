"""Terms, privacy notice and refund policy in English."""

from omna.website.locales.legal import Document

DOCUMENTS = {
    "terms": Document(
        "Terms of service",
        "What you may expect of this installation of Omna, and what it expects of you.",
        (
            (
                "What Omna is",
                (
                    "Omna is a workspace and an OpenAI-compatible gateway to language models. Requests go to third-party providers; availability, quality, latency and behaviour may depend on them.",
                    "Features, models, prices and limits may change. The price of a request is the one shown when it was admitted.",
                ),
            ),
            (
                "What Omna is not",
                (
                    "Omna offers no proxy nodes, no airport subscriptions, no VPN, no node resale and no tools to get round regional restrictions.",
                ),
            ),
            (
                "Your account",
                (
                    "You answer for your account, your password and your keys. Keys are not published and not embedded in client-side code.",
                ),
            ),
            (
                "Credits",
                (
                    "Credits are prepaid usage balance. They are not a bank account, not a security, not a stored-value financial product and not cash.",
                ),
            ),
            (
                "What is forbidden",
                (
                    "Illegal activity, abuse, credential theft, spam, malware, attacks on platforms, excessive automation, and evading limits.",
                ),
            ),
            (
                "Limits and suspension",
                (
                    "Omna may apply request limits, daily spend limits, model and provider caps, reviews, freezes and emergency stops. An account may be suspended for abuse, payment disputes, chargebacks, security risk or a breach of these terms.",
                    "Chargebacks may bring a freeze, a risk review, the deduction of granted Credits, and a temporary or permanent loss of access.",
                ),
            ),
        ),
    ),
    "privacy": Document(
        "Privacy notice",
        "What is kept about you, why, and what is not.",
        (
            (
                "What may be collected",
                (
                    "Account e-mail, display name, password hash, session data, key metadata, usage, recharge records, support requests, audit logs and security events.",
                    "Payment references, recharge requests, refund reviews and support messages serve billing, disputes and the protection of the platform.",
                ),
            ),
            (
                "Prompts and answers",
                (
                    "Prompts and replies are processed by the upstream provider of the model you choose. Submit no secrets and no highly sensitive data. The text of API requests is not stored.",
                ),
            ),
            (
                "Passwords and keys",
                (
                    "They are never kept in plain text: passwords and keys are stored as hashes; of a key also its prefix, its last characters and its status.",
                ),
            ),
            (
                "Cookies",
                (
                    "One cookie keeps you signed in, one remembers your device, one protects forms for a few hours, and two keep the language and the colours you choose. There is no tracking, and no page asks another server for anything.",
                ),
            ),
            (
                "How long",
                (
                    "Operational records are kept as needed for support, billing history, abuse prevention, security, legal and accounting needs. Of an address that got starter Credits, a keyed digest is kept when its account is deleted, so that they are granted once. Questions go to the support address in the footer, or to the operator of this address.",
                ),
            ),
        ),
    ),
    "refund-policy": Document(
        "Refund policy",
        "When Credits can be paid back, and how to ask.",
        (
            (
                "Each case is looked at",
                (
                    "A person reviews each refund: payment status, Credits used, account behaviour, and the provider cost that was incurred.",
                    "Unused Credits may be refunded when the payment is verified and there is no abuse or dispute. Consumed Credits generally are not: the provider was already paid.",
                ),
            ),
            (
                "Paid twice",
                (
                    "A verified duplicate payment may be refunded or converted into Credits, by your preference and this policy.",
                ),
            ),
            (
                "Chargebacks",
                (
                    "Chargebacks may bring a freeze, a risk review, the deduction of granted Credits, and a temporary or permanent loss of access. Ask first.",
                ),
            ),
            (
                "How to ask",
                (
                    "Send a request with the account e-mail, the payment method, the payment reference, the amount and the reason to the support address in the footer, or to the operator of this address.",
                ),
            ),
        ),
    ),
}
