// digitalbazaar's implementation of VC Data Integrity: issue, derive, present, verify.
import * as vc from '@digitalbazaar/vc';
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import {cryptosuite as eddsa} from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import {cryptosuite as ecdsa} from '@digitalbazaar/ecdsa-rdfc-2019-cryptosuite';
import * as eddsaJcs from '@digitalbazaar/eddsa-jcs-2022-cryptosuite';
import * as ecdsaJcs from '@digitalbazaar/ecdsa-jcs-2019-cryptosuite';
import * as sd from '@digitalbazaar/ecdsa-sd-2023-cryptosuite';
import * as bbs from '@digitalbazaar/bbs-2023-cryptosuite';
import jsonld from 'jsonld';
import {documentLoader} from './contexts.mjs';
import {keyPair} from './keys.mjs';
import {cryptosuite as mldsa44} from './mldsa44.mjs';

const WHOLE = {
  'eddsa-rdfc-2022': eddsa,
  'ecdsa-rdfc-2019': ecdsa,
  'eddsa-jcs-2022': eddsaJcs.createSignCryptosuite(),
  'ecdsa-jcs-2019': ecdsaJcs.createSignCryptosuite(),
  'mldsa44-rdfc-2024': mldsa44,
};
const SELECTIVE = {'ecdsa-sd-2023': sd, 'bbs-2023': bbs};
const made = [eddsaJcs, ecdsaJcs, sd, bbs].map(suite => suite.createVerifyCryptosuite());
const verifying = [eddsa, ecdsa, mldsa44, ...made]
  .map(cryptosuite => new DataIntegrityProof({cryptosuite}));
// The status lists are fetched and judged elsewhere; here only proofs and dates are.
const checkStatus = async () => ({verified: true});

function signing({suite, key, created, mandatory}) {
  const cryptosuite = WHOLE[suite] ?? SELECTIVE[suite].createSignCryptosuite({mandatoryPointers: mandatory});
  return new DataIntegrityProof({signer: keyPair(key).multikey.signer(), date: created, cryptosuite});
}

export async function canonize({document}) {
  const options = {algorithm: 'RDFC-1.0', format: 'application/n-quads', rdfDirection: 'i18n-datatype'};
  return jsonld.canonize(document, {...options, safe: true, base: null, documentLoader});
}

export async function issueDataIntegrity({document, created, ...how}) {
  return vc.issue({credential: structuredClone(document), suite: signing({created, ...how}), documentLoader, now: created});
}

export async function deriveDataIntegrity({secured, reveal}) {
  const {createDiscloseCryptosuite} = SELECTIVE[secured.proof.cryptosuite];
  const cryptosuite = createDiscloseCryptosuite({selectivePointers: reveal});
  return vc.derive({verifiableCredential: secured, suite: new DataIntegrityProof({cryptosuite}), documentLoader});
}

export async function verifyDataIntegrity({secured, now}) {
  accept(await vc.verifyCredential({credential: secured, suite: verifying, documentLoader, checkStatus, now}));
}

export async function presentDataIntegrity({credentials, holder, created, challenge, domain, ...how}) {
  const presentation = vc.createPresentation({verifiableCredential: credentials, holder, now: created});
  return vc.signPresentation({presentation, suite: signing({created, ...how}), challenge, domain, documentLoader});
}

export async function verifyPresentationDataIntegrity({presentation, challenge, domain, now}) {
  accept(await vc.verify({presentation, suite: verifying, challenge, domain, documentLoader, checkStatus, now}));
}

// Their answer is yes as soon as one proof of a set verifies; the specification asks it of each (§4.5).
function accept(result) {
  const parts = [result, result.presentationResult, ...(result.credentialResults ?? [])].filter(Boolean);
  const answers = parts.flatMap(part => [part, ...(part.results ?? [])]);
  if (answers.every(answer => answer.verified)) return;
  const failed = answers.map(answer => answer.error).find(Boolean);
  throw failed?.errors?.[0] ?? failed ?? new Error('not verified');
}
