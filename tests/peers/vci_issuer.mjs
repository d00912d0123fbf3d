// An issuer and its authorization server built on @openid4vc/openid4vci and @openid4vc/oauth2, over real HTTP.
// What it signs is made by @sd-jwt, @digitalbazaar and jose.
import {createServer} from 'node:http';
import {randomUUID} from 'node:crypto';
import {Oauth2AuthorizationServer, Oauth2ResourceServer, Oauth2ServerErrorResponseError, Oauth2ResourceUnauthorizedError,
  clientAuthenticationAnonymous} from '@openid4vc/oauth2';
import {Openid4vciIssuer} from '@openid4vc/openid4vci';
import {CompactEncrypt, importJWK} from 'jose';
import {callbacks as common, keyOf, newEncryptionKey, newJwk} from './openid4vc.mjs';
import {issueDataIntegrity} from './data_integrity.mjs';
import {issueSdJwt} from './sd_jwt.mjs';
import {signJwt} from './tokens.mjs';
import {generateKey} from './keys.mjs';

const callbacks = {...common, clientAuthentication: clientAuthenticationAnonymous()};
const PRE = 'urn:ietf:params:oauth:grant-type:pre-authorized_code';
const issuers = new Map();

export async function vciOpen(plan) {
  const server = createServer((request, response) => serve(one, request, response));
  await new Promise(done => server.listen(0, '127.0.0.1', done));
  const origin = `http://127.0.0.1:${server.address().port}`, issuer = `${origin}/tenants/a`;
  const {verificationMethod} = await generateKey({algorithm: 'P-256'});
  const tokenKey = await newJwk(), encryptionKey = plan.encrypted ? await newEncryptionKey() : undefined;
  const one = {...plan, server, origin, issuer, verificationMethod, tokenKey, encryptionKey, codes: new Map(),
    nonces: new Set(), dpopNonces: new Set(), pushed: new Map(), deferred: new Map(), told: [],
    proofs: new Set()};
  issuers.set(issuer, one);
  return {issuer, did: verificationMethod.split('#')[0]};
}

export async function vciClose({issuer}) {
  const {server} = issuers.get(issuer);
  server.closeAllConnections();
  await new Promise(done => server.close(done));
}

export const vciTold = ({issuer}) => issuers.get(issuer).told;

export async function vciOffer({issuer, configurations, grant = 'pre-authorized', txCode, byReference = false, scheme}) {
  const one = issuers.get(issuer), code = randomUUID(), path = `/offers/${randomUUID()}`;
  one.codes.set(code, {code, txCode, configurations});
  const grants = grant === 'pre-authorized'
    ? {[PRE]: {'pre-authorized_code': code, ...(txCode ? {tx_code: {input_mode: 'numeric', length: txCode.length}} : {})}}
    : {authorization_code: {issuer_state: code}};
  const made = await new Openid4vciIssuer({callbacks}).createCredentialOffer({
    issuerMetadata: metadataOf(one), credentialConfigurationIds: configurations, grants,
    ...(byReference ? {credentialOfferUri: `${one.origin}${path}`} : {}),
    ...(scheme ? {credentialOfferScheme: scheme} : {}),
  });
  one.offers = {...one.offers, [path]: made.credentialOfferObject};
  return made.credentialOffer;
}

function credentialIssuer(one) {
  const supported = Object.fromEntries(Object.entries(one.configurations).map(([name, {sign, ...shown}]) => [name, shown]));
  return new Openid4vciIssuer({callbacks}).createCredentialIssuerMetadata({
    credential_issuer: one.issuer,
    credential_endpoint: `${one.issuer}/credential`,
    nonce_endpoint: one.withoutNonces ? undefined : `${one.issuer}/nonce`,
    deferred_credential_endpoint: `${one.issuer}/deferred`,
    notification_endpoint: `${one.issuer}/notification`,
    ...(one.otherServer ? {authorization_servers: [`${one.origin}/as`]} : {}),
    ...(one.batchSize ? {batch_credential_issuance: {batch_size: one.batchSize}} : {}),
    ...(one.encryptionKey ? {
      credential_request_encryption: {jwks: {keys: [one.encryptionKey]}, enc_values_supported: ['A256GCM'], encryption_required: true},
      credential_response_encryption: {alg_values_supported: ['ECDH-ES'], enc_values_supported: ['A256GCM'], encryption_required: true},
    } : {}),
    credential_configurations_supported: supported,
  });
}

