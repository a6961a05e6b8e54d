"""redis-py against the nodes at the ports given; ends with 0 if everything is as it should be."""
import sys
import time

import redis

ports = [int(word) for word in sys.argv[1:]]
write = redis.Redis(port=ports[0])
read = redis.Redis(port=ports[-1])
prefix = b"py:"

every_byte = bytes(range(256))
assert write.ping()
assert write.set(prefix + b"\0bin\r\n", every_byte)
assert read.get(prefix + b"\0bin\r\n") == every_byte
assert read.get(prefix + b"absent") is None

assert write.incr(prefix + b"count") == 1
assert read.incrby(prefix + b"count", 41) == 42
assert write.incrbyfloat(prefix + b"real", 0.5) == 0.5

assert write.hset(prefix + b"hash", mapping={"f": 1, "g": b"\xff", "h": ""}) == 3
assert read.hgetall(prefix + b"hash") == {b"f": b"1", b"g": b"\xff", b"h": b""}
assert write.hincrby(prefix + b"hash", "f", 4) == 5
assert dict(read.hscan_iter(prefix + b"hash")) == {b"f": b"5", b"g": b"\xff", b"h": b""}

assert write.set(prefix + b"long", "x", ex=100)
assert 50 < read.ttl(prefix + b"long") <= 100
assert write.set(prefix + b"brief", "x", px=1)
until = time.monotonic() + 20
while read.exists(prefix + b"brief"):
    assert time.monotonic() < until, "a key outlives its time"

pipe = write.pipeline(transaction=False)
for i in range(1000):
    pipe.set(prefix + b"p%d" % i, b"v%d" % i).get(prefix + b"p%d" % i)
replies = pipe.execute()
assert replies[0::2] == [True] * 1000
assert replies[1::2] == [b"v%d" % i for i in range(1000)]
assert set(read.scan_iter(prefix + b"p*", count=100)) == {prefix + b"p%d" % i for i in range(1000)}

try:
    read.incr(prefix + b"hash")
    raise AssertionError("a hash was counted up")
except redis.ResponseError as error:
    assert str(error).startswith("WRONGTYPE ") or "wrong kind of value" in str(error), error
# lists
assert write.rpush(prefix + b"list", "a", "b", "c", "b") == 4
assert read.lrange(prefix + b"list", 0, -1) == [b"a", b"b", b"c", b"b"]
assert write.linsert(prefix + b"list", "before", "c", "x") == 5
assert write.lrem(prefix + b"list", -1, "b") == 1
assert write.lmove(prefix + b"list", prefix + b"other list", "LEFT", "RIGHT") == b"a"
assert read.lpos(prefix + b"list", "c") == 2
assert write.lpop(prefix + b"list", 2) == [b"b", b"x"]
assert write.rpush(prefix + b"numbers", 3, 1, 2) == 3
assert read.sort(prefix + b"numbers", desc=True) == [b"3", b"2", b"1"]

# sets
assert write.sadd(prefix + b"set", "a", "b", "c") == 3
assert write.sadd(prefix + b"other set", "b", "c", "d") == 3
assert set(read.sinter(prefix + b"set", prefix + b"other set")) == {b"b", b"c"}
assert write.sunionstore(prefix + b"union", prefix + b"set", prefix + b"other set") == 4
assert set(read.sscan_iter(prefix + b"union")) == {b"a", b"b", b"c", b"d"}
assert write.smove(prefix + b"set", prefix + b"other set", "a")
assert write.spop(prefix + b"set") in {b"b", b"c"}

# sorted sets
assert write.zadd(prefix + b"scores", {"a": 1, "b": 2.5, "c": float("inf")}) == 3
assert read.zrange(prefix + b"scores", 0, -1, withscores=True) == [(b"a", 1.0), (b"b", 2.5), (b"c", float("inf"))]
assert read.zrank(prefix + b"scores", "b") == 1
assert write.zincrby(prefix + b"scores", 3, "a") == 4.0
assert write.zadd(prefix + b"other scores", {"a": 1, "z": 0}) == 2
assert read.zunion([prefix + b"scores", prefix + b"other scores"], withscores=True)[1] == (b"b", 2.5)
assert write.zpopmin(prefix + b"scores") == [(b"b", 2.5)]
assert read.zcount(prefix + b"scores", "-inf", "(4") == 0

