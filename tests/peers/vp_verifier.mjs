// A verifier built on @openid4vc/openid4vp and dcql, over real HTTP; credentials are checked by @sd-jwt, jose
// and @digitalbazaar.
import {createServer} from 'node:http';
import {createHash, randomBytes, randomUUID} from 'node:crypto';
import {Openid4vpVerifier} from '@openid4vc/openid4vp';
import {DcqlPresentationResult, DcqlQuery} from 'dcql';
import {callbacks, keep, keyOf, newEncryptionKey} from './openid4vc.mjs';
import {generateKey} from './keys.mjs';
import {verifyPresentationDataIntegrity} from './data_integrity.mjs';
import {verifySdJwt} from './sd_jwt.mjs';
import {verifyJwt} from './tokens.mjs';

const verifier = new Openid4vpVerifier({callbacks});
const verifiers = new Map();

export async function vpOpen({certified} = {}) {
  const server = createServer((request, response) => serve(one, request, response));
  await new Promise(done => server.listen(0, '127.0.0.1', done));
  const host = certified ? 'localhost' : '127.0.0.1', origin = `http://${host}:${server.address().port}`;
  const {verificationMethod} = await generateKey({algorithm: 'P-256'});
  if (certified) await keep(certified.publicJwk, certified.privateJwk);
  const one = {server, origin, verificationMethod, certified, asked: new Map()};
  verifiers.set(origin, one);
  return origin;
}

export async function vpShut({origin}) {
  const {server} = verifiers.get(origin);
  server.closeAllConnections();
  await new Promise(done => server.close(done));
}

const identities = {
  redirect_uri: ({uri}) => ({client_id: `redirect_uri:${uri}`}),
  decentralized_identifier: ({one}) => ({
    client_id: `decentralized_identifier:${one.verificationMethod.split('#')[0]}`,
    jwtSigner: {method: 'did', alg: 'ES256', didUrl: one.verificationMethod},
  }),
  x509_san_dns: ({one}) => ({client_id: 'x509_san_dns:localhost', jwtSigner: {method: 'x5c', alg: 'ES256', x5c: one.certified.x5c}}),
  x509_hash: ({one}) => ({
    client_id: `x509_hash:${createHash('sha256').update(Buffer.from(one.certified.x5c[0], 'base64')).digest('base64url')}`,
    jwtSigner: {method: 'x5c', alg: 'ES256', x5c: one.certified.x5c},
  }),
};

export async function vpAsk({origin, query, prefix, mode = 'direct_post', method = 'get', byValue = false, transactionData, otherNonce, lies = {}}) {
  const one = verifiers.get(origin), id = randomUUID(), uri = `${origin}/answers/${id}`;
  const {client_id, jwtSigner} = identities[prefix]({one, uri});
  const encryptionKey = mode === 'direct_post.jwt' ? await newEncryptionKey() : undefined;
  const dcql = DcqlQuery.parse(query);
  DcqlQuery.validate(dcql);
  const authorizationRequestPayload = {
    response_type: 'vp_token', client_id, response_mode: mode, response_uri: uri, nonce: randomBytes(18).toString('base64url'),
    state: randomUUID(), dcql_query: query, ...(transactionData ? {transaction_data: transactionData.map(encoded)} : {}),
    client_metadata: {
      vp_formats_supported: {
        'dc+sd-jwt': {'sd-jwt_alg_values': ['ES256'], 'kb-jwt_alg_values': ['ES256']},
        ldp_vc: {proof_type_values: ['DataIntegrityProof']}, jwt_vc_json: {alg_values: ['ES256']},
      },
      ...(encryptionKey ? {jwks: {keys: [encryptionKey]}, encrypted_response_enc_values_supported: ['A128GCM', 'A256GCM']} : {}),
    },
    ...lies,
  };
  const jar = jwtSigner ? {jwtSigner, ...(byValue ? {} : {requestUri: `${origin}/requests/${id}`}), expiresInSeconds: 300} : undefined;
  const made = await verifier.createOpenId4vpAuthorizationRequest({authorizationRequestPayload, jar});
  one.asked.set(id, {authorizationRequestPayload: made.authorizationRequestPayload, jar, made, dcql, otherNonce});
  return {id, link: made.authorizationRequest + (method === 'post' ? '&request_uri_method=post' : ''), clientId: client_id, nonce: authorizationRequestPayload.nonce};
}

export const vpResult = ({origin, id}) => verifiers.get(origin).asked.get(id).result ?? null;

const encoded = content => Buffer.from(JSON.stringify(content)).toString('base64url');

async function serve(one, incoming, outgoing) {
  const chunks = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const fields = Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString()));
  const [, kind, id] = incoming.url.split('/'), asked = one.asked.get(id);
  if (kind === 'requests') {
    outgoing.writeHead(200, {'content-type': 'application/oauth-authz-req+jwt'});
    return outgoing.end(await object(asked, fields));
  }
  let status = 200, said = {redirect_uri: `${one.origin}/back?response_code=${randomUUID()}`};
  try {
    asked.result = await taken(asked, fields);
  } catch (error) {
    asked.result = {error: `${error.name}: ${error.message}`};
    [status, said] = [400, {error: 'invalid_request'}];
  }
  outgoing.writeHead(status, {'content-type': 'application/json'});
  outgoing.end(JSON.stringify(said));
}