const serverName = one => one.otherServer ? `${one.origin}/as` : one.issuer;

function authorizationServer(one) {
  const issuer = serverName(one);
  return new Oauth2AuthorizationServer({callbacks}).createAuthorizationServerMetadata({
    issuer,
    token_endpoint: `${issuer}/token`,
    authorization_endpoint: `${issuer}/authorize`,
    ...(one.withoutPushing ? {} : {pushed_authorization_request_endpoint: `${issuer}/par`}),
    code_challenge_methods_supported: ['S256'],
    grant_types_supported: [PRE, 'authorization_code'],
    'pre-authorized_grant_anonymous_access_supported': !one.named,
    authorization_response_iss_parameter_supported: true,
    ...(one.bound ? {dpop_signing_alg_values_supported: ['ES256']} : {}),
    ...(one.attested ? {
      token_endpoint_auth_methods_supported: ['attest_jwt_client_auth'],
      client_attestation_signing_alg_values_supported: ['ES256'], client_attestation_pop_signing_alg_values_supported: ['ES256'],
    } : {}),
  });
}

function metadataOf(one) {
  const issuer = credentialIssuer(one), server = authorizationServer(one);
  return {
    originalDraftVersion: 'V1', credentialIssuer: issuer, authorizationServers: [server],
    knownCredentialConfigurations: new Openid4vciIssuer({callbacks}).getKnownCredentialConfigurationsSupported(issuer),
  };
}

async function serve(one, incoming, outgoing) {
  const chunks = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const body = Buffer.concat(chunks).toString(), url = new URL(incoming.url, one.origin);
  const request = {method: incoming.method, url: `${one.origin}${incoming.url}`, headers: new Headers(incoming.headers)};
  const answer = await answered(one, {body, url, request, kind: incoming.headers['content-type'] ?? ''});
  const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body ?? null);
  outgoing.writeHead(answer.status ?? 200, {'content-type': answer.kind ?? 'application/json', ...answer.headers});
  outgoing.end(answer.status === 204 ? undefined : text);
}

async function answered(one, asked) {
  try {
    return await route(one, asked);
  } catch (error) {
    if (error.fresh) return error.fresh;
    if (error instanceof Oauth2ServerErrorResponseError) return {status: error.status ?? 400, body: error.errorResponse};
    if (error instanceof Oauth2ResourceUnauthorizedError) {
      return {status: 401, body: {error: 'invalid_token'}, headers: {'www-authenticate': error.toHeaderValue()}};
    }
    return {status: 500, body: {error: 'server_error', error_description: error.message}};
  }
}

async function route(one, asked) {
  const path = asked.url.pathname;
  if (path === '/.well-known/openid-credential-issuer/tenants/a') {
    if (one.signedMetadata && asked.request.headers.get('accept')?.startsWith('application/jwt')) {
      return {kind: 'application/jwt', body: await signedMetadata(one)};
    }
    return {body: {...credentialIssuer(one), ...one.lies?.issuer}};
  }
  if (path === new URL(serverName(one)).pathname.replace(/^/, '/.well-known/oauth-authorization-server')) {
    return {body: {...authorizationServer(one), ...one.lies?.server}};
  }
  if (path === '/jwks') return {body: {keys: [{...one.tokenKey, use: 'sig', alg: 'ES256'}]}};
  if (one.offers?.[path]) return {body: one.offers[path]};
  switch (path.split('/').at(-1)) {
    case 'nonce': return {body: {c_nonce: kept(one.nonces)}, headers: {'cache-control': 'no-store'}};
    case 'par': return push(one, asked);
    case 'authorize': return authorize(one, asked);
    case 'token': return token(one, asked);
    case 'credential': return credential(one, asked);
    case 'deferred': return later(one, asked);
    case 'notification': await granted(one, asked); one.told.push(JSON.parse(asked.body)); return {status: 204};
  }
  return {status: 404, body: {error: 'not_found'}};
}