# places and counts of distinct elements
assert write.geoadd(prefix + b"places", (13.361389, 38.115556, "Palermo", 15.087269, 37.502669, "Catania")) == 2
assert 166 < read.geodist(prefix + b"places", "Palermo", "Catania", unit="km") < 167
assert read.geosearch(prefix + b"places", longitude=15, latitude=37, radius=100, unit="km") == [b"Catania"]
assert write.pfadd(prefix + b"distinct", *range(1000)) == 1
assert 950 < read.pfcount(prefix + b"distinct") < 1050

# bits
assert write.setbit(prefix + b"bits", 100, 1) == 0
assert read.bitcount(prefix + b"bits") == 1 and read.bitpos(prefix + b"bits", 1) == 100

# streams
first = write.xadd(prefix + b"stream", {"f": "1"})
second = write.xadd(prefix + b"stream", {"f": "2", "g": ""})
assert read.xrange(prefix + b"stream") == [(first, {b"f": b"1"}), (second, {b"f": b"2", b"g": b""})]
assert write.xgroup_create(prefix + b"stream", "group", id="0")
taken = write.xreadgroup("group", "consumer", {prefix + b"stream": ">"}, count=1)
assert taken == [[prefix + b"stream", [(first, {b"f": b"1"})]]]
assert read.xpending(prefix + b"stream", "group")["pending"] == 1
assert write.xack(prefix + b"stream", "group", first) == 1
assert write.xtrim(prefix + b"stream", maxlen=1, approximate=False) == 1 and read.xlen(prefix + b"stream") == 1

# functions
assert write.function_load(
    "#!lua name=py\nredis.register_function('py_add', function(keys, args) "
    "return redis.call('INCRBY', keys[1], args[1]) end)", replace=True) in (b"py", "py")
assert read.fcall("py_add", 1, prefix + b"counted", 7) == 7
assert write.function_delete("py")

# messages
listener = read.pubsub(ignore_subscribe_messages=True)
listener.subscribe(prefix + b"channel")
until = time.monotonic() + 20
while write.publish(prefix + b"channel", "hello") == 0:
    assert time.monotonic() < until, "nobody listens"
message = None
while message is None:
    assert time.monotonic() < until, "no message"
    message = listener.get_message(timeout=1)
assert message["data"] == b"hello"
listener.close()

# dumps
dump = read.dump(prefix + b"union")
assert write.restore(prefix + b"copy", 0, dump)
assert read.smembers(prefix + b"copy") == {b"a", b"b", b"c", b"d"}

# transactions over any keys
with write.pipeline(transaction=True) as pipe:
    pipe.watch(prefix + b"account 1")
    pipe.multi()
    pipe.decrby(prefix + b"account 1", 10).incrby(prefix + b"account 2", 10)
    assert pipe.execute() == [-10, 10]
with write.pipeline(transaction=True) as pipe:
    pipe.watch(prefix + b"account 1")
    read.incr(prefix + b"account 1")
    pipe.multi()
    pipe.incr(prefix + b"account 2")
    try:
        pipe.execute()
        raise AssertionError("a watched key was changed")
    except redis.WatchError:
        pass
assert read.mget(prefix + b"account 1", prefix + b"account 2") == [b"-9", b"10"]

# scripts
move = write.register_script(
    "redis.call('DECRBY', KEYS[1], ARGV[1]) return redis.call('INCRBY', KEYS[2], ARGV[1])")
assert move(keys=[prefix + b"account 1", prefix + b"account 2"], args=[5]) == 15
assert read.eval("return {KEYS[1], ARGV[1], 3.9, false}", 1, "k", "v") == [b"k", b"v", 3, None]

assert read.info()["redis_mode"] == "standalone"
print("ok")
