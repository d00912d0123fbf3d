// VCDM documents as tokens: JWTs by jose, SD-JWTs by the Open Wallet Foundation's general implementation.
import {sign, verify, createPrivateKey, createPublicKey} from 'node:crypto';
import {SDJwtInstance} from '@sd-jwt/core';
import {digest, generateSalt} from '@sd-jwt/crypto-nodejs';
import {CompactSign, compactVerify, importJWK} from 'jose';
import {keyPair} from './keys.mjs';

const HASH = {'Ed25519': null, 'P-256': 'sha256', 'P-384': 'sha384'};
const bytes = payload => new TextEncoder().encode(JSON.stringify(payload));

export async function signJwt({payload, header, key}) {
  const {privateJwk} = keyPair(key);
  return new CompactSign(bytes(payload)).setProtectedHeader({...header, kid: key}).sign(await importJWK(privateJwk, header.alg));
}

export async function verifyJwt({text, jwk, typ, algorithms}) {
  const {payload, protectedHeader} = await compactVerify(text, await importJWK(jwk, algorithms[0]), {algorithms});
  if (protectedHeader.typ !== typ) throw new Error(`typ is ${protectedHeader.typ}`);
  return {payload: JSON.parse(new TextDecoder().decode(payload)), header: protectedHeader};
}

function signer({crv, ...jwk}) {
  const key = {key: createPrivateKey({key: {crv, ...jwk}, format: 'jwk'}), dsaEncoding: 'ieee-p1363'};
  return async data => sign(HASH[crv], Buffer.from(data), key).toString('base64url');
}

function verifier({crv, ...jwk}) {
  const key = {key: createPublicKey({key: {crv, ...jwk}, format: 'jwk'}), dsaEncoding: 'ieee-p1363'};
  return async (data, signature) => verify(HASH[crv], Buffer.from(data), key, Buffer.from(signature, 'base64url'));
}

const common = {hasher: digest, hashAlg: 'sha-256', saltGenerator: generateSalt};

export async function issueToken({payload, frame, header, key}) {
  const {privateJwk} = keyPair(key);
  const issuer = new SDJwtInstance({...common, signer: signer(privateJwk), signAlg: header.alg});
  return issuer.issue(payload, frame, {header: {...header, kid: key}});
}

export async function presentToken({text, reveal, key, alg, audience, nonce, now}) {
  const holder = new SDJwtInstance({...common, kbSigner: signer(keyPair(key).privateJwk), kbSignAlg: alg});
  return holder.present(text, reveal, {kb: {payload: {iat: now, aud: audience, nonce}}});
}

export async function verifyToken({text, issuerJwk, typ, audience, nonce, now}) {
  const kbVerifier = async (data, signature, payload) => verifier(payload.cnf.jwk)(data, signature);
  const {payload, header, kb} = await new SDJwtInstance({...common, verifier: verifier(issuerJwk), kbVerifier})
    .verify(text, {currentDate: now, keyBindingNonce: nonce});
  if (header.typ !== typ) throw new Error(`typ is ${header.typ}`);
  if (nonce && kb.payload.aud !== audience) throw new Error('another audience');  // left to its caller
  return payload;
}
