// Key pairs that the strangers made; outside they are known by their verification method, a did:key URL.
import {generateKeyPairSync} from 'node:crypto';
import * as Ed25519 from '@digitalbazaar/ed25519-multikey';
import * as Ecdsa from '@digitalbazaar/ecdsa-multikey';

const KINDS = {
  'Ed25519': ['ed25519'],
  'P-256': ['ec', {namedCurve: 'P-256'}],
  'P-384': ['ec', {namedCurve: 'P-384'}],
};
const pairs = new Map();

export async function generateKey({algorithm}) {
  const {publicKey, privateKey} = generateKeyPairSync(...KINDS[algorithm]);
  const [publicJwk, privateJwk] = [publicKey, privateKey].map(key => key.export({format: 'jwk'}));
  const {fromJwk} = algorithm === 'Ed25519' ? Ed25519 : Ecdsa;
  const {publicKeyMultibase} = await fromJwk({jwk: publicJwk});
  const controller = `did:key:${publicKeyMultibase}`, id = `${controller}#${publicKeyMultibase}`;
  const multikey = await fromJwk({jwk: privateJwk, secretKey: true, id, controller});
  pairs.set(id, {algorithm, publicJwk, privateJwk, multikey});
  return {verificationMethod: id, publicJwk};
}

export function keyPair(verificationMethod) {
  const pair = pairs.get(verificationMethod);
  if (!pair) throw new Error(`not a key of mine: ${verificationMethod}`);
  return pair;
}
