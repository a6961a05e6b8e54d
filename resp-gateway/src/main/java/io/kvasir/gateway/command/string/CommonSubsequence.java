package io.kvasir.gateway.command.string;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * The longest common subsequence of two byte strings a and b. Where several are longest it is the one that Redis finds
 * (redis t_string.c, lcsCommand): walking back from both ends it drops a byte of a only if that alone keeps the length.
 *
 * <p>Redis keeps a table of lengths for the way back. All that it asks of it is in which direction the longer one lies,
 * so one bit a pair is kept here.
 */
record CommonSubsequence(byte[] bytes, List<Match> matches) {

    /**
     * A run of bytes common to both.
     *
     * @param startInA index of its first byte in a
     * @param startInB index of its first byte in b
     * @param bytes its length, at least 1
     */
    record Match(int startInA, int startInB, int bytes) {}

    /** Computes it in time and bits of a.length × b.length. The matches come last first, as Redis answers them. */
    static CommonSubsequence of(byte[] a, byte[] b) {
        BitSet dropsA = new BitSet();
        int[] above = new int[b.length + 1];
        int[] row = new int[b.length + 1];
        for (int i = 1; i <= a.length; i++) {
            for (int j = 1; j <= b.length; j++) {
                if (a[i - 1] == b[j - 1]) {
                    row[j] = above[j - 1] + 1;
                } else if (above[j] > row[j - 1]) {
                    row[j] = above[j];
                    dropsA.set((i - 1) * b.length + j - 1);
                } else {
                    row[j] = row[j - 1];
                }
            }
            int[] next = above;
            above = row;
            row = next;
            Arrays.fill(row, 0);
        }
        return walkBack(a, b, dropsA, new byte[above[b.length]]);
    }

    private static CommonSubsequence walkBack(byte[] a, byte[] b, BitSet dropsA, byte[] common) {
        List<Match> matches = new ArrayList<>();
        int left = common.length;
        int run = 0;
        int i = a.length;
        int j = b.length;
        while (i > 0 && j > 0) {
            if (a[i - 1] == b[j - 1]) {
                common[--left] = a[--i];
                j--;
                run++;
                continue;
            }
            if (run > 0) {
                matches.add(new Match(i, j, run));
                run = 0;
            }
            if (dropsA.get((i - 1) * b.length + j - 1)) {
                i--;
            } else {
                j--;
            }
        }
        if (run > 0) {
            matches.add(new Match(i, j, run));
        }
        return new CommonSubsequence(common, matches);
    }

    int length() {
        return bytes.length;
    }
}
