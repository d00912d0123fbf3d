// A wallet built on @openid4vc/openid4vp and dcql that holds SD-JWT VCs and answers with the first that match.
import {Openid4vpClient} from '@openid4vc/openid4vp';
import {DcqlQuery} from 'dcql';
import {callbacks} from './openid4vc.mjs';
import {presentSdJwt} from './sd_jwt.mjs';

const client = new Openid4vpClient({callbacks});

export async function vpResolve({link, wallet}) {
  const {params} = client.parseOpenid4vpAuthorizationRequest({authorizationRequest: link});
  return client.resolveOpenId4vpAuthorizationRequest({authorizationRequestPayload: params, wallet});
}

export async function vpLook({link, wallet}) {
  const {client: asker, dcql, authorizationRequestPayload: payload, jar} = await vpResolve({link, wallet});
  return {
    prefix: asker.prefix, clientId: asker.effective, mode: payload.response_mode, query: dcql.query, nonce: payload.nonce,
    signer: jar?.signer.method ?? null,
  };
}

// `held`: {text, key, claims, frame}: what it says in full, and what of it may be shown by name.
export async function vpAnswer({link, held, now, tamper}) {
  const resolved = await vpResolve({link}), payload = resolved.authorizationRequestPayload;
  const query = DcqlQuery.parse(resolved.dcql.query);
  const credentials = held.map(one => ({
    credential_format: 'dc+sd-jwt', vct: one.claims.vct, claims: one.claims, cryptographic_holder_binding: true,
  }));
  const result = DcqlQuery.query(query, credentials);
  if (!result.can_be_satisfied) throw new Error('nothing that matches');
  const vpToken = {};
  for (const [name, match] of Object.entries(result.credential_matches)) {
    if (!match.success) continue;
    const valid = match.valid_credentials[0], one = held[valid.input_credential_index];
    const output = valid.claims.valid_claim_sets?.[0]?.output ?? {};
    vpToken[name] = [await presentSdJwt({
      text: one.text, reveal: revealed(output), key: one.key, audience: tamper?.audience ?? payload.client_id,
      nonce: tamper?.nonce ?? payload.nonce, now,
    })];
  }
  const encrypted = payload.response_mode === 'direct_post.jwt';
  const response = await client.createOpenid4vpAuthorizationResponse({
    authorizationRequestPayload: payload, authorizationResponsePayload: {vp_token: vpToken},
    ...(encrypted ? {jarm: {
      encryption: {nonce: 'a-wallet-nonce'},
      serverMetadata: {
        authorization_signing_alg_values_supported: [], authorization_encryption_alg_values_supported: ['ECDH-ES'],
        authorization_encryption_enc_values_supported: ['A128GCM', 'A256GCM'],
      },
    }} : {}),
  });
  const sent = await client.submitOpenid4vpAuthorizationResponse({
    authorizationRequestPayload: payload, authorizationResponsePayload: response.authorizationResponsePayload,
    ...(response.jarm ? {jarm: {responseJwt: response.jarm.responseJwt}} : {}),
  });
  return {status: sent.response.status, said: await sent.response.json()};
}

// From claims to the frame of what is revealed.
function revealed(claims) {
  if (Array.isArray(claims)) return Object.fromEntries(claims.map((one, index) => [index, revealed(one)]));
  if (claims && typeof claims === 'object') {
    return Object.fromEntries(Object.entries(claims).map(([name, one]) => [name, revealed(one)]));
  }
  return true;
}

export function dcqlMatch({query, credentials}) {
  const parsed = DcqlQuery.parse(query);
  DcqlQuery.validate(parsed);
  const result = DcqlQuery.query(parsed, credentials);
  return {
    possible: result.can_be_satisfied,
    matches: Object.fromEntries(Object.entries(result.credential_matches).map(([name, match]) => [
      name, match.success ? match.valid_credentials.map(one => [one.input_credential_index, one.claims.valid_claim_sets[0].output ?? {}]) : [],
    ])),
  };
}