function kept(secrets) {
  const made = randomUUID();
  secrets.add(made);
  return made;
}

function signedMetadata(one) {
  const signer = {method: 'did', alg: 'ES256', didUrl: one.verificationMethod};
  return new Openid4vciIssuer({callbacks}).createSignedCredentialIssuerMetadataJwt({
    credentialIssuerMetadata: credentialIssuer(one), signer, issuedAt: new Date(), expiresAt: new Date(Date.now() + 60_000),
  });
}

async function push(one, {body, request}) {
  const server = new Oauth2AuthorizationServer({callbacks}), fields = Object.fromEntries(new URLSearchParams(body));
  const parsed = await server.parsePushedAuthorizationRequest({request, authorizationRequest: fields});
  const proved = await server.verifyPushedAuthorizationRequest({
    ...parsed, clientAttestation: attested(one, parsed), authorizationServerMetadata: authorizationServer(one), request,
  });
  known(one, proved);
  const requestUri = `urn:ietf:params:oauth:request_uri:${randomUUID()}`;
  one.pushed.set(requestUri, fields);
  return {status: 201, body: server.createPushedAuthorizationResponse({requestUri, expiresInSeconds: 60}).pushedAuthorizationResponse};
}

// `attested`: the one certificate of a wallet's provider that is trusted; the library leaves trust to its user.
const attested = (one, {clientAttestation}) => one.attested
  ? {required: true, ensureConfirmationKeyMatchesDpopKey: true, ...clientAttestation} : undefined;

function known(one, {clientAttestation}) {
  if (!one.attested) return;
  if (clientAttestation.clientAttestation.header.x5c?.[0] !== one.attested) {
    throw new Oauth2ServerErrorResponseError({error: 'invalid_client', error_description: 'another provider'}, {status: 401});
  }
  const {jti} = clientAttestation.clientAttestationPop.payload;
  if (one.proofs.has(jti)) throw new Oauth2ServerErrorResponseError({error: 'invalid_client', error_description: 'again'}, {status: 401});
  one.proofs.add(jti);
}

// Whoever comes is taken for the right person and sent back at once.
function authorize(one, {url}) {
  const given = Object.fromEntries(url.searchParams), fields = one.pushed.get(given.request_uri) ?? given;
  const back = new URL(fields.redirect_uri), grant = one.codes.get(fields.issuer_state);
  Object.assign(grant, {challenge: fields.code_challenge, details: fields.authorization_details, redirectUri: fields.redirect_uri});
  const said = {code: grant.code, state: fields.state, iss: one.lies?.iss ?? serverName(one)};
  for (const [name, value] of Object.entries(said)) if (value) back.searchParams.set(name, value);
  return {status: 303, headers: {location: back.href}};
}

async function token(one, {body, request}) {
  const server = new Oauth2AuthorizationServer({callbacks});
  const accessTokenRequest = Object.fromEntries(new URLSearchParams(body));
  const parsed = server.parseAccessTokenRequest({accessTokenRequest, request});
  const authorizationServerMetadata = authorizationServer(one);
  const dpop = one.bound ? {required: true, allowedSigningAlgs: ['ES256'], jwt: parsed.dpop?.jwt} : undefined;
  if (one.bound) freshNonce(one, parsed.dpop?.jwt, 400);
  const common = {...parsed, clientAttestation: attested(one, parsed), dpop, request, authorizationServerMetadata};
  const code = parsed.grant.preAuthorizedCode ?? parsed.grant.code, grant = one.codes.get(code);
  const proved = parsed.grant.preAuthorizedCode
    ? await server.verifyPreAuthorizedCodeAccessTokenRequest({...common, expectedPreAuthorizedCode: grant?.code, expectedTxCode: grant?.txCode})
    : await server.verifyAuthorizationCodeAccessTokenRequest({
      ...common, expectedCode: grant?.code,
      pkce: {codeVerifier: parsed.pkceCodeVerifier, codeChallenge: grant?.challenge, codeChallengeMethod: 'S256'},
    });
  known(one, proved);
  one.codes.delete(code);
  const details = grant.details && JSON.parse(grant.details)
    .map(one => ({...one, credential_identifiers: [`${one.credential_configuration_id}#1`]}));
  return {body: await server.createAccessTokenResponse({
    audience: one.issuer, authorizationServer: serverName(one), subject: code, expiresInSeconds: 300,
    clientId: accessTokenRequest.client_id,
    signer: {method: 'jwk', alg: 'ES256', publicJwk: one.tokenKey}, dpop: proved.dpop && {jwk: proved.dpop.jwk},
    additionalAccessTokenResponsePayload: details ? {authorization_details: details} : undefined,
  })};
}

