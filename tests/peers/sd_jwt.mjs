// The Open Wallet Foundation's implementation of SD-JWT VC: issue, present with key binding, verify.
import {sign, verify, createPrivateKey, createPublicKey} from 'node:crypto';
import {SDJwtVcInstance} from '@sd-jwt/sd-jwt-vc';
import {digest, generateSalt} from '@sd-jwt/crypto-nodejs';
import {keyPair} from './keys.mjs';

const JWS = {'Ed25519': 'EdDSA', 'P-256': 'ES256', 'P-384': 'ES384'};
const HASH = {'Ed25519': null, 'P-256': 'sha256', 'P-384': 'sha384'};

function signer(privateJwk) {
  const key = {key: createPrivateKey({key: privateJwk, format: 'jwk'}), dsaEncoding: 'ieee-p1363'};
  return async data => sign(HASH[privateJwk.crv], Buffer.from(data), key).toString('base64url');
}

function verifier(publicJwk) {
  const key = {key: createPublicKey({key: publicJwk, format: 'jwk'}), dsaEncoding: 'ieee-p1363'};
  return async (data, signature) => verify(HASH[publicJwk.crv], Buffer.from(data), key, Buffer.from(signature, 'base64url'));
}

const instance = settings => new SDJwtVcInstance({hasher: digest, hashAlg: 'sha-256', saltGenerator: generateSalt, ...settings});

export async function issueSdJwt({payload, frame, key}) {
  const {algorithm, privateJwk} = keyPair(key);
  return instance({signer: signer(privateJwk), signAlg: JWS[algorithm]}).issue(payload, frame, {header: {kid: key}});
}

export async function presentSdJwt({text, reveal, key, audience, nonce, now}) {
  const {algorithm, privateJwk} = keyPair(key);
  const holder = instance({kbSigner: signer(privateJwk), kbSignAlg: JWS[algorithm]});
  return holder.present(text, reveal, {kb: {payload: {iat: now, aud: audience, nonce}}});
}

export async function verifySdJwt({text, issuerJwk, audience, nonce, now}) {
  const kbVerifier = async (data, signature, payload) => verifier(payload.cnf.jwk)(data, signature);
  const {payload, kb} = await instance({verifier: verifier(issuerJwk), kbVerifier})
    .verify(text, {currentDate: now, keyBindingNonce: nonce});
  if (nonce && kb.payload.aud !== audience) throw new Error('another audience');  // left to its caller
  return payload;
}
