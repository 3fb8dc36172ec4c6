// An OpenID provider for the system tests: oidc-provider with its own development pages, any name and
// password.  Arguments: folder of node_modules, port.  Writes what it grants and refuses to stdout, one
// JSON object a line.
import http from "node:http";
import { pathToFileURL } from "node:url";

const [folder, port] = process.argv.slice(2);
const { Provider } = await import(pathToFileURL(`${folder}/oidc-provider/lib/index.js`));
const issuer = `http://127.0.0.1:${port}`;
const device = "urn:ietf:params:oauth:grant-type:device_code";

// What differs between clients: how long a token lives, one that a refresh gave, and a code, in seconds.
const lives = { "crmail-test": 3600, "crmail-short": 5, "crmail-first-short": 5, "crmail-hasty": 3600 };
const renewed = { "crmail-first-short": 3600 };
const codes = { "crmail-hasty": 2 };
const native = (client_id) => ({
  client_id,
  application_type: "native", // any port of the loopback address
  token_endpoint_auth_method: "none",
  redirect_uris: ["http://127.0.0.1/callback"],
  response_types: ["code"],
  grant_types: ["authorization_code", "refresh_token", device],
});

const provider = new Provider(issuer, {
  clients: [
    ...Object.keys(lives).map(native),
    {
      client_id: "mail-server",
      client_secret: "mail-server-secret",
      redirect_uris: [],
      response_types: [],
      grant_types: ["client_credentials"],
      token_endpoint_auth_method: "client_secret_basic",
    },
  ],
  scopes: ["openid", "offline_access", "email", "mail", "contacts"],
  claims: { openid: ["sub"], email: ["email", "email_verified"] },
  features: {
    devInteractions: { enabled: true },
    deviceFlow: { enabled: true },
    introspection: { enabled: true },
    revocation: { enabled: true },
    clientCredentials: { enabled: true },
  },
  pkce: { required: () => true },
  rotateRefreshToken: true,
  issueRefreshToken: async (ctx, client) => client.grantTypeAllowed("refresh_token"),
  ttl: {
    AccessToken: (ctx, token, client) =>
      (ctx.oidc.params?.grant_type === "refresh_token" && renewed[client.clientId]) ||
      (lives[client.clientId] ?? 3600),
    AuthorizationCode: (ctx, token, client) => codes[client.clientId] ?? 60,
    RefreshToken: 86400,
    DeviceCode: (ctx, token, client) => codes[client.clientId] ?? 600,
    IdToken: 3600,
    Session: 86400,
    Interaction: 3600,
    Grant: 86400,
  },
  findAccount: async (ctx, id) => ({
    accountId: id,
    claims: async () => ({ sub: id, email: id, email_verified: true }),
  }),
  cookies: { keys: ["only-for-tests"] },
});

const grants = {}; // ids by who gave them
const say = (what) => (ctx, err) =>
  console.log(
    JSON.stringify({
      what,
      grant: ctx.oidc?.params?.grant_type,
      client: ctx.oidc?.client?.clientId,
      who: ctx.oidc?.entities?.Account?.accountId ?? ctx.oidc?.entities?.RefreshToken?.accountId,
      error: err?.error,
      refresh_token: ctx.body?.refresh_token, // what must be in no memory but the helper's
    }),
  );
provider.on("grant.success", (ctx) => {
  const { Account, Grant } = ctx.oidc.entities;
  if (Account && Grant) (grants[Account.accountId] ??= new Set()).add(Grant.jti);
  say("granted")(ctx);
});
provider.on("grant.error", say("refused"));
provider.on("grant.revoked", (ctx, id) => {
  const who = Object.keys(grants).find((name) => grants[name].has(id));
  console.log(JSON.stringify({ what: "revoked", who }));
});
provider.on("server_error", (ctx, err) => console.error(err));

async function takeBack(who) {
  for (const id of grants[who] ?? []) await (await provider.Grant.find(id))?.destroy();
}

const access = {}; // tokens by whose they are
provider.on("access_token.saved", (token) => (access[token.accountId] ??= []).push(token));

// Their life is over before its time; what they were made from holds.
async function expire(who) {
  for (const token of (access[who] ?? []).splice(0)) await token.destroy();
}

const serve = provider.callback();
const ours = { "/take-back": takeBack, "/expire": expire };
http.createServer(async (req, res) => {
  const url = new URL(req.url, issuer);
  if (!(url.pathname in ours)) return serve(req, res);
  await ours[url.pathname](url.searchParams.get("who"));
  res.end();
}).listen(Number(port), "127.0.0.1");
