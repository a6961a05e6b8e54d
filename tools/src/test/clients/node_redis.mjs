// node-redis against the nodes at the ports given; ends with 0 if everything is as it should be.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';

const require = createRequire(process.env.CLIENTS + '/');
const { createClient, RESP_TYPES } = require('redis');
const ports = process.argv.slice(2).map(Number);
const open = (port) => createClient({ socket: { host: '127.0.0.1', port, reconnectStrategy: false } }).connect();
const write = await open(ports[0]);
const read = await open(ports.at(-1));
const p = 'node:';

const everyByte = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
assert.equal(await write.set(p + 'bin', everyByte), 'OK');
const binary = read.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
assert.deepEqual(await binary.get(p + 'bin'), everyByte);
assert.equal(await read.get(p + 'absent'), null);

assert.equal(await write.incr(p + 'count'), 1);
assert.equal(await read.incrBy(p + 'count', 41), 42);
assert.equal(await write.hSet(p + 'hash', { f: '1', g: 'ü', h: '' }), 3);
assert.deepEqual({ ...(await read.hGetAll(p + 'hash')) }, { f: '1', g: 'ü', h: '' });

await write.set(p + 'long', 'x', { expiration: { type: 'EX', value: 100 } });
assert.ok((await read.ttl(p + 'long')) > 50);
await write.set(p + 'brief', 'x', { expiration: { type: 'PX', value: 1 } });
while ((await read.exists(p + 'brief')) > 0);

const indexes = Array.from({ length: 1000 }, (_, i) => i);
const replies = await Promise.all(indexes.flatMap((i) => [write.set(`${p}p${i}`, `v${i}`), write.get(`${p}p${i}`)]));
assert.deepEqual(replies, indexes.flatMap((i) => ['OK', `v${i}`]));
const found = new Set();
for await (const keys of read.scanIterator({ MATCH: p + 'p*', COUNT: 100 })) keys.forEach((key) => found.add(key));
assert.deepEqual([...found].sort(), indexes.map((i) => `${p}p${i}`).sort());

await assert.rejects(read.incr(p + 'hash'), /^.*WRONGTYPE /);
await write.close();
await read.close();
console.log('ok');
