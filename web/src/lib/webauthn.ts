/* Passkeys speak base64url on the wire and bytes in the browser. Newer browsers translate; this does it for all. */

type Json = Record<string, unknown>;

/** Return whether this browser can use passkeys here (they need https or localhost). */
export function passkeysWork(): boolean {
  return typeof PublicKeyCredential === "function" && isSecureContext;
}

/** Ask for an assertion. options: as /api gives them. Errors: DOMException when the person gives up. */
export async function assertPasskey(options: Json): Promise<Json> {
  const given = (options.publicKey ?? options) as Json;
  const credential = await navigator.credentials.get({
    publicKey: {
      ...given,
      challenge: bytes(given.challenge),
      allowCredentials: descriptors(given.allowCredentials),
    } as PublicKeyCredentialRequestOptions,
  });
  return toJson(credential as PublicKeyCredential);
}

/** Make a passkey. options: as /api gives them. Errors: DOMException when the person gives up. */
export async function createPasskey(options: Json): Promise<Json> {
  const given = (options.publicKey ?? options) as Json;
  const user = given.user as Json;
  const credential = await navigator.credentials.create({
    publicKey: {
      ...given,
      challenge: bytes(given.challenge),
      user: { ...user, id: bytes(user.id) },
      excludeCredentials: descriptors(given.excludeCredentials),
    } as unknown as PublicKeyCredentialCreationOptions,
  });
  return toJson(credential as PublicKeyCredential);
}

function descriptors(given: unknown): PublicKeyCredentialDescriptor[] {
  return Array.isArray(given) ? given.map((one: Json) => ({ ...one, id: bytes(one.id) }) as unknown as PublicKeyCredentialDescriptor) : [];
}

function toJson(credential: PublicKeyCredential): Json {
  const { response } = credential;
  const answer: Json = { clientDataJSON: text(response.clientDataJSON) };
  if (response instanceof AuthenticatorAttestationResponse) {
    answer.attestationObject = text(response.attestationObject);
    answer.transports = response.getTransports();
  } else if (response instanceof AuthenticatorAssertionResponse) {
    answer.authenticatorData = text(response.authenticatorData);
    answer.signature = text(response.signature);
    answer.userHandle = response.userHandle === null ? null : text(response.userHandle);
  }
  return {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: answer,
  };
}

function bytes(base64url: unknown): Uint8Array<ArrayBuffer> {
  const binary = atob(String(base64url).replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

function text(buffer: ArrayBuffer): string {
  const binary = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("");
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}
