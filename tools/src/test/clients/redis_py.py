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
assert read.info()["redis_mode"] == "standalone"
print("ok")