// RFC 9449 §8, §9: its own nonce in each proof.
function freshNonce(one, jwt, status) {
  const claims = jwt ? JSON.parse(Buffer.from(jwt.split('.')[1], 'base64url')) : {};
  if (one.dpopNonces.delete(claims.nonce)) return;
  const headers = {'dpop-nonce': kept(one.dpopNonces), ...(status === 401 ? {'www-authenticate': 'DPoP error="use_dpop_nonce"'} : {})};
  throw Object.assign(new Error('nonce'), {fresh: {status, headers, body: {error: 'use_dpop_nonce'}}});
}

async function granted(one, {request}) {
  if (one.bound) freshNonce(one, request.headers.get('dpop'), 401);
  const {tokenPayload} = await new Oauth2ResourceServer({callbacks}).verifyResourceRequest({
    request, resourceServer: one.issuer, authorizationServers: [{...authorizationServer(one), jwks_uri: `${one.origin}/jwks`}],
    allowedAuthenticationSchemes: [one.bound ? 'DPoP' : 'Bearer'],
  });
  return tokenPayload;
}

async function opened(one, {body, kind}) {
  if (!kind.startsWith('application/jwt')) return JSON.parse(body);
  return JSON.parse((await common.decryptJwe(body)).payload);
}

async function closed(said, wanted, status = 200) {
  if (!wanted) return {status, body: said};
  const {jwk, enc} = wanted, header = {alg: jwk.alg, enc, kid: jwk.kid};
  const sealed = new CompactEncrypt(new TextEncoder().encode(JSON.stringify(said))).setProtectedHeader(header);
  return {status, kind: 'application/jwt', body: await sealed.encrypt(await importJWK(jwk, jwk.alg))};
}

async function credential(one, asked) {
  const claims = await granted(one, asked), credentialRequest = await opened(one, asked);
  const issuer = new Openid4vciIssuer({callbacks});
  const parsed = issuer.parseCredentialRequest({issuerMetadata: metadataOf(one), credentialRequest});
  const name = parsed.credentialConfigurationId ?? parsed.credentialIdentifier.split('#')[0];
  if (one.staleNonces-- > 0) throw new Oauth2ServerErrorResponseError({error: 'invalid_nonce'});
  const keys = [];
  for (const jwt of parsed.proofs?.jwt ?? []) keys.push(...await proved(one, jwt, claims, issuer));
  for (const jwt of parsed.proofs?.attestation ?? []) keys.push(...await vouched(one, jwt, issuer));
  if (one.withoutNonces !== true) Object.values(parsed.proofs ?? {}).flat().forEach(jwt => one.nonces.delete(claimsOf(jwt).nonce));
  const wanted = credentialRequest.credential_response_encryption;
  if (one.later) {
    const transaction = randomUUID();
    one.deferred.set(transaction, {name, keys, polls: one.later});
    return closed(issuer.createCredentialResponse({credentialRequest: parsed, transactionId: transaction, interval: 1}), wanted, 202);
  }
  const credentials = await Promise.all((keys.length ? keys : [undefined]).map(key => signed(one, name, key)));
  const said = issuer.createCredentialResponse({
    credentialRequest: parsed, credentials: credentials.map(credential => ({credential})), notificationId: randomUUID(),
    ...(one.withRemovedMembers ? {cNonce: kept(one.nonces), cNonceExpiresInSeconds: 60} : {}),
  });
  return closed(said, wanted);
}

