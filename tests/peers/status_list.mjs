// digitalbazaar's implementation of Bitstring Status List, which reads the lists that our service publishes.
import {checkStatus} from '@digitalbazaar/vc-bitstring-status-list';
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import {cryptosuite as eddsa} from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import {cryptosuite as ecdsa} from '@digitalbazaar/ecdsa-rdfc-2019-cryptosuite';
import {documentLoader} from './contexts.mjs';

// Lists are fetched from this machine alone, as a client would that takes whatever says to be JSON.
async function fetching(url) {
  if (!url.startsWith('http://127.0.0.1:')) return documentLoader(url);
  const answer = await fetch(url, {headers: {accept: 'application/json, application/ld+json, */*'}});
  if (!answer.ok || !/json/.test(answer.headers.get('content-type'))) throw new Error(`no list: ${answer.status}`);
  return {contextUrl: null, documentUrl: url, document: await answer.json()};
}

// Which of its statuses a credential has, by purpose.
export async function statusesOf({secured}) {
  const suite = [eddsa, ecdsa].map(cryptosuite => new DataIntegrityProof({cryptosuite}));
  const found = await checkStatus({credential: secured, suite, documentLoader: fetching, verifyMatchingIssuers: true});
  if (!found.verified) throw found.error?.cause ?? found.error ?? new Error('not verified');
  return Object.fromEntries(found.results.map(({status, credentialStatus}) => [credentialStatus.statusPurpose, status]));
}
