// emulator.mjs MODULES SERVICE PORT SEED - one of the services of @inbox-zero/emulate, on loopback alone.
// SEED is a JSON file; @inbox-zero/emulate 0.4.5 listens on all interfaces unless it is told otherwise.
import { readFileSync } from "node:fs";
import net from "node:net";

const [modules, service, port, seed] = process.argv.slice(2);
const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (first, ...rest) {
	const where = typeof first === "object" ? { ...first } : { port: first };
	return listen.call(this, { ...where, host: "127.0.0.1" }, ...rest.filter((r) => typeof r === "function"));
};
const { createEmulator } = await import(`${modules}/@inbox-zero/emulate/dist/api.js`);
await createEmulator({ service, port: Number(port), seed: JSON.parse(readFileSync(seed, "utf8")) });
console.log(`${service} listens`);
