// A provider of OpenID Connect on loopback, until standard input ends. The first line on standard output is
// its address; the arguments are the return address of its clients.
import http from "node:http";
import Provider from "oidc-provider";

const [redirect] = process.argv.slice(2);
const server = http.createServer();
await new Promise((done) => server.listen(0, "127.0.0.1", done));
const issuer = `http://127.0.0.1:${server.address().port}`;
const client = { redirect_uris: [redirect], response_types: ["code"], grant_types: ["authorization_code"] };
const provider = new Provider(issuer, {
  clients: [
    { ...client, client_id: "with a secret", client_secret: "un secret: & plus" },
    { ...client, client_id: "public", token_endpoint_auth_method: "none" },
  ],
  cookies: { keys: ["for tests only"] },
  pkce: { required: () => true },
});
server.on("request", provider.callback());
console.log(issuer);
process.stdin.on("end", () => process.exit(0)).resume();
