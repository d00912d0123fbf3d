// A wallet built on @openid4vc/openid4vci: takes up an offer as its user would, and gives what it got.
import {Openid4vciClient, extractScopesForCredentialConfigurationIds, setGlobalConfig} from '@openid4vc/openid4vci';
import {clientAuthenticationAnonymous, clientAuthenticationNone, preAuthorizedCodeGrantIdentifier} from '@openid4vc/oauth2';
import {callbacks, didJwk, newJwk} from './openid4vc.mjs';

setGlobalConfig({allowInsecureUrls: true});  // loopback has no certificates
const journeys = new Map();

function client(clientId) {
  const clientAuthentication = clientId ? clientAuthenticationNone({clientId}) : clientAuthenticationAnonymous();
  return new Openid4vciClient({callbacks: {...callbacks, clientAuthentication}});
}

const signerOf = publicJwk => ({method: 'jwk', alg: publicJwk.crv === 'Ed25519' ? 'EdDSA' : 'ES256', publicJwk});

async function journey({link, clientId, bound = true}) {
  const wallet = client(clientId);
  const offer = await wallet.resolveCredentialOffer(link);
  const issuerMetadata = await wallet.resolveIssuerMetadata(offer.credential_issuer);
  const dpop = bound ? {signer: signerOf(await newJwk())} : undefined;
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

export async function vciClaim({link, txCode, clientId, bound, ...how}) {
  const {wallet, credentialOffer, issuerMetadata, dpop} = await journey({link, clientId, bound});
  if (!credentialOffer.grants?.[preAuthorizedCodeGrantIdentifier]) throw new Error('not pre-authorized');
  const access = await wallet.retrievePreAuthorizedCodeAccessTokenFromOffer({credentialOffer, issuerMetadata, txCode, dpop});
  return collect({wallet, issuerMetadata, access, ...how});
}

export async function vciSignIn({link, clientId, redirectUri, configuration, bound}) {
  const begun = await journey({link, clientId, bound});
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

async function collect({wallet, issuerMetadata, access, configuration, copies = 1, naming = 'jwk', clientId}) {
  const accessToken = access.accessTokenResponse.access_token, dpop = access.dpop;
  const {c_nonce: nonce} = await wallet.requestNonce({issuerMetadata});
  const keys = await Promise.all(Array.from({length: copies}, () => newJwk()));
  const jwt = [];
  for (const key of keys) {
    const signer = naming === 'jwk' ? signerOf(key) : {method: 'did', alg: 'ES256', didUrl: `${didJwk(key)}#0`};
    const made = await wallet.createCredentialRequestJwtProof({
      issuerMetadata, credentialConfigurationId: configuration, signer, nonce, clientId,
    });
    jwt.push(made.jwt);
  }
  const got = await wallet.retrieveCredentials({
    issuerMetadata, accessToken, dpop, credentialConfigurationId: configuration, proofs: {jwt},
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

async function askLater({wallet, issuerMetadata, accessToken, dpop, said}) {
  const again = await wallet.retrieveDeferredCredentials({issuerMetadata, accessToken, dpop, transactionId: said.transaction_id});
  return again.deferredCredentialResponse;
}
