// mldsa44-rdfc-2024 of parts that are not ours: digitalbazaar's canonicalization and hashing, Node's ML-DSA.
import {createPublicKey, generateKeyPairSync, sign, verify} from 'node:crypto';
import {cryptosuite as eddsa} from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';

const ALGORITHM = 'ML-DSA-44';
const PREFIX = Buffer.from([0x90, 0x24]);

export const cryptosuite = {
  name: 'mldsa44-rdfc-2024',
  requiredAlgorithm: ALGORITHM,
  canonize: eddsa.canonize,
  createVerifier: async ({verificationMethod: {id, publicKeyMultibase}}) => {
    const octets = Buffer.from(publicKeyMultibase.slice(1), 'base64url');
    if (publicKeyMultibase[0] !== 'u' || !octets.subarray(0, 2).equals(PREFIX)) throw new Error('no ML-DSA-44 key');
    const jwk = {kty: 'AKP', alg: ALGORITHM, pub: octets.subarray(2).toString('base64url')};
    const key = createPublicKey({key: jwk, format: 'jwk'});
    return {id, algorithm: ALGORITHM, verify: async ({data, signature}) => verify(null, data, key, signature)};
  },
  createProofValue: async ({verifyData, dataIntegrityProof}) =>
    'u' + Buffer.from(await dataIntegrityProof.signer.sign({data: verifyData})).toString('base64url'),
};

export function generatePair() {
  const {publicKey, privateKey} = generateKeyPairSync('ml-dsa-44');
  const publicJwk = publicKey.export({format: 'jwk'});
  const octets = Buffer.concat([PREFIX, Buffer.from(publicJwk.pub, 'base64url')]);
  const publicKeyMultibase = 'u' + octets.toString('base64url');
  const controller = `did:key:${publicKeyMultibase}`, id = `${controller}#${publicKeyMultibase}`;
  const signer = () => ({id, algorithm: ALGORITHM, sign: async ({data}) => sign(null, data, privateKey)});
  return {algorithm: ALGORITHM, publicJwk, multikey: {id, signer}};
}
