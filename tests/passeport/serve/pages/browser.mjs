// Drives a headless Chromium over its own protocol: reads [{url, width, dark, script: [...], picture}] from
// standard input, and writes for each what the expressions gave, which requests left and what the browser
// complained about.

import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";

const [program, profile] = process.argv.slice(2);
const visits = JSON.parse(readFileSync(0, "utf8"));
const flags = [
  "--headless=new",
  "--no-sandbox",
  "--disable-gpu",
  "--no-first-run",
  "--disable-background-networking",
  "--hide-scrollbars",
  "--accept-lang=fr",
  "--remote-debugging-port=0",
  `--user-data-dir=${profile}`,
];

const browser = spawn(program, [...flags, "about:blank"], { stdio: ["ignore", "ignore", "pipe"] });
const address = await new Promise((found, failed) => {
  let said = "";
  browser.stderr.on("data", (chunk) => {
    said += chunk;
    const match = /DevTools listening on (ws:\S+)/.exec(said);
    if (match) found(match[1]);
  });
  browser.on("exit", () => failed(new Error(said)));
});
const socket = new WebSocket(address);
await new Promise((ready) => (socket.onopen = ready));

let last = 0;
const waiting = new Map();
let heard = () => {};
socket.onmessage = ({ data }) => {
  const message = JSON.parse(data);
  if (!message.id) return heard(message);
  const { found, failed } = waiting.get(message.id);
  waiting.delete(message.id);
  if (message.error) failed(new Error(JSON.stringify(message.error)));
  else found(message.result);
};
const ask = (method, params = {}, sessionId) =>
  new Promise((found, failed) => {
    waiting.set(++last, { found, failed });
    socket.send(JSON.stringify({ id: last, method, params, sessionId }));
  });

async function visit({ url, width, dark, script = [], picture, scripts = true }) {
  const { targetId } = await ask("Target.createTarget", { url: "about:blank" });
  const { sessionId } = await ask("Target.attachToTarget", { targetId, flatten: true });
  const page = (method, params) => ask(method, params, sessionId);
  const requests = [];
  const complaints = [];
  let loaded = () => {};
  heard = ({ method, params }) => {
    if (method === "Network.requestWillBeSent")
      requests.push(`${params.request.method} ${params.request.url} ${params.request.postData ?? ""}`);
    if (method === "Log.entryAdded") complaints.push(`${params.entry.source}: ${params.entry.text}`);
    if (method === "Runtime.exceptionThrown") complaints.push(params.exceptionDetails.text);
    if (method === "Page.javascriptDialogOpening") complaints.push(`dialog: ${params.message}`);
    if (method === "Page.loadEventFired") loaded();
  };
  for (const domain of ["Page", "Network", "Log", "Runtime"]) await page(`${domain}.enable`);
  await page("Emulation.setScriptExecutionDisabled", { value: !scripts });
  const metrics = { width, height: 800, deviceScaleFactor: 1, mobile: width < 600 };
  await page("Emulation.setDeviceMetricsOverride", metrics);
  const scheme = { name: "prefers-color-scheme", value: dark ? "dark" : "light" };
  await page("Emulation.setEmulatedMedia", { features: [scheme] });
  const done = new Promise((ready) => (loaded = ready));
  await page("Page.navigate", { url });
  await done;
  const values = [];
  for (const expression of script) {
    const asked = { expression, awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails } = await page("Runtime.evaluate", asked);
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    values.push(result.value ?? null);
  }
  if (picture) {
    const { cssContentSize } = await page("Page.getLayoutMetrics");
    await page("Emulation.setDeviceMetricsOverride", { ...metrics, height: Math.ceil(cssContentSize.height) });
    const { data } = await page("Page.captureScreenshot", { format: "png" });
    writeFileSync(picture, Buffer.from(data, "base64"));
  }
  await ask("Target.closeTarget", { targetId });
  return { values, requests, complaints };
}

const told = [];
for (const one of visits) told.push(await visit(one));
process.stdout.write(JSON.stringify(told));
await ask("Browser.close").catch(() => {});
socket.close();
