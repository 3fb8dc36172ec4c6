// graph_client.mjs MODULES HOST TOKEN FOLDER DRAFT - what Microsoft's own client for Graph makes of a server:
// a round of delta queries to its end and one from there, a batch, and a large file attached to a draft.
// Prints one JSON object.
import { createRequire } from "node:module";

const [modules, host, token, folder, draft] = process.argv.slice(2);
const graph = createRequire(`${modules}/`)("@microsoft/microsoft-graph-client");
const prefer = { Prefer: 'IdType="ImmutableId"' };

// The library knows whole addresses, and gives its token, for https alone; this does both for the test's server,
// and the token goes to nobody else.
class Token {
  async execute(context) {
    const headers = new Headers(context.options.headers ?? {});
    const asked = typeof context.request === "string" ? context.request : context.request.url;
    const url = asked.slice(asked.lastIndexOf("http://"));
    context.request = url;
    if (url.startsWith(`${host}/`)) headers.set("Authorization", `Bearer ${token}`);
    context.options.headers = Object.fromEntries(headers);
    return this.next.execute(context);
  }
  setNext(next) {
    this.next = next;
  }
}
const chain = [new Token(), new graph.RetryHandler(), new graph.HTTPMessageHandler()];
chain.forEach((handler, i) => i + 1 < chain.length && handler.setNext(chain[i + 1]));
const client = graph.Client.initWithMiddleware({ baseUrl: host, defaultVersion: "v1.0", middleware: chain[0] });

async function round(path) {
  const ids = [];
  const first = await client.api(path).headers({ ...prefer, Prefer: `${prefer.Prefer}, odata.maxpagesize=7` }).get();
  const pages = new graph.PageIterator(client, first, (m) => ids.push(m["@removed"] ? `-${m.id}` : m.id) > 0, {
    headers: { Prefer: `${prefer.Prefer}, odata.maxpagesize=7` },
  });
  await pages.iterate();
  return { ids, delta: pages.getDeltaLink(), complete: pages.isComplete() };
}

async function batch(ids) {
  const asks = ids.map((id, i) => ({
    id: String(i + 1),
    request: new Request(`${host}/me/messages/${id}?$select=subject`, { headers: prefer }),
  }));
  asks.push({ id: "none", request: new Request(`${host}/me/messages/none`, { headers: prefer }) });
  const content = await new graph.BatchRequestContent(asks).getContent();
  const answer = new graph.BatchResponseContent(await client.api("/$batch").headers(prefer).post(content));
  const subjects = [];
  for (let i = 0; i < ids.length; i++) subjects.push((await answer.getResponseById(String(i + 1)).json()).subject);
  return { subjects, none: answer.getResponseById("none").status, count: answer.getResponses().size };
}

async function upload() {
  const bytes = new Uint8Array(4_000_000).map((_, i) => i % 251);
  const session = await graph.LargeFileUploadTask.createUploadSession(
    client,
    `/me/messages/${draft}/attachments/createUploadSession`,
    { AttachmentItem: { attachmentType: "file", name: "large.bin", size: bytes.length } },
    prefer,
  );
  const file = new graph.FileUpload(bytes, "large.bin", bytes.length);
  const done = await new graph.LargeFileUploadTask(client, file, session, { rangeSize: 327_680 * 3 }).upload();
  return { location: done.location };
}

const select = "$select=subject,isRead";
const first = await round(`/me/mailFolders/${folder}/messages/delta?${select}`);
process.stdout.write(JSON.stringify({ first, batch: await batch(first.ids.slice(0, 5)), upload: await upload() }) + "\n");
// The test changes something now, and says so with a line.
await new Promise((resolve) => process.stdin.once("data", resolve));
process.stdout.write(JSON.stringify({ second: await round(first.delta) }) + "\n");
process.exit(0);
