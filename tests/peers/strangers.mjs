// Answers requests, one JSON object per line on standard input: {operation, arguments} -> {value} or {error},
// with the CPU time, in microseconds and of all threads, that the operation took.
import {createInterface} from 'node:readline';
import {learn} from './contexts.mjs';
import {generateKey} from './keys.mjs';
import * as cose from './cose.mjs';
import * as dataIntegrity from './data_integrity.mjs';
import * as sdJwt from './sd_jwt.mjs';
import * as statusList from './status_list.mjs';
import * as tokens from './tokens.mjs';
import * as vciClient from './vci_client.mjs';
import * as vciIssuer from './vci_issuer.mjs';
import * as vpVerifier from './vp_verifier.mjs';
import * as vpWallet from './vp_wallet.mjs';
import {vpKnows} from './openid4vc.mjs';
import * as webhooks from './webhooks.mjs';

const operations = {
  learn, generateKey, ...cose, ...dataIntegrity, ...sdJwt, ...statusList, ...tokens, ...vciClient, ...vciIssuer, ...vpVerifier, ...vpWallet,
  ...webhooks, vpKnows,
};

async function answer({operation, arguments: given}) {
  const before = process.cpuUsage();
  try {
    const value = await operations[operation](given);
    const {user, system} = process.cpuUsage(before);
    return {value: value ?? null, cpu: user + system};
  } catch (error) {
    return {error: `${error.name}: ${error.message}`};
  }
}

for await (const line of createInterface({input: process.stdin})) {
  process.stdout.write(JSON.stringify(await answer(JSON.parse(line))) + '\n');
}
