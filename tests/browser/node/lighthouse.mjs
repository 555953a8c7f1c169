// Judges pages with Lighthouse, as somebody who has a cookie.
// Standard input: {port, origin, cookie: {name, value}, addresses, whole, categories}; standard output: a line of JSON a page.
// The first `whole` pages are judged while they load, the others as they stand then: what is asked only of loading (errors
// in the console, requests that leave the site) every test of a page asks, and a judged load takes ten times as long.
import lighthouse, { snapshot } from "lighthouse";
import puppeteer from "puppeteer-core";
import { text } from "node:stream/consumers";

const { port, origin, cookie, addresses, whole, categories } = JSON.parse(await text(process.stdin));
const browser = await puppeteer.connect({ browserURL: `http://127.0.0.1:${port}`, defaultViewport: null });
let page = await browser.newPage();
await page.setCookie({ ...cookie, url: origin });

async function judge(address, loading) {
  const flags = {
    logLevel: "error",
    onlyCategories: categories,
    formFactor: "desktop",
    screenEmulation: { disabled: true },
    throttlingMethod: "provided",
    disableStorageReset: true,
    disableFullPageScreenshot: true,
    pauseAfterFcpMs: 0,
    pauseAfterLoadMs: 0,
    networkQuietThresholdMs: 500,
    cpuQuietThresholdMs: 200,
    maxWaitForLoad: 20_000,
  };
  if (loading) return lighthouse(origin + address, flags, undefined, page);
  await page.goto(origin + address, { waitUntil: "networkidle0" });
  return snapshot(page, { flags });
}

for (const [number, address] of addresses.entries()) {
  let judged;
  try {
    judged = await judge(address, number < whole);
  } catch (error) {
    // The browser let go of the tab, which says nothing about the page.
    if (!/Session closed|Target closed/.test(error.message)) throw error;
    page = await browser.newPage();
    judged = await judge(address, number < whole);
  }
  const { lhr } = judged;
  const failed = Object.values(lhr.audits)
    .filter((audit) => audit.score !== null && audit.score < 1)
    .map((audit) => `${audit.id}: ${audit.title} ${JSON.stringify(audit.details?.items ?? []).slice(0, 400)}`);
  const scores = Object.fromEntries(Object.values(lhr.categories).map(({ id, score }) => [id, score]));
  const shown = lhr.finalDisplayedUrl.replace(origin, "");
  console.log(JSON.stringify({ address, shown, scores, failed, error: lhr.runtimeError?.message ?? null }));
}
await browser.disconnect();
