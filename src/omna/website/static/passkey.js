// Signs in with a passkey: offered in the address field where the browser can, and by a button everywhere else.
//
//   form#sign-in  or  form#second-step     data-next: where to go afterwards
//   button#passkey[hidden]                 data-refused: what to say when it does not work
//   #passkey-problem[hidden role=alert]    where to say it
//
// Without scripts, or in a browser without passkeys, the button stays away.
const form = document.querySelector("form#sign-in, form#second-step");
const button = document.getElementById("passkey");
const problem = document.getElementById("passkey-problem");
const secondStep = form?.id === "second-step";

// The server forgets a challenge after five minutes; one that waits in the address field is renewed before.
const RENEW_AFTER = 4 * 60 * 1000;
let waiting = null;
let renewal = 0;
let chosen = false;

const bytes = (text) => {
  const base64 = text.replace(/-/g, "+").replace(/_/g, "/");
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
};
const text = (buffer) => {
  let binary = "";
  for (const byte of new Uint8Array(buffer)) binary += String.fromCharCode(byte);
  return btoa(binary).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
};

async function post(path, body) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "content-type": "application/json", "x-omna-request": "1" },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
  return answer.json();
}

// Browsers learnt to read and write the JSON form later than passkeys themselves.
const parsed = (options) =>
  PublicKeyCredential.parseRequestOptionsFromJSON?.(options) ?? {
    ...options,
    challenge: bytes(options.challenge),
    allowCredentials: (options.allowCredentials ?? []).map((key) => ({ ...key, id: bytes(key.id) })),
  };
const written = (credential) =>
  credential.toJSON?.() ?? {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    response: {
      clientDataJSON: text(credential.response.clientDataJSON),
      authenticatorData: text(credential.response.authenticatorData),
      signature: text(credential.response.signature),
      userHandle: credential.response.userHandle ? text(credential.response.userHandle) : null,
    },
    clientExtensionResults: {},
  };

// mediation "conditional": the browser offers keys in the address field and waits; undefined: it asks at once.
async function signIn(mediation) {
  waiting?.abort();
  clearTimeout(renewal);
  const mine = (waiting = new AbortController());
  chosen = false;
  const { options } = await post("/api/access/passkey/options", { second_step: secondStep });
  if (mine.signal.aborted) return;
  if (mediation) renewal = setTimeout(offer, RENEW_AFTER);
  const credential = await navigator.credentials.get({ publicKey: parsed(options), mediation, signal: mine.signal });
  chosen = true;
  clearTimeout(renewal);
  const { next } = await post("/api/access/passkey", { credential: written(credential), next: form.dataset.next || "/app" });
  location.assign(next);
}

function complain(error) {
  // Somebody who closes the browser's own window has said no, and needs no answer.
  if (error.name === "AbortError" || error.name === "NotAllowedError") return;
  if (!problem) return;
  problem.textContent = button.dataset.refused ?? "";
  problem.hidden = false;
}

async function offer() {
  try {
    await signIn("conditional");
  } catch (error) {
    // Nobody asked for what is only offered: some browsers have no keys to offer, and say so like this.
    if (chosen) complain(error);
  }
}

async function press() {
  button.disabled = true;
  if (problem) problem.hidden = true;
  try {
    await signIn(undefined);
  } catch (error) {
    complain(error);
    await prepare();
  } finally {
    button.disabled = false;
  }
}

async function prepare() {
  if (!secondStep && (await PublicKeyCredential.isConditionalMediationAvailable?.())) offer();
}

if (form && button && window.PublicKeyCredential) {
  button.hidden = false;
  button.addEventListener("click", press);
  prepare();
} else {
  // Its place was kept.
  button?.remove();
}
