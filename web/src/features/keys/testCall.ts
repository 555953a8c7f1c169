/* One real call with a new key, from this page. It goes to /v1 of the same site, as any program of the customer does. */

export interface Answered {
  ok: true;
  text: string;
  /** A decimal string of Credits. */
  cost: string | null;
  request: string;
}

export interface Refused {
  ok: false;
  message: string;
  /** More Credits would help. */
  poor: boolean;
  request: string;
}

interface Body {
  choices?: { message?: { content?: string | null } }[];
  usage?: { cost_details?: { total?: string } };
  error?: { message?: string; code?: string };
}

const LONGEST_TOKENS = 64;

export async function testCall(secret: string, model: string): Promise<Answered | Refused> {
  const response = await fetch("/v1/chat/completions", {
    method: "POST",
    // The key answers for this call, not the person who is signed in.
    credentials: "omit",
    headers: { authorization: `Bearer ${secret}`, "content-type": "application/json" },
    body: JSON.stringify({ model, messages: [{ role: "user", content: "Say hello in one short sentence." }], max_tokens: LONGEST_TOKENS }),
  });
  const request = response.headers.get("x-request-id") ?? "";
  const body = (await response.json().catch(() => ({}))) as Body;
  if (!response.ok) return { ok: false, message: body.error?.message ?? `HTTP ${response.status}`, poor: body.error?.code === "insufficient_credits", request };
  return {
    ok: true,
    text: body.choices?.[0]?.message?.content ?? "",
    cost: body.usage?.cost_details?.total ?? null,
    request,
  };
}
