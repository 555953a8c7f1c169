// Judges pages with Lighthouse, as somebody who has a cookie.
// Standard input: {port, origin, cookie: {name, value}, addresses, whole, categories, preset}; standard output: a line of
// JSON a page.
// The first `whole` pages are judged while they load, the others as they stand then: what is asked only of loading (errors
// in the console, requests that leave the site) every test of a page asks, and a judged load takes ten times as long.
// With a preset, "mobile" or "desktop", speed is worked out for the line and the processor that Lighthouse takes for usual,
// and every page comes to an empty cache; without one, pages are as fast as they are here.
// What the page's own thread did counts for the time that it worked, not for the time that others kept it waiting: a busy
// machine makes a page hardly slower.
import { auditFlowArtifacts, desktopConfig, snapshot, startFlow } from "lighthouse";
import puppeteer from "puppeteer-core";
import { text } from "node:stream/consumers";

const { port, origin, cookie, addresses, whole, categories, preset } = JSON.parse(await text(process.stdin));
const browser = await puppeteer.connect({ browserURL: `http://127.0.0.1:${port}`, defaultViewport: null });
let page = await browser.newPage();
await page.setCookie({ ...cookie, url: origin });

const HERE = { formFactor: "desktop", screenEmulation: { disabled: true }, throttlingMethod: "provided", disableStorageReset: true };
const flags = {
  logLevel: "error",
  onlyCategories: categories,
  disableFullPageScreenshot: true,
  pauseAfterFcpMs: 0,
  pauseAfterLoadMs: 0,
  networkQuietThresholdMs: 500,
  cpuQuietThresholdMs: 200,
  maxWaitForLoad: 20_000,
  ...(preset ? {} : HERE),
};
const config = preset === "desktop" ? desktopConfig : undefined;

async function judge(address, loading) {
  if (loading) {
    const flow = await startFlow(page, { config, flags });
    await flow.navigate(origin + address);
    const seen = flow.createArtifactsJson();
    for (const { artifacts } of seen.gatherSteps) leaveOutWaiting(artifacts.Trace.traceEvents);
    return (await auditFlowArtifacts(seen, config)).steps[0];
  }
  await page.goto(origin + address, { waitUntil: "networkidle0" });
  return snapshot(page, { flags });
}

/** Let each task take the time that its thread worked, and what happened in it happen that much earlier. */
function leaveOutWaiting(events) {
  const threads = new Map();
  for (const event of events) {
    const thread = `${event.pid}:${event.tid}`;
    if (!threads.has(thread)) threads.set(thread, []);
    threads.get(thread).push(event);
  }
  for (const of of threads.values()) {
    of.sort((one, other) => one.ts - other.ts || (other.dur ?? 0) - (one.dur ?? 0));
    let begin = 0, end = 0, share = 1;
    for (const event of of) {
      if (event.ts >= end) {
        if (!(event.ph === "X" && event.tdur < event.dur)) continue;
        [begin, end, share] = [event.ts, event.ts + event.dur, event.tdur / event.dur];
      }
      event.ts = begin + (event.ts - begin) * share;
      if (event.dur !== undefined) event.dur *= share;
    }
  }
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
    .map((audit) => `${audit.id}: ${audit.title} ${audit.displayValue ?? ""} ${JSON.stringify(audit.details?.items ?? []).slice(0, 400)}`);
  const scores = Object.fromEntries(Object.values(lhr.categories).map(({ id, score }) => [id, score]));
  const shown = lhr.finalDisplayedUrl.replace(origin, "");
  console.log(JSON.stringify({ address, shown, scores, failed, error: lhr.runtimeError?.message ?? null }));
}
await browser.disconnect();