const claimsOf = jwt => JSON.parse(Buffer.from(jwt.split('.')[1], 'base64url'));

async function proved(one, jwt, claims, issuer) {
  const {nonce} = claimsOf(jwt);
  if (!one.withoutNonces && !one.nonces.has(nonce)) throw new Oauth2ServerErrorResponseError({error: 'invalid_nonce'});
  const {signer, keyAttestation} = await issuer.verifyCredentialRequestJwtProof({
    issuerMetadata: metadataOf(one), jwt, expectedNonce: nonce, clientId: claims.client_id,
  });
  if (one.attestedKeys) {
    if (!keyAttestation) throw new Oauth2ServerErrorResponseError({error: 'invalid_proof', error_description: 'not attested'});
    if (keyAttestation.payload.nonce !== nonce) throw new Oauth2ServerErrorResponseError({error: 'invalid_nonce'});
    return keysOf(one, keyAttestation);
  }
  return [signer.method === 'jwk' ? {jwk: signer.publicJwk} : {jwk: await keyOf(signer.didUrl), did: signer.didUrl.split('#')[0]}];
}

async function vouched(one, keyAttestationJwt, issuer) {
  const {nonce} = claimsOf(keyAttestationJwt);
  if (!one.nonces.has(nonce)) throw new Oauth2ServerErrorResponseError({error: 'invalid_nonce'});
  return keysOf(one, await issuer.verifyCredentialRequestAttestationProof({expectedNonce: nonce, keyAttestationJwt}));
}

function keysOf(one, {header, payload}) {
  if (header.x5c?.[0] !== one.attestedKeys) throw new Oauth2ServerErrorResponseError({error: 'invalid_proof', error_description: 'another provider'});
  return payload.attested_keys.map(jwk => ({jwk}));
}

async function later(one, asked) {
  await granted(one, asked);
  const request = await opened(one, asked), waiting = one.deferred.get(request.transaction_id);
  const {deferredCredentialRequest} = new Openid4vciIssuer({callbacks}).parseDeferredCredentialRequest({deferredCredentialRequest: request});
  if (!waiting) throw new Oauth2ServerErrorResponseError({error: 'invalid_transaction_id'});
  if (--waiting.polls > 0) return closed({transaction_id: deferredCredentialRequest.transaction_id, interval: 1}, request.credential_response_encryption, 202);
  one.deferred.delete(request.transaction_id);
  const credentials = await Promise.all(waiting.keys.map(key => signed(one, waiting.name, key)));
  return closed({credentials: credentials.map(credential => ({credential}))}, request.credential_response_encryption);
}

// `sign` of a configuration: what is signed, with the holder put in; `forKey` another's key instead of theirs.
async function signed(one, name, key) {
  const {format, sign: {content, frame, suite}} = one.configurations[name];
  const holder = one.forKey ?? key, did = one.verificationMethod.split('#')[0];
  if (format === 'dc+sd-jwt') {
    const payload = {...content, iss: did, iat: Math.floor(Date.now() / 1000), ...(holder ? {cnf: {jwk: holder.jwk}} : {})};
    return issueSdJwt({payload, frame, key: one.verificationMethod});
  }
  const subject = {...content.credentialSubject, ...(holder ? {id: holder.did ?? `did:jwk:${Buffer.from(JSON.stringify(holder.jwk)).toString('base64url')}`} : {})};
  const document = {...content, issuer: {...content.issuer, id: did}, credentialSubject: subject};
  if (format === 'ldp_vc') return issueDataIntegrity({document, suite, key: one.verificationMethod, created: new Date()});
  return signJwt({payload: document, header: {alg: 'ES256', typ: 'vc+jwt', cty: 'vc'}, key: one.verificationMethod});
}
