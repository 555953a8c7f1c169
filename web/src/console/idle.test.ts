import { expect, test } from "vitest";

import { CLOSE_SECONDS, phaseOf, WARN_SECONDS } from "./idle";

test("warns a minute before it closes", () => {
  expect(phaseOf(0)).toBe("used");
  expect(phaseOf(WARN_SECONDS - 1)).toBe("used");
  expect(phaseOf(WARN_SECONDS)).toBe("warn");
  expect(phaseOf(CLOSE_SECONDS)).toBe("over");
});
