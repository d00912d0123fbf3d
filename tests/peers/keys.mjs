// Key pairs that the strangers made; outside they are known by their verification method, a did:key URL.
import {generateKeyPairSync} from 'node:crypto';
import * as Ed25519 from '@digitalbazaar/ed25519-multikey';
import * as Bls from '@digitalbazaar/bls12-381-multikey';
import * as Ecdsa from '@digitalbazaar/ecdsa-multikey';
import * as mldsa44 from './mldsa44.mjs';

const KINDS = {
  'Ed25519': ['ed25519'],
  'P-256': ['ec', {namedCurve: 'P-256'}],
  'P-384': ['ec', {namedCurve: 'P-384'}],
};
const pairs = new Map();

export async function generateKey({algorithm}) {
  const pair = await (OTHERS[algorithm] ?? generatePair)({algorithm});
  pairs.set(pair.multikey.id, pair);
  return {verificationMethod: pair.multikey.id, publicJwk: pair.publicJwk};
}

const OTHERS = {'Bls12381G2': generateBbsPair, 'ML-DSA-44': mldsa44.generatePair};

async function generateBbsPair({algorithm}) {
  const pair = await Bls.generateBbsKeyPair({algorithm: Bls.ALGORITHMS.BBS_BLS12381_SHA256});
  const {publicKeyMultibase} = await pair.export({publicKey: true});
  pair.controller = `did:key:${publicKeyMultibase}`;
  pair.id = `${pair.controller}#${publicKeyMultibase}`;
  return {algorithm, multikey: pair};
}

async function generatePair({algorithm}) {
  const {publicKey, privateKey} = generateKeyPairSync(...KINDS[algorithm]);
  const [publicJwk, privateJwk] = [publicKey, privateKey].map(key => key.export({format: 'jwk'}));
  const {fromJwk} = algorithm === 'Ed25519' ? Ed25519 : Ecdsa;
  const {publicKeyMultibase} = await fromJwk({jwk: publicJwk});
  const controller = `did:key:${publicKeyMultibase}`, id = `${controller}#${publicKeyMultibase}`;
  const multikey = await fromJwk({jwk: privateJwk, secretKey: true, id, controller});
  return {algorithm, publicJwk, privateJwk, multikey};
}

export function keyPair(verificationMethod) {
  const pair = pairs.get(verificationMethod);
  if (!pair) throw new Error(`not a key of mine: ${verificationMethod}`);
  return pair;
}
