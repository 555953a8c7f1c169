export const common = {
  "name.credits": "{amount} Credits",

  "copy.done": "Copied",
  "copy.selected": "Selected: copy it with Ctrl C",
  "snippet.language": "Language of the sample",
  "snippet.copy": "Copy {name}",

  "error.retry": "Try again",
  "error.copy_id": "Copy request id",
  "error.network": "Omna did not answer. Check the connection and try again; nothing you typed is lost.",
  "error.unreadable": "Something went wrong that we cannot name. Try again.",
  "error.internal": "Something broke on our side. If anything was charged, the receipt of the request shows it.",
  "error.away": "The database is away for a moment. Nothing was changed; try again.",
  "error.not_found": "There is no such thing, or not any more.",
  "error.forbidden": "Your role does not allow this.",
  "error.rate": "Too many tries. Wait a moment and try again.",
  "error.unverified": "Verify your e-mail address first. Nothing was changed.",
  "error.unapproved": "Your account is waiting for review. Nothing was changed.",
  "error.invalid": "One of the values is not allowed.",

  "wait.loading": "Loading",
  "wait.slow": "This takes longer than it should.",

  "table.pages": "Pages of the table",
  "table.first": "First page",
  "table.next": "Next page",

  "dialog.close": "Close",
  "confirm.cancel": "Cancel",
  "confirm.type": "Type {text} to confirm",

  "secret.once": "This is shown once and never again. Keep it like a password: do not publish it, and do not put it into a page or an app that others can read.",
  "secret.stored": "I have stored it",
  "secret.close": "Done",

  "password.show": "Show password",

  "stepup.title": "Confirm that it is you",
  "stepup.why": "This needs a fresh proof of who you are. It counts for this one act.",
  "stepup.method": "How to confirm",
  "stepup.password": "Password",
  "stepup.code": "Code",
  "stepup.code_hint": "From your authenticator app, or a recovery code",
  "stepup.passkey": "Passkey",
  "stepup.use_passkey": "Use passkey",
  "stepup.nothing": "You can only confirm with a passkey, and this browser cannot use one at this address. Sign in again with another browser, or over https.",
  "stepup.confirm": "Confirm",

  "soon.title": "This page is being built",
} as const;
