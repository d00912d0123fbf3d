// Documents the strangers may read: the contexts and DID documents they were given, and what a did:key
// says by itself. Anything else throws: nothing here ever asks the network.
const DID = 'https://www.w3.org/ns/did/v1';
const MULTIKEY = 'https://w3id.org/security/multikey/v1';
const known = new Map();

export function learn({documents}) {
  for (const [url, document] of Object.entries(documents)) known.set(url, document);
}

export async function documentLoader(url) {
  return {contextUrl: null, documentUrl: url, document: known.get(url) ?? keyOf(url) ?? didKey(url)};
}

function keyOf(url) {
  const methods = known.get(url.split('#')[0])?.verificationMethod ?? [];
  const method = methods.find(({id}) => id === url);
  return method && {'@context': MULTIKEY, ...method};
}

function didKey(url) {
  const [controller, fragment] = url.split('#');
  if (!/^did:key:[zu]/.test(controller)) throw new Error(`unknown document: ${url}`);
  const publicKeyMultibase = controller.slice('did:key:'.length);
  const id = `${controller}#${publicKeyMultibase}`;
  if (fragment === undefined) return {'@context': [DID], id: controller, assertionMethod: [id], authentication: [id]};
  if (url !== id) throw new Error(`not the key of its did:key: ${url}`);
  return {'@context': MULTIKEY, id, type: 'Multikey', controller, publicKeyMultibase};
}
