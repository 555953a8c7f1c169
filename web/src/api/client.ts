import createClient from "openapi-fetch";

import { ApiError, type Problem, problemOf } from "./problem";
import type { components, paths } from "./schema";
import { askToOpen } from "./consoleDoor";
import { askToConfirm } from "./stepUp";
import { markViewing } from "./viewing";

/** Every body of /api by its name: `Schemas["KeyRow"]`. */
export type Schemas = components["schemas"];

/**
 * The typed client. Always through `ask`, which turns a refusal into an ApiError.
 *
 * What is chosen with one press and shown at once is sent with `keepalive`: it arrives though the page is left.
 */
export const api = createClient<paths>({ fetch: send });

/** The client of a page of a viewing for what its reader does as themselves: ending it. */
export const ownApi = createClient<paths>({ fetch: (request) => send(request, true) });

type Answer<T> = Promise<{ data?: T; error?: unknown; response: Response }>;

/**
 * Return the body of an answer.
 *
 * Errors  ApiError with the problem that /api names; its code is `network` when nothing came back
 */
export async function ask<T>(answer: Answer<T>): Promise<T> {
  const { data, error, response } = await answer;
  if (response.ok) return data as T;
  throw new ApiError(response.status, problemOf(error, response.headers.get("x-request-id")));
}

async function send(request: Request, own = false): Promise<Response> {
  if (!own)
    markViewing((name, value) => {
      request.headers.set(name, value);
    });
  if (request.method !== "GET") {
    // A form of another site can send neither.
    request.headers.set("x-omna-request", "1");
    if (!request.headers.has("content-type")) request.headers.set("content-type", "application/json");
  }
  const again = request.clone();
  const response = await over(request);
  if (response.status === 401) {
    const here = location.pathname + location.search;
    location.assign(`/sign-in?next=${encodeURIComponent(here)}`);
    // The page is about to go: leave the caller waiting rather than flash an error.
    return new Promise(() => undefined);
  }
  if (response.status !== 403) return response;
  const { error } = (await response.clone().json()) as { error?: Problem };
  switch (error?.code) {
    case "step_up_required":
      return (await askToConfirm(error.details)) ? over(again) : response;
    case "console_closed":
      // Opened anew, the act may still need a proof of its own.
      return (await askToOpen()) ? send(again, own) : response;
    case "viewing_over":
      location.assign("/console");
      return new Promise(() => undefined);
    default:
      return response;
  }
}

async function over(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch (failure) {
    if (failure instanceof DOMException && failure.name === "AbortError") throw failure;
    throw new ApiError(0, problemOf({ error: { code: "network", message: "" } }, null));
  }
}
