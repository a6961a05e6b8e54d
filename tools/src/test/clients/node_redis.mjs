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

assert.equal(await write.rPush(p + 'list', ['a', 'b', 'c']), 3);
assert.deepEqual(await read.lRange(p + 'list', 0, -1), ['a', 'b', 'c']);
assert.equal(await write.lMove(p + 'list', p + 'other list', 'LEFT', 'RIGHT'), 'a');
assert.equal(await write.sAdd(p + 'set', ['a', 'b']), 2);
assert.equal(await read.sIsMember(p + 'set', 'b'), 1);
assert.equal(await write.zAdd(p + 'scores', [{ score: 1, value: 'a' }, { score: 2.5, value: 'b' }]), 2);
assert.deepEqual(
  (await read.zRangeWithScores(p + 'scores', 0, -1)).map(({ score, value }) => [score, value]), [[1, 'a'], [2.5, 'b']]);
assert.equal(await write.geoAdd(p + 'places', { longitude: 13.361389, latitude: 38.115556, member: 'Palermo' }), 1);
assert.deepEqual(
  await read.geoSearch(p + 'places', { longitude: 13, latitude: 38 }, { radius: 100, unit: 'km' }), ['Palermo']);
assert.equal(await write.pfAdd(p + 'distinct', ['a', 'b', 'c']), 1);
assert.equal(await read.pfCount(p + 'distinct'), 3);
assert.equal(await write.setBit(p + 'bits', 7, 1), 0);
assert.equal(await read.bitCount(p + 'bits'), 1);

const first = await write.xAdd(p + 'stream', '*', { f: '1' });
await write.xAdd(p + 'stream', '*', { f: '2' });
assert.deepEqual((await read.xRange(p + 'stream', '-', '+')).map(({ message }) => message.f), ['1', '2']);
assert.equal(await write.xGroupCreate(p + 'stream', 'group', '0'), 'OK');
const taken = await write.xReadGroup('group', 'consumer', { key: p + 'stream', id: '>' }, { COUNT: 1 });
assert.equal(taken[0].messages[0].id, first);
assert.equal(await write.xAck(p + 'stream', 'group', first), 1);
assert.equal(await read.xLen(p + 'stream'), 2);
assert.equal(await write.functionLoad(
  "#!lua name=node\nredis.register_function('node_add', function(keys, args) return redis.call('INCRBY', keys[1], args[1]) end)",
  { REPLACE: true }), 'node');
assert.equal(await read.fCall('node_add', { keys: [p + 'counted'], arguments: ['7'] }), 7);
assert.equal(await write.functionDelete('node'), 'OK');
const dump = await binary.dump(p + 'other list');
assert.equal(await write.restore(p + 'copy', 0, dump), 'OK');
assert.deepEqual(await read.lRange(p + 'copy', 0, -1), ['a']);

assert.deepEqual(await write.multi().set(p + 'one', '1').incrBy(p + 'one', 9).rPush(p + 'two', 'x').exec(), ['OK', 10, 1]);
await write.watch(p + 'one');
await read.set(p + 'one', 'other');
await assert.rejects(write.multi().set(p + 'two', 'y').exec(), { name: /WatchError|Error/ });
assert.equal(await read.type(p + 'two'), 'list');
assert.deepEqual(
  await write.eval("return {redis.call('GET', KEYS[1]), redis.call('LLEN', KEYS[2]), ARGV[1]}",
    { keys: [p + 'one', p + 'two'], arguments: ['z'] }), ['other', 1, 'z']);

await assert.rejects(read.incr(p + 'hash'), /^.*WRONGTYPE /);
await write.close();
await read.close();
console.log('ok');
