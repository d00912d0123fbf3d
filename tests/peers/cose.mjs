// LDC Labs' implementation of COSE (RFC 9052) and CWT (RFC 8392): sign and verify COSE_Sign1.
import {registerHooks} from 'node:module';
import {keyPair} from './keys.mjs';

// Its modules name each other without their extension, which bundlers forgive and Node does not.
registerHooks({
  resolve(specifier, context, next) {
    const within = specifier.startsWith('./') && context.parentURL?.includes('/@ldclabs/cose-ts/');
    return next(within && !specifier.endsWith('.js') ? `${specifier}.js` : specifier, context);
  }
});
const {Sign1Message} = await import('@ldclabs/cose-ts/sign1');
const {ECDSAKey} = await import('@ldclabs/cose-ts/ecdsa');
const {Ed25519Key} = await import('@ldclabs/cose-ts/ed25519');
const {Header} = await import('@ldclabs/cose-ts/header');
const {Claims} = await import('@ldclabs/cose-ts/cwt');

const bytes = hex => new Uint8Array(Buffer.from(hex, 'hex'));
const hex = data => Buffer.from(data).toString('hex');
const member = (jwk, name) => new Uint8Array(Buffer.from(jwk[name], 'base64url'));

function publicKey(jwk) {
  if (jwk.crv === 'Ed25519') return Ed25519Key.fromPublic(member(jwk, 'x'));
  return ECDSAKey.fromPublic(new Uint8Array([4, ...member(jwk, 'x'), ...member(jwk, 'y')]));
}

function secretKey(jwk) {
  return (jwk.crv === 'Ed25519' ? Ed25519Key : ECDSAKey).fromSecret(member(jwk, 'd'));
}

// `header` has the protected parameters but alg, `payload` and `external` are bytes in hex
export async function signCose({key, header, payload, external}) {
  const {privateJwk} = keyPair(key), secret = secretKey(privateJwk);
  const named = header.map(([name, value]) => [name, name === 4 ? new Uint8Array(Buffer.from(value)) : value]);
  const message = new Sign1Message(bytes(payload), new Header(new Map([[1, secret.alg], ...named])), new Header());
  return hex(Sign1Message.withTag(message.toBytes(secret, bytes(external ?? ''))));
}

export async function verifyCose({jwk, message, external}) {
  const opened = Sign1Message.fromBytes(publicKey(jwk), bytes(message), bytes(external ?? ''));
  return {payload: hex(opened.payload), typ: opened.protected.has(16) ? opened.protected.getText(16) : null};
}

export async function readClaims({payload}) {
  const claims = Claims.fromBytes(bytes(payload));
  return [...claims.toRaw()].filter(([, value]) => typeof value !== 'object');
}
