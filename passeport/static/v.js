// The page /v: opens what stands in the fragment of the address, on a click and not before.
// The key of a link is used here and sent nowhere: what goes out is the name of the link, then the
// decrypted presentation, to be verified by the service that this page came from.

const PAYLOAD = /^#([LOT])([A-Za-z0-9_-]+)$/;
const SEALED = /^([A-Za-z0-9_-]+)\.\.([A-Za-z0-9_-]{16})\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{22})$/;
const NAME_BYTES = 16;
const KEY_BYTES = 32;

/** Returns {kind, body} of a fragment of ours, or null. */
export function payload(fragment) {
  const found = PAYLOAD.exec(fragment);
  return found && { kind: found[1], body: found[2] };
}

/** Returns the name and the key of an L link; throws for one that is not whole. */
export function link(body) {
  const bytes = fromBase64url(body);
  if (bytes.length !== NAME_BYTES + KEY_BYTES) throw new Error("damaged");
  return { name: toBase64url(bytes.subarray(0, NAME_BYTES)), key: bytes.subarray(NAME_BYTES) };
}

/** Returns the text in a JWE (RFC 7516, dir and A256GCM, no other); throws when it was changed. */
export async function unseal(token, key) {
  const parts = SEALED.exec(token);
  const header = parts && JSON.parse(new TextDecoder().decode(fromBase64url(parts[1])));
  if (!header || Object.keys(header).length !== 2 || header.alg !== "dir" || header.enc !== "A256GCM") {
    throw new Error("unreadable");
  }
  const [iv, text, tag] = parts.slice(2).map(fromBase64url);
  const sealed = new Uint8Array(text.length + tag.length);
  sealed.set(text);
  sealed.set(tag, text.length);
  const opener = await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["decrypt"]);
  const additionalData = new TextEncoder().encode(parts[1]);
  const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData }, opener, sealed);
  return new TextDecoder("utf-8", { fatal: true }).decode(plain);
}

function fromBase64url(text) {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

function toBase64url(bytes) {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** What a person is told: a sentence of the page, or the service's own. */
class Told extends Error {}

const lang = () => document.documentElement.lang;

async function post(url, body, headers = {}) {
  let answer;
  try {
    answer = await fetch(url, {
      method: "POST",
      body,
      headers: { ...headers, "Accept-Language": lang() },
      credentials: "omit",
      cache: "no-store",
      redirect: "error",
    });
  } catch {
    throw new Error("unreachable");
  }
  if ((answer.headers.get("content-type") ?? "").startsWith("application/problem+json")) {
    const problem = await answer.json();
    throw new Told(`${problem.detail} ${problem.nextStep ?? ""}`);
  }
  return answer;
}

async function shared(body) {
  const { name, key } = link(body);
  if (!globalThis.crypto?.subtle) throw new Error("unsafe");
  const answer = await post(`/links/${name}/view`, "{}", { "Content-Type": "application/json" });
  const { ciphertext } = await answer.json();
  try {
    return { text: await unseal(ciphertext, key), link: name };
  } catch {
    throw new Error("unreadable");
  }
}

async function open({ kind, body }) {
  const given = kind === "L" ? await shared(body) : { text: `https://${location.host}/v#${kind}${body}` };
  const page = await (await post(`/v/check?lang=${lang()}`, new URLSearchParams(given))).text();
  show(new DOMParser().parseFromString(page, "text/html"));
}

/** Puts the answered page in the place of this one; its scripts do not run, its links are ours. */
function show(answered) {
  document.title = answered.title;
  document.querySelector("main").replaceWith(document.adoptNode(answered.querySelector("main")));
  ready();
  document.querySelector("h1").focus();
  scrollTo(0, 0);
}

/** Shows the button that opens what the address says, or takes it away. */
function ready() {
  const section = document.querySelector("#ouvrir");
  const found = payload(location.hash);
  for (const other of document.querySelectorAll("[data-keeps-fragment]")) other.hash = location.hash;
  if (!section) return;
  const button = section.querySelector("[data-open]");
  const said = section.querySelector("[data-said]");
  section.hidden = !found && !/^#[LOTR]/.test(location.hash);
  said.textContent = section.hidden || found ? "" : section.dataset.damaged;
  button.hidden = !found;
  button.onclick = async () => {
    button.disabled = true;
    said.textContent = section.dataset.wait;
    try {
      await open(found);
    } catch (error) {
      said.textContent =
        error instanceof Told ? error.message : (section.dataset[error.message] ?? section.dataset.damaged);
    }
    button.disabled = false;
  };
}

/** A pasted link to this very page is opened in it, so that its key is not sent. */
function pasted(event) {
  const field = event.target.closest("[data-paste]")?.querySelector("textarea");
  if (!field || !URL.canParse(field.value.trim())) return;
  const address = new URL(field.value.trim());
  if (address.host !== location.host || address.pathname !== "/v" || !address.hash.startsWith("#L")) return;
  event.preventDefault();
  location.hash = address.hash;
  ready();
  document.querySelector("#ouvrir [data-open]")?.scrollIntoView({ block: "center" });
  document.querySelector("#ouvrir [data-open]")?.focus();
}

/** A file that the service would refuse is not sent. */
function chosen({ target }) {
  if (target.type !== "file") return;
  const large = target.files[0]?.size > Number(target.dataset.most);
  target.setCustomValidity(large ? target.dataset.tooLarge : "");
  target.reportValidity();
}

if (globalThis.document) {
  addEventListener("hashchange", () => (document.querySelector("#ouvrir") ? ready() : location.reload()));
  addEventListener("submit", pasted);
  addEventListener("change", chosen);
  ready();
}
