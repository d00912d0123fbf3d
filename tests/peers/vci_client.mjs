// A wallet built on @openid4vc/openid4vci: takes up an offer as its user would, and gives what it got.
import {Openid4vciClient, Openid4vciWalletProvider, extractScopesForCredentialConfigurationIds, setGlobalConfig} from '@openid4vc/openid4vci';
import {clientAuthenticationAnonymous, clientAuthenticationClientAttestationJwt, clientAuthenticationNone,
  preAuthorizedCodeGrantIdentifier} from '@openid4vc/oauth2';
import {callbacks, didJwk, keep, newJwk} from './openid4vc.mjs';

setGlobalConfig({allowInsecureUrls: true});  // loopback has no certificates
const journeys = new Map();

const provider = new Openid4vciWalletProvider({callbacks});
const later = () => new Date(Date.now() + 3600_000);

function client(clientId, clientAttestationJwt) {
  const clientAuthentication = clientAttestationJwt ? clientAuthenticationClientAttestationJwt({clientAttestationJwt, callbacks})
    : clientId ? clientAuthenticationNone({clientId}) : clientAuthenticationAnonymous();
  return new Openid4vciClient({callbacks: {...callbacks, clientAuthentication}});
}

// `by`: {x5c, publicJwk, privateJwk} of a provider, which vouches for one instance of the wallet.
async function attested(by, clientId) {
  if (!by) return {};
  await keep(by.publicJwk, by.privateJwk);
  const instance = await newJwk();
  const attestation = await provider.createWalletAttestationJwt({
    issuer: 'https://provider.example', clientId, issuedAt: new Date(), expiresAt: later(), confirmation: {jwk: instance},
    signer: {method: 'x5c', alg: 'ES256', x5c: by.x5c}, walletName: 'Their wallet',
  });
  return {instance, attestation};
}

const signerOf = publicJwk => ({method: 'jwk', alg: publicJwk.crv === 'Ed25519' ? 'EdDSA' : 'ES256', publicJwk});

async function journey({link, clientId, bound = true, by}) {
  const {instance, attestation} = await attested(by, clientId);
  const wallet = client(clientId, attestation);
  const offer = await wallet.resolveCredentialOffer(link);
  const issuerMetadata = await wallet.resolveIssuerMetadata(offer.credential_issuer);
  const dpop = bound ? {signer: signerOf(instance ?? await newJwk())} : undefined;
  return {wallet, credentialOffer: offer, issuerMetadata, clientId, dpop};
}

export async function vciLook({link}) {
  const {credentialOffer, issuerMetadata} = await journey({link});
  return {
    offer: credentialOffer,
    known: Object.keys(issuerMetadata.knownCredentialConfigurations),
    version: issuerMetadata.originalDraftVersion,
    servers: issuerMetadata.authorizationServers.map(one => one.issuer),
  };
}

export async function vciClaim({link, txCode, clientId, bound, by, ...how}) {
  const {wallet, credentialOffer, issuerMetadata, dpop} = await journey({link, clientId, bound, by});
  if (!credentialOffer.grants?.[preAuthorizedCodeGrantIdentifier]) throw new Error('not pre-authorized');
  const access = await wallet.retrievePreAuthorizedCodeAccessTokenFromOffer({credentialOffer, issuerMetadata, txCode, dpop});
  return collect({wallet, issuerMetadata, access, clientId, ...how});
}

export async function vciSignIn({link, clientId, redirectUri, configuration, bound, by}) {
  const begun = await journey({link, clientId, bound, by});
  const {credentialOffer, issuerMetadata, dpop} = begun;
  const scopes = extractScopesForCredentialConfigurationIds({credentialConfigurationIds: [configuration], issuerMetadata});
  const started = await begun.wallet.initiateAuthorization({
    clientId, redirectUri, credentialOffer, issuerMetadata, scope: scopes?.join(' '), dpop,
    additionalRequestPayload: {state: 'a-state'},
  });
  journeys.set('a-state', {...begun, redirectUri, dpop, pkce: started.pkce, server: started.authorizationServer});
  return started.authorizationRequestUrl;
}

export async function vciSignedIn({url, ...how}) {
  const {wallet, credentialOffer, issuerMetadata, clientId, redirectUri, dpop, pkce, server} = journeys.get('a-state');
  const authorizationServerMetadata = issuerMetadata.authorizationServers.find(one => one.issuer === server);
  const {code} = wallet.parseAndVerifyAuthorizationResponseRedirectUrl({url, authorizationServerMetadata});
  const access = await wallet.retrieveAuthorizationCodeAccessTokenFromOffer({
    credentialOffer, issuerMetadata, authorizationCode: code, pkceCodeVerifier: pkce?.codeVerifier, redirectUri, dpop,
  });
  return collect({wallet, issuerMetadata, access, clientId, ...how});
}

async function collect({wallet, issuerMetadata, access, configuration, copies = 1, naming = 'jwk', clientId, keysBy, alone}) {
  const accessToken = access.accessTokenResponse.access_token, dpop = access.dpop;
  const {c_nonce: nonce} = await wallet.requestNonce({issuerMetadata});
  const keys = await Promise.all(Array.from({length: copies}, () => newJwk()));
  const keyAttestationJwt = keysBy && await attestedKeys(keysBy, keys, nonce, alone);
  const jwt = [];
  for (const key of alone ? [] : keysBy ? keys.slice(0, 1) : keys) {
    const signer = naming === 'jwk' ? signerOf(key) : {method: 'did', alg: 'ES256', didUrl: `${didJwk(key)}#0`};
    const made = await wallet.createCredentialRequestJwtProof({
      issuerMetadata, credentialConfigurationId: configuration, signer, nonce, clientId, keyAttestationJwt,
    });
    jwt.push(made.jwt);
  }
  const got = await wallet.retrieveCredentials({
    issuerMetadata, accessToken, dpop, credentialConfigurationId: configuration, proofs: alone ? {attestation: [keyAttestationJwt]} : {jwt},
  });
  const said = got.credentialResponse;
  if (said.transaction_id) return {deferred: await askLater({wallet, issuerMetadata, accessToken, dpop: got.dpop ?? dpop, said}), keys};
  if (said.notification_id) {
    await wallet.sendNotification({
      issuerMetadata, accessToken, dpop: got.dpop ?? dpop,
      notification: {notificationId: said.notification_id, event: 'credential_accepted'},
    });
  }
  return {credentials: said.credentials.map(one => one.credential), keys, bound: access.accessTokenResponse.token_type, notified: !!said.notification_id};
}

async function attestedKeys(by, keys, nonce, alone) {
  await keep(by.publicJwk, by.privateJwk);
  return provider.createKeyAttestationJwt({
    signer: {method: 'x5c', alg: 'ES256', x5c: by.x5c}, attestedKeys: keys, nonce, issuedAt: new Date(), expiresAt: later(),
    keyStorage: ['iso_18045_moderate'], use: alone ? 'proof_type.attestation' : 'proof_type.jwt',
  });
}

async function askLater({wallet, issuerMetadata, accessToken, dpop, said}) {
  const again = await wallet.retrieveDeferredCredentials({issuerMetadata, accessToken, dpop, transactionId: said.transaction_id});
  return again.deferredCredentialResponse;
}
