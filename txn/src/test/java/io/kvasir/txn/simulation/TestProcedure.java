package io.kvasir.txn.simulation;

import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.key.Version;
import io.kvasir.proto.reply.Reply;
import io.kvasir.proto.request.Request;
import io.kvasir.region.Invocation;
import io.kvasir.region.Procedure;
import io.kvasir.region.Transaction;
import io.kvasir.store.engine.Engine;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Procedures over counters and registers, for histories that are cheap to check. */
enum TestProcedure implements Procedure {
    /** INCR key: adds one and answers the new value. */
    INCR(false) {
        @Override
        Reply run(Transaction tx, int database, byte[][] arguments) {
            byte[] root = KeyLayout.root(tx.instance(database), arguments[0]);
            byte @Nullable [] before = tx.get(root);
            long value = before == null ? 1 : number(before) + 1;
            if (before == null) {
                tx.addKeys(root, tx.instance(database), 1);
            }
            tx.put(root, text(value));
            return new Reply.Int(value);
        }
    },
    /** PUT key... value: the same value at all keys. */
    PUT(false) {
        @Override
        Reply run(Transaction tx, int database, byte[][] arguments) {
            for (int i = 0; i < arguments.length - 1; i++) {
                byte[] root = KeyLayout.root(tx.instance(database), arguments[i]);
                if (tx.get(root) == null) {
                    tx.addKeys(root, tx.instance(database), 1);
                }
                tx.put(root, arguments[arguments.length - 1]);
            }
            return Reply.OK;
        }

        @Override
        int keyCount(int arguments) {
            return arguments - 1;
        }
    },
    /** GET key...: the values, 0 for absent. */
    GET(true) {
        @Override
        Reply run(Transaction tx, int database, byte[][] arguments) {
            List<Reply> values = new ArrayList<>();
            for (byte[] key : arguments) {
                byte @Nullable [] value = tx.get(KeyLayout.root(tx.instance(database), key));
                values.add(new Reply.Int(value == null ? 0 : number(value)));
            }
            return new Reply.Array(values);
        }
    },
    /** STORE key value: as many records of a new generation as the value says, each holding it. */
    STORE(false) {
        @Override
        Reply run(Transaction tx, int database, byte[][] arguments) {
            int instance = tx.instance(database);
            byte[] root = KeyLayout.root(instance, arguments[0]);
            byte[] stem = KeyLayout.stem(instance, arguments[0]);
            byte @Nullable [] before = tx.get(root);
            if (before == null) {
                tx.addKeys(root, instance, 1);
            } else {
                byte[] old = KeyLayout.elementPrefix(stem, KeyLayout.KIND_ELEMENT, Version.read(before, 0));
                tx.deleteRange(old, KeyLayout.after(old));
            }
            long count = number(arguments[1]);
            for (int i = 0; i < count; i++) {
                byte[] suffix = {(byte) i};
                tx.put(KeyLayout.element(stem, KeyLayout.KIND_ELEMENT, tx.generation(), suffix), arguments[1]);
            }
            byte[] payload = new byte[Version.BYTES];
            tx.generation().write(payload, 0);
            tx.put(root, payload);
            return Reply.OK;
        }

        @Override
        int keyCount(int arguments) {
            return 1;
        }
    },
    /** LOAD key: the number of records there, -1 if they are not what one STORE left. */
    LOAD(true) {
        @Override
        Reply run(Transaction tx, int database, byte[][] arguments) {
            int instance = tx.instance(database);
            byte @Nullable [] root = tx.get(KeyLayout.root(instance, arguments[0]));
            if (root == null) {
                return new Reply.Int(0);
            }
            byte[] stem = KeyLayout.stem(instance, arguments[0]);
            byte[] from = KeyLayout.elementPrefix(stem, KeyLayout.KIND_ELEMENT, Version.read(root, 0));
            long count = 0;
            long value = 0;
            try (Engine.Cursor cursor = tx.scan(from, KeyLayout.after(from), false)) {
                while (cursor.next()) {
                    value = number(cursor.value());
                    count++;
                }
            }
            return new Reply.Int(count == value && count != 0 ? count : -1);
        }
    },
    /** APPEND key... id: adds the id to the list at each key and answers the lists as they were. */
    APPEND(false) {
        @Override
        Reply run(Transaction tx, int database, byte[][] arguments) {
            List<Reply> before = new ArrayList<>();
            String id = new String(arguments[arguments.length - 1], StandardCharsets.US_ASCII);
            for (int i = 0; i < arguments.length - 1; i++) {
                byte[] root = KeyLayout.root(tx.instance(database), arguments[i]);
                byte @Nullable [] list = tx.get(root);
                before.add(new Reply.Bulk(list == null ? new byte[0] : list));
                if (list == null) {
                    tx.addKeys(root, tx.instance(database), 1);
                }
                String longer = (list == null ? "" : new String(list, StandardCharsets.US_ASCII) + ",") + id;
                tx.put(root, longer.getBytes(StandardCharsets.US_ASCII));
            }
            return new Reply.Array(before);
        }

        @Override
        int keyCount(int arguments) {
            return arguments - 1;
        }
    },
    /** LISTS key...: the lists. */
    LISTS(true) {
        @Override
        Reply run(Transaction tx, int database, byte[][] arguments) {
            List<Reply> lists = new ArrayList<>();
            for (byte[] key : arguments) {
                byte @Nullable [] list = tx.get(KeyLayout.root(tx.instance(database), key));
                lists.add(new Reply.Bulk(list == null ? new byte[0] : list));
            }
            return new Reply.Array(lists);
        }
    },
    /** TRANSFER from to amount: moves an amount, which may leave less than nothing; removes an account of 0. */
    TRANSFER(false) {
        @Override
        Reply run(Transaction tx, int database, byte[][] arguments) {
            long amount = number(arguments[2]);
            add(tx, database, arguments[0], -amount);
            add(tx, database, arguments[1], amount);
            return Reply.OK;
        }

        private void add(Transaction tx, int database, byte[] key, long amount) {
            byte[] root = KeyLayout.root(tx.instance(database), key);
            byte @Nullable [] before = tx.get(root);
            long after = (before == null ? 0 : number(before)) + amount;
            if (after == 0 && before != null) {
                tx.delete(root);
                tx.addKeys(root, tx.instance(database), -1);
            } else if (after != 0) {
                if (before == null) {
                    tx.addKeys(root, tx.instance(database), 1);
                }
                tx.put(root, text(after));
            }
        }

        @Override
        int keyCount(int arguments) {
            return 2;
        }
    },
    /** GUARD read write id: appends to the second key and answers both lists as they were; the first is only read. */
    GUARD(false) {
        @Override
        Reply run(Transaction tx, int database, byte[][] arguments) {
            byte[] first = KeyLayout.root(tx.instance(database), arguments[0]);
            byte @Nullable [] seen = tx.get(first);
            byte[] second = KeyLayout.root(tx.instance(database), arguments[1]);
            byte @Nullable [] list = tx.get(second);
            if (list == null) {
                tx.addKeys(second, tx.instance(database), 1);
            }
            String longer = (list == null ? "" : new String(list, StandardCharsets.US_ASCII) + ",")
                    + new String(arguments[2], StandardCharsets.US_ASCII);
            tx.put(second, longer.getBytes(StandardCharsets.US_ASCII));
            return new Reply.Array(List.of(
                    new Reply.Bulk(seen == null ? new byte[0] : seen),
                    new Reply.Bulk(list == null ? new byte[0] : list)));
        }

        @Override
        int keyCount(int arguments) {
            return 2;
        }
    },
    /**
     * SURVEY one other key id: looks through the lists from one to the other, then appends to the key. Answers the
     * names and contents of the lists it met, and last that of the key as it was.
     */
    SURVEY(false) {
        @Override
        Reply run(Transaction tx, int database, byte[][] arguments) {
            byte[] one = KeyLayout.stem(tx.instance(database), arguments[0]);
            byte[] other = KeyLayout.stem(tx.instance(database), arguments[1]);
            boolean descending = Arrays.compareUnsigned(one, other) > 0;
            byte[] from = descending ? other : one;
            byte[] to = KeyLayout.stemEnd(descending ? one : other);
            List<Reply> met = new ArrayList<>();
            try (Engine.Cursor cursor = tx.scan(from, to, descending)) {
                while (cursor.next()) {
                    byte[] name = KeyLayout.userKeyOf(cursor.key());
                    if (name[0] == 'l') {
                        met.add(new Reply.Bulk(name));
                        met.add(new Reply.Bulk(cursor.value()));
                    }
                }
            }
            Reply before = APPEND.run(tx, database, new byte[][] {arguments[2], arguments[3]});
            met.add(((Reply.Array) before).elements().getFirst());
            return new Reply.Array(met);
        }

        @Override
        int keyCount(int arguments) {
            return 0;
        }
    },
    /** MARK key... value: the same value at all keys and at "mark" in database 1. */
    MARK(false) {
        @Override
        Reply run(Transaction tx, int database, byte[][] arguments) {
            Reply unused = PUT.run(tx, 1, new byte[][] {MARK_KEY, arguments[arguments.length - 1]});
            return PUT.run(tx, database, arguments);
        }

        @Override
        int keyCount(int arguments) {
            return 0;
        }
    },
    /** LOOK key...: the values, and that of "mark" in database 1 at the end. */
    LOOK(true) {
        @Override
        Reply run(Transaction tx, int database, byte[][] arguments) {
            List<Reply> values = new ArrayList<>(((Reply.Array) GET.run(tx, database, arguments)).elements());
            values.addAll(((Reply.Array) GET.run(tx, 1, new byte[][] {MARK_KEY})).elements());
            return new Reply.Array(values);
        }

        @Override
        int keyCount(int arguments) {
            return 0;
        }
    },
    /** FLUSH instance: maps database 0 to the instance. */
    FLUSH(false) {
        @Override
        Reply run(Transaction tx, int database, byte[][] arguments) {
            int instance = (int) number(arguments[0]);
            if (tx.instance(0) < instance) {
                tx.mapInstance(0, instance);
            }
            return Reply.OK;
        }

        @Override
        int keyCount(int arguments) {
            return 0;
        }
    },
    /** SWAP: databases 0 and 1 change places. */
    SWAP(false) {
        @Override
        Reply run(Transaction tx, int database, byte[][] arguments) {
            int first = tx.instance(0);
            int second = tx.instance(1);
            if (first != second) {
                tx.mapInstance(0, second);
                tx.mapInstance(1, first);
            }
            return Reply.OK;
        }

        @Override
        int keyCount(int arguments) {
            return 0;
        }
    },
    /**
     * REPLACE key... instance: reads the keys, then maps database 1 to the instance; answers how many keys there are.
     */
    REPLACE(false) {
        @Override
        Reply run(Transaction tx, int database, byte[][] arguments) {
            int seen = 0;
            for (int i = 0; i < arguments.length - 1; i++) {
                seen += tx.get(KeyLayout.root(tx.instance(database), arguments[i])) == null ? 0 : 1;
            }
            int instance = (int) number(arguments[arguments.length - 1]);
            if (tx.instance(1) < instance) {
                tx.mapInstance(1, instance);
            }
            return new Reply.Int(seen);
        }

        @Override
        int keyCount(int arguments) {
            return arguments - 1;
        }
    },
    /** COUNT: number of root records in the range. */
    COUNT(true) {
        @Override
        Reply run(Transaction tx, int database, byte[][] arguments) {
            return new Reply.Int(tx.keys(tx.instance(database)));
        }

        @Override
        int keyCount(int arguments) {
            return 0;
        }
    };

