// What the libraries of the OpenID4VC family leave to their user: keys, signatures, encryption, hashes.
import {createHash, createPublicKey, generateKeyPairSync, randomBytes, X509Certificate} from 'node:crypto';
import {CompactEncrypt, CompactSign, calculateJwkThumbprint, compactDecrypt, compactVerify, importJWK} from 'jose';
import * as Ecdsa from '@digitalbazaar/ecdsa-multikey';
import * as Ed25519 from '@digitalbazaar/ed25519-multikey';
import {keyPair} from './keys.mjs';

const secrets = new Map();
const bytes = text => new TextEncoder().encode(text);
const text = data => new TextDecoder().decode(data);

export async function newJwk(kind = 'P-256') {
  const made = kind === 'Ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', {namedCurve: kind});
  const jwk = made.publicKey.export({format: 'jwk'});
  secrets.set(await calculateJwkThumbprint(jwk), made.privateKey.export({format: 'jwk'}));
  return jwk;
}

export const keep = async (jwk, secret) => secrets.set(await calculateJwkThumbprint(jwk), secret);
export const secretOf = async jwk => secrets.get(await calculateJwkThumbprint(jwk));
export const didJwk = jwk => `did:jwk:${Buffer.from(JSON.stringify(jwk)).toString('base64url')}`;

// Keys of did:web, told beforehand: nobody publishes here under a name of its own.
const told = new Map();
export const vpKnows = ({didUrl, jwk}) => { told.set(didUrl, jwk); };

// The public key that a DID URL stands for: of did:jwk and did:key, which need no network, and of those told.
export async function keyOf(didUrl) {
  const [did] = didUrl.split('#');
  if (told.has(didUrl)) return told.get(didUrl);
  if (did.startsWith('did:jwk:')) return JSON.parse(Buffer.from(did.slice(8), 'base64url').toString());
  const publicKeyMultibase = did.replace(/^did:key:/, '');
  const module = publicKeyMultibase.startsWith('z6Mk') ? Ed25519 : Ecdsa;
  const key = await module.from({type: 'Multikey', controller: did, id: didUrl, publicKeyMultibase});
  return module.toJwk ? module.toJwk({keyPair: key}) : (await key.export({publicKey: true, raw: false}), key.publicKeyJwk);
}

async function signerKey(signer) {
  if (signer.method === 'did') return secrets.get(await calculateJwkThumbprint(await keyOf(signer.didUrl)))
    ?? keyPair(signer.didUrl).privateJwk;
  if (signer.method === 'x5c') return secrets.get(await calculateJwkThumbprint(certifiedKey(signer.x5c)));
  return secrets.get(await calculateJwkThumbprint(signer.publicJwk));
}

const certificate = encoded => new X509Certificate(Buffer.from(encoded, 'base64'));
const certifiedKey = x5c => certificate(x5c[0]).publicKey.export({format: 'jwk'});

async function verifierKey(signer) {
  if (signer.method === 'did') return keyOf(signer.didUrl);
  if (signer.method === 'x5c') return certifiedKey(signer.x5c);
  return signer.publicJwk;
}

async function verifyJwt(signer, {compact, header}) {
  const jwk = await verifierKey(signer);
  try {
    await compactVerify(compact, await importJWK(jwk, header.alg));
    return {verified: true, signerJwk: jwk};
  } catch {
    return {verified: false};
  }
}

async function encryptJwe({publicJwk, alg, enc, apu, apv}, data) {
  const header = {alg, enc, ...(publicJwk.kid ? {kid: publicJwk.kid} : {})};
  const token = new CompactEncrypt(bytes(data)).setProtectedHeader(header);
  if (apu || apv) token.setKeyManagementParameters({apu: bytes(apu ?? ''), apv: bytes(apv ?? '')});
  return {encryptionJwk: publicJwk, jwe: await token.encrypt(await importJWK(publicJwk, alg))};
}

async function decryptJwe(jwe, {jwk} = {}) {
  const header = JSON.parse(Buffer.from(jwe.split('.')[0], 'base64url').toString());
  const known = jwk ? [jwk] : [...encryptionKeys.values()].filter(one => !header.kid || one.kid === header.kid);
  for (const key of known) {
    const secret = secrets.get(await calculateJwkThumbprint(key));
    if (!secret) continue;
    const {plaintext} = await compactDecrypt(jwe, await importJWK(secret, header.alg));
    return {decrypted: true, decryptionJwk: key, payload: text(plaintext)};
  }
  return {decrypted: false};
}

const encryptionKeys = new Map();

export async function newEncryptionKey() {
  const jwk = {...await newJwk(), alg: 'ECDH-ES', use: 'enc'};
  jwk.kid = await calculateJwkThumbprint(jwk);
  encryptionKeys.set(jwk.kid, jwk);
  return jwk;
}

export const callbacks = {
  fetch: (...given) => fetch(...given),
  hash: (data, algorithm) => createHash(algorithm.replace('-', '')).update(data).digest(),
  generateRandom: length => randomBytes(length),
  signJwt: async (signer, {header, payload}) => {
    const secret = await signerKey(signer), {d, ...signerJwk} = secret;
    const token = new CompactSign(bytes(JSON.stringify(payload))).setProtectedHeader(header);
    return {jwt: await token.sign(await importJWK(secret, header.alg)), signerJwk};
  },
  verifyJwt,
  encryptJwe,
  decryptJwe,
  getX509CertificateMetadata: encoded => {
    const names = (certificate(encoded).subjectAltName ?? '').split(', ').map(one => one.split(':'));
    const of = kind => names.filter(([name]) => name === kind).map(([, ...rest]) => rest.join(':'));
    return {sanDnsNames: of('DNS'), sanUriNames: of('URI')};
  },
};
