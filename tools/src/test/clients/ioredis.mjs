// ioredis against the nodes at the ports given, or a cluster of them if the first word is "cluster"; ends with 0 if
// everything is as it should be.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';

const require = createRequire(process.env.CLIENTS + '/');
const { Redis, Cluster } = require('ioredis');
const words = process.argv.slice(2);
const cluster = words[0] === 'cluster';
const ports = words.slice(cluster ? 1 : 0).map(Number);
const open = (port) => (cluster ? new Cluster([{ host: '127.0.0.1', port }]) : new Redis(port, '127.0.0.1'));
const write = open(ports[0]);
const read = open(ports.at(-1));
const p = cluster ? 'io:c:' : 'io:';

const everyByte = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
assert.equal(await write.set(p + 'bin', everyByte), 'OK');
assert.deepEqual(await read.getBuffer(p + 'bin'), everyByte);
assert.equal(await read.get(p + 'absent'), null);

assert.equal(await write.incr(p + 'count'), 1);
assert.equal(await read.incrby(p + 'count', 41), 42);
assert.equal(await write.hset(p + 'hash', { f: '1', g: 'ü', h: '' }), 3);
assert.deepEqual(await read.hgetall(p + 'hash'), { f: '1', g: 'ü', h: '' });

await write.set(p + 'long', 'x', 'EX', 100);
assert.ok((await read.ttl(p + 'long')) > 50);
await write.set(p + 'brief', 'x', 'PX', 1);
while ((await read.exists(p + 'brief')) > 0);

const indexes = Array.from({ length: 1000 }, (_, i) => i);
const replies = await Promise.all(indexes.flatMap((i) => [write.set(`${p}p${i}`, `v${i}`), write.get(`${p}p${i}`)]));
assert.deepEqual(replies, indexes.flatMap((i) => ['OK', `v${i}`]));
if (!cluster) {
  const pipeline = write.pipeline();
  indexes.forEach((i) => pipeline.incr(`${p}p`).get(`${p}p${i}`));
  const results = await pipeline.exec();
  assert.deepEqual(results, indexes.flatMap((i) => [[null, i + 1], [null, `v${i}`]]));
  await write.del(`${p}p`);
}

// In a cluster every master is scanned, and together they have each key once.
const masters = cluster ? read.nodes('master') : [read];
assert.ok(masters.length >= 1 && masters.length <= ports.length); // a node that leads nothing is no master
const found = [];
for (const master of masters) {
  for await (const keys of master.scanStream({ match: p + 'p*', count: 100 })) found.push(...keys);
}
assert.deepEqual([...new Set(found)].sort(), indexes.map((i) => `${p}p${i}`).sort());
assert.equal(found.length, indexes.length);

assert.equal(await write.rpush(p + 'list', 'a', 'b', 'c'), 3);
assert.deepEqual(await read.lrange(p + 'list', 0, -1), ['a', 'b', 'c']);
assert.equal(await write.sadd(p + 'set', 'a', 'b'), 2);
assert.deepEqual((await read.smembers(p + 'set')).sort(), ['a', 'b']);
assert.equal(await write.zadd(p + 'scores', 1, 'a', '2.5', 'b'), 2);
assert.deepEqual(await read.zrange(p + 'scores', 0, -1, 'WITHSCORES'), ['a', '1', 'b', '2.5']);
assert.equal(await write.geoadd(p + 'places', 13.361389, 38.115556, 'Palermo'), 1);
assert.deepEqual(await read.geosearch(p + 'places', 'FROMLONLAT', 13, 38, 'BYRADIUS', 100, 'km', 'ASC'), ['Palermo']);
assert.equal(await write.pfadd(p + 'distinct', 'a', 'b', 'c'), 1);
assert.equal(await read.pfcount(p + 'distinct'), 3);
assert.equal(await write.setbit(p + 'bits', 100, 1), 0);
assert.equal(await read.bitpos(p + 'bits', 1), 100);
assert.equal(await write.restore(p + 'copy', 0, await read.dumpBuffer(p + 'list')), 'OK');
assert.deepEqual(await read.lrange(p + 'copy', 0, -1), ['a', 'b', 'c']);

const first = await write.xadd(p + 'stream', '*', 'f', '1');
await write.xadd(p + 'stream', '*', 'f', '2');
assert.deepEqual((await read.xrange(p + 'stream', '-', '+')).map(([, fields]) => fields), [['f', '1'], ['f', '2']]);
assert.equal(await write.xgroup('CREATE', p + 'stream', 'group', '0'), 'OK');
const taken = await write.xreadgroup('GROUP', 'group', 'consumer', 'COUNT', 1, 'STREAMS', p + 'stream', '>');
assert.deepEqual(taken, [[p + 'stream', [[first, ['f', '1']]]]]);
assert.equal(await write.xack(p + 'stream', 'group', first), 1);
if (!cluster) { // a client of a cluster loads at one of its masters, of its own choice
  assert.equal(await write.function('LOAD', 'REPLACE',
    "#!lua name=io\nredis.register_function('io_add', function(keys, args) return redis.call('INCRBY', keys[1], args[1]) end)"), 'io');
  assert.equal(await read.fcall('io_add', 1, p + 'counted', 7), 7);
  assert.equal(await write.function('DELETE', 'io'), 'OK');
}

// Clients of a cluster refuse by themselves what has keys of several slots; the braces keep them in one.
const one = `${p}{t}one`;
const two = cluster ? `${p}{t}two` : `${p}two`;
assert.deepEqual(await write.multi().set(one, '1').incrby(one, 9).get(one).rpush(two, 'x').exec(), [
  [null, 'OK'], [null, 10], [null, '10'], [null, 1],
]);
const broken = await write.multi().incr(one).incr(two).exec();
assert.deepEqual(broken[0], [null, 11]);
assert.match(broken[1][0].message, /^WRONGTYPE /);
if (!cluster) {
  await write.watch(one);
  await read.set(one, 'other');
  assert.equal(await write.multi().set(two, 'y').exec(), null);
}
write.defineCommand('rename2', {
  numberOfKeys: 2,
  lua: "redis.call('SET', KEYS[2], redis.call('GET', KEYS[1]) .. ARGV[1]) return redis.call('DEL', KEYS[1])",
});
await write.set(one, 'value');
assert.equal(await write.rename2(one, two, '!'), 1);
assert.equal(await read.get(two), 'value!');
assert.equal(await read.exists(one), 0);

await assert.rejects(read.incr(p + 'hash'), /^.*WRONGTYPE /);
await write.quit();
await read.quit();
console.log('ok');