    private static final byte[] MARK_KEY = {'m', 'a', 'r', 'k'};

    private final boolean readOnly;

    TestProcedure(boolean readOnly) {
        this.readOnly = readOnly;
    }

    abstract Reply run(Transaction tx, int database, byte[][] arguments);

    int keyCount(int arguments) {
        return arguments;
    }

    static byte[] text(long value) {
        return Long.toString(value).getBytes(StandardCharsets.US_ASCII);
    }

    static long number(byte[] text) {
        return Long.parseLong(new String(text, StandardCharsets.US_ASCII));
    }

    Request request(long session, byte[]... arguments) {
        return new Request(name(), 1, 0, session, 0, Optional.empty(), 0, arguments);
    }

    @Override
    public int version() {
        return 1;
    }

    @Override
    public Invocation parse(Request request) {
        byte[][] arguments = request.arguments();
        return new Invocation() {
            @Override
            public Reply run(Transaction transaction) {
                return TestProcedure.this.run(transaction, request.database(), arguments);
            }

            @Override
            public boolean readOnly() {
                return readOnly;
            }

            @Override
            public int database() {
                return request.database();
            }

            @Override
            public List<byte[]> userKeys() {
                return Arrays.asList(arguments).subList(0, keyCount(arguments.length));
            }
        };
    }
}
