import { beforeAll, describe, expect, it, vi } from "vitest";

let viewingOf: (path: string) => string | null;

beforeAll(async () => {
  vi.stubGlobal("location", { pathname: "/app" });
  ({ viewingOf } = await import("./viewing"));
});

describe("viewingOf", () => {
  const id = `vw_${"0a".repeat(16)}`;

  it("knows the addresses of a viewing", () => {
    expect(viewingOf(`/console/view/${id}`)).toBe(id);
    expect(viewingOf(`/console/view/${id}/w/ws_1/ledger`)).toBe(id);
  });

  it("takes no other for one", () => {
    for (const path of ["/app", "/console", "/console/view/vw_1", `/console/view/${id}x`, `/app/console/view/${id}`, `/console/users/${id}`]) {
      expect(viewingOf(path)).toBeNull();
    }
  });
});
