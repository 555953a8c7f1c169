import { expect, test } from "vitest";

import { hostOf, otherHost, safeAddress, straight } from "./links";

test("only https and mailto are followed", () => {
  expect(safeAddress("https://example.org/a?b#c")).toBe("https://example.org/a?b#c");
  expect(safeAddress("mailto:a@example.org")).toBe("mailto:a@example.org");
  const refused = [
    "http://example.org", "javascript:alert(1)", " javascript:alert(1)", "java\nscript:alert(1)", "JaVaScRiPt:alert(1)", "\u0001javascript:alert(1)",
    "data:text/html,<script>", "vbscript:x", "file:///etc/passwd", "blob:https://a/b", "//example.org", "/app/settings", "#x", "", "about:blank",
    "https://bank.example@evil.example/", "https:", "intent://x", "ftp://a.b",
  ];
  for (const address of refused) expect(safeAddress(address), address).toBeNull();
});

test("a host is told as it is reached", () => {
  expect(hostOf("https://xn--80ak6aa92e.com/x")).toBe("xn--80ak6aa92e.com");
  expect(hostOf("https://аррӏе.com/x")).toBe("xn--80ak6aa92e.com");
  expect(hostOf("data:image/png;base64,AA")).toBeNull();
  expect(otherHost("https://bank.example/login", "https://evil.example/")).toBe("evil.example");
  expect(otherHost("bank.example", "https://evil.example/")).toBe("evil.example");
  expect(otherHost("https://www.bank.example", "https://bank.example/")).toBeNull();
  expect(otherHost("the bank", "https://evil.example/")).toBeNull();
  expect(otherHost("Node.js", "https://nodejs.org/")).toBe("nodejs.org");
});

test("text is read in the order in which it is written", () => {
  expect(straight("a\u202Egpj.exe\u202C")).toBe("agpj.exe");
  expect(straight("\u2067שלום\u2069")).toBe("\u2067שלום\u2069");
});