async function object(asked, {wallet_nonce: walletNonce}) {
  asked.walletNonce = walletNonce;
  if (!walletNonce) return asked.made.jar.authorizationRequestJwt;
  const again = await verifier.createOpenId4vpAuthorizationRequest({
    authorizationRequestPayload: asked.authorizationRequestPayload,
    jar: {...asked.jar, additionalJwtPayload: {wallet_nonce: asked.otherNonce ?? walletNonce}},
  });
  return again.jar.authorizationRequestJwt;
}

// The library reads no refusals: plain or encrypted, they are read here.
async function taken({authorizationRequestPayload, dcql}, fields) {
  const refused = fields.response && JSON.parse((await callbacks.decryptJwe(fields.response)).payload);
  if (refused?.error) return {declined: refused.error, more: Object.keys(refused).sort()};
  if (fields.error) return {declined: fields.error, more: Object.keys(fields).sort()};
  const parsed = await verifier.parseOpenid4vpAuthorizationResponse({
    authorizationRequestPayload, authorizationResponse: fields, callbacks,
  });
  const shown = {}, seen = {}, hashes = {};
  for (const [name, presentations] of Object.entries(parsed.dcql.presentations)) {
    const query = dcql.credentials.find(one => one.id === name);
    const each = [];
    for (const one of presentations) each.push(await opened(one, query, authorizationRequestPayload));
    shown[name] = each.map(({claims}) => claims);
    seen[name] = each.map(({presentation}) => presentation);
    hashes[name] = each.map(({approved}) => approved).filter(Boolean);
  }
  const result = DcqlPresentationResult.fromDcqlPresentation(seen, {dcqlQuery: dcql});
  if (!result.can_be_satisfied) throw new Error('the query is not satisfied');
  if (authorizationRequestPayload.transaction_data) {
    await verifier.verifyTransactionData({transactionData: authorizationRequestPayload.transaction_data, credentials: hashes});
  }
  return {shown, encrypted: Boolean(parsed.jarm)};
}

const decode = part => JSON.parse(Buffer.from(part, 'base64url'));
const bound = query => query.require_cryptographic_holder_binding !== false;

async function opened(one, query, {client_id: audience, nonce}) {
  if (query.format === 'dc+sd-jwt') return openedSdJwt(one, query, audience, nonce);
  if (query.format === 'ldp_vc') return openedDocument(one, query, audience, nonce);
  return openedToken(one, query, audience, nonce);
}

async function openedSdJwt(text, query, audience, nonce) {
  const header = decode(text.split('.')[0]), kb = text.split('~').at(-1);
  const claims = await verifySdJwt({text, issuerJwk: await issuerKey(header), now: Math.floor(Date.now() / 1000),
    ...(bound(query) ? {audience, nonce} : {})});
  const approved = kb ? decode(kb.split('.')[1]) : {};
  return {
    claims, approved: approved.transaction_data_hashes && approved,
    presentation: {credential_format: 'dc+sd-jwt', vct: claims.vct, claims, cryptographic_holder_binding: Boolean(kb)},
  };
}

async function openedDocument(document, query, challenge, nonce) {
  if (bound(query)) await verifyPresentationDataIntegrity({presentation: document, challenge: nonce, domain: challenge, now: new Date()});
  const claims = [document.verifiableCredential ?? document].flat()[0];
  return {claims, presentation: w3c('ldp_vc', claims, bound(query))};
}

async function openedToken(text, query, audience, nonce) {
  if (!bound(query)) return {claims: decode(text.split('.')[1]), presentation: w3c('jwt_vc_json', decode(text.split('.')[1]), false)};
  const {kid} = decode(text.split('.')[0]);
  const {payload} = await verifyJwt({text, jwk: await keyOf(kid), typ: 'vp+jwt', algorithms: ['ES256']});
  if (payload.aud !== audience || payload.nonce !== nonce) throw new Error('for somebody else');
  const enveloped = [payload.verifiableCredential].flat()[0].id.split(',')[1];
  const claims = decode(enveloped.split('.')[1]);
  return {claims, presentation: w3c('jwt_vc_json', claims, true)};
}

// Types are compared as their IRIs; those of the example are expanded by the caller's query.
const w3c = (format, claims, holder) => ({
  credential_format: format, claims, type: types.get([claims.type].flat().at(-1)) ?? [claims.type].flat(), cryptographic_holder_binding: holder,
});
const types = new Map();

export const vpTypes = ({names}) => Object.entries(names).forEach(([name, iris]) => types.set(name, iris));

// The issuers' keys are told beforehand, as a trust list would.
const issuers = new Map();
export const vpTrusts = ({kid, jwk}) => { issuers.set(kid, jwk); };
const issuerKey = async ({kid}) => issuers.get(kid) ?? keyOf(kid);
