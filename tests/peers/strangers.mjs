// Answers requests, one JSON object per line on standard input: {operation, arguments} -> {value} or {error}.
import {createInterface} from 'node:readline';
import {learn} from './contexts.mjs';
import {generateKey} from './keys.mjs';
import * as dataIntegrity from './data_integrity.mjs';
import * as sdJwt from './sd_jwt.mjs';
import {measure} from './measure.mjs';

const operations = {learn, generateKey, ...dataIntegrity, ...sdJwt};

async function answer({operation, arguments: given, measured}) {
  const run = async () => operations[operation](given);
  try {
    return {value: (measured ? await measure(run, measured) : await run()) ?? null};
  } catch (error) {
    return {error: `${error.name}: ${error.message}`};
  }
}

for await (const line of createInterface({input: process.stdin})) {
  process.stdout.write(JSON.stringify(await answer(JSON.parse(line))) + '\n');
}
