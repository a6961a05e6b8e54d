(ns kvasir.jepsen.checker.rw-register
  "Transactions that read and write registers, each value written once to a key: [[:w k v] [:r k v] …]. A write does
  not show what it overwrote, so the order of versions is put together from what is known: the absent version is
  first, a transaction's write follows what it read, and, if keys are taken to be linearizable as the strict models
  say, what a transaction left follows what was there when it began."
  (:require [clojure.string :as string]
            [kvasir.jepsen.checker :as checker]
            [kvasir.jepsen.checker.append :as append]
            [kvasir.jepsen.checker.cycles :as cycles]
            [kvasir.jepsen.history :as history])
  (:import (io.kvasir.jepsen.graph Cycle CycleSearch EdgeList RealTime TransactionGraph)
           (java.util ArrayList HashMap)))

(set! *warn-on-reflection* true)

(defn- external-reads [txn]
  (when (:ok? txn)
    (loop [mops (seq (:mops txn)) seen #{} found {}]
      (if-let [[[f k v] & more] mops]
        (recur more (conj seen k) (if (and (= :r f) (not (seen k))) (assoc found k v) found))
        found))))

(defn- final-writes [txn]
  (into {} (comp (filter #(= :w (first %))) (map (fn [[_ k v]] [k v]))) (:mops txn)))

(defn- writers
  "Returns {[key value] [txn final?]}; txn is a place in txns, or -1 - place in failed."
  ^HashMap [txns failed]
  (let [all (HashMap.)
        add (fn [number txn]
              (let [final (final-writes txn)]
                (doseq [[f k v] (:mops txn) :when (= :w f)]
                  (when (.put all [k v] [number (= v (final k))])
                    (throw (ex-info "a value is written twice, so that the history says nothing"
                                    {:key k :value v}))))))]
    (dotimes [i (count txns)] (add i (nth txns i)))
    (dotimes [i (count failed)] (add (- -1 i) (nth failed i)))
    all))

(defn- internal-errors [txns]
  (into []
        (comp (filter :ok?)
              (keep (fn [txn]
                      (loop [mops (seq (:mops txn)) known {}]
                        (when-let [[[f k v :as mop] & more] mops]
                          (if (and (= :r f) (contains? known k) (not= v (known k)))
                            {:op (:op txn) :mop mop :expected (known k)
                             :explanation (str "A transaction contradicts itself: " (pr-str mop) " should have read "
                                               (pr-str (known k)) " after what it did before")}
                            (recur more (assoc known k v)))))))
              (take 10))
        txns))

(defn- read-errors [txns failed ^HashMap all-writers]
  (let [of (fn [kind i k v words]
             {kind [{:op (:op (nth txns i)) :key k :value v
                     :explanation (str "The register " (pr-str k) " was read as " (pr-str v) ", " words)}]})]
    (reduce (fn [a b] (merge-with #(vec (take 10 (into %1 %2))) a b))
            {}
            (for [i (range (count txns))
                  :let [txn (nth txns i)]
                  :when (:ok? txn)
                  [f k v] (:mops txn)
                  :when (and (= :r f) (some? v))
                  :let [[writer final?] (.get all-writers [k v])]
                  :when (not= writer i)]
              (cond
                (nil? writer) (of :unexpected-element i k v "which nobody wrote")
                (neg? (long writer)) (of :G1a i k v (str "but the transaction that wrote it failed: "
                                                         (pr-str (:op (nth failed (- -1 (long writer)))))))
                (not final?) (of :G1b i k v "which its transaction overwrote before it ended")
                :else {})))))

(defn- lost-updates [txns]
  (let [updates (for [txn txns :when (:ok? txn)
                      :let [written (final-writes txn)]
                      [k v] (external-reads txn) :when (contains? written k)]
                  [[k v] txn])]
    (into []
          (comp (filter #(> (count (val %)) 1))
                (map (fn [[[k v] found]]
                       {:key k :value v :ops (mapv (comp :op second) found)
                        :explanation (str "Each of these transactions read " (pr-str k) " as " (pr-str v)
                                          " and overwrote that: " (pr-str (mapv (comp :value :op second) found)))}))
                (take 10))
          (group-by first updates))))

(defn- order-in-real-time
  "Calls (found a b) for each two of these transactions of which b follows a next."
  [txns nodes found]
  (let [edges (EdgeList.)
        times (fn [f] (int-array (map #(or (f (nth txns %)) Integer/MAX_VALUE) nodes)))]
    (RealTime/addTo edges (times :invoked) (times :completed) cycles/realtime)
    (let [graph (TransactionGraph. (count nodes) edges)]
      (dotimes [a (count nodes)]
        (loop [e (.begin graph a)]
          (when (< e (.end graph a))
            (found (nth nodes a) (nth nodes (.target graph e)))
            (recur (inc e))))))))

(defn- touching
  "Returns {key [transactions that read or wrote it]}."
  ^HashMap [txns]
  (let [found (HashMap.)]
    (dotimes [i (count txns)]
      (let [txn (nth txns i)]
        (doseq [k (into (set (keys (external-reads txn))) (keys (final-writes txn)))]
          (let [^ArrayList of (or (.get found k) (let [made (ArrayList.)] (.put found k made) made))]
            (.add of i)))))
    found))

(defn- add-version
  "Adds to after, {version {version that follows it reason}}, a pair and the transactions that show it."
  [^HashMap after a b reason]
  (when (not= a b)
    (let [^HashMap of (or (.get after a) (let [made (HashMap.)] (.put after a made) made))]
      (.putIfAbsent of b reason))))

(defn- versions-by-reads
  "What follows what in a key by what its writers read; the absent version is first of all."
  ^HashMap [txns k nodes]
  (let [after (HashMap.)]
    (doseq [i nodes]
      (let [txn (nth txns i) writes (final-writes txn)]
        (when (contains? writes k)
          (add-version after (get (external-reads txn) k) (writes k) [i]))))
    after))

(defn- add-versions-by-time
  "Adds what follows what because a transaction was complete before another one began."
  [after txns k nodes]
  (order-in-real-time
   txns (vec nodes)
   (fn [i j]
     (let [a (nth txns i) b (nth txns j)
           left (get (final-writes a) k (get (external-reads a) k ::none))
           found (get (external-reads b) k (get (final-writes b) k ::none))]
       (when-not (or (= ::none left) (= ::none found))
         (add-version after left found [i j]))))))

(defn- version-cycle
  "A shortest cycle of versions in words, nil if there is none."
  [txns k ^HashMap after]
  (let [versions (vec (distinct (concat (keys after) (mapcat keys (vals after)))))
        number (zipmap versions (range))
        edges (EdgeList.)]
    (doseq [[a bs] after b (keys bs)] (.add edges (long (number a)) (long (number b)) cycles/ww))
    (let [graph (TransactionGraph. (count versions) edges)
          nothing (int-array (count versions))]
      (when-let [^Cycle cycle (first (.find (CycleSearch. graph nothing nothing) cycles/ww cycles/ww 0 false))]
        (let [round (mapv versions (.nodes cycle))
              pairs (map vector round (concat (rest round) [(first round)]))
              tell (fn [[a b]]
                     (let [[i j] (.get ^HashMap (.get after a) b)
                           [a b] (map pr-str [a b])
                           op #(pr-str (dissoc (:op (nth txns %)) :time :node))]
                       (if j
                         (str b " comes after " a ": " (op i) " was complete before " (op j) " began, at index "
                              (:invoked (nth txns j)))
                         (str b " comes after " a ": " (op i)))))]
          {:key k :versions round
           :explanation (string/join "\n" (concat [(str "The versions of register " (pr-str k) " have no order:")]
                                                  (map tell pairs)))})))))

(defn- versions-after
  "Returns [{key {version {version that follows it reason}}} cycles]. Keys whose versions have no order keep what is
  known by reads alone."
  [txns linearizable-keys?]
  (reduce (fn [[all cyclic] [k nodes]]
            (let [after (versions-by-reads txns k nodes)]
              (when linearizable-keys? (add-versions-by-time after txns k nodes))
              (if-let [cycle (version-cycle txns k after)]
                (let [by-reads (versions-by-reads txns k nodes)]
                  [(cond-> all (nil? (version-cycle txns k by-reads)) (assoc k by-reads)) (conj cyclic cycle)])
                [(assoc all k after) cyclic])))
          [{} []] (touching txns)))

(defn- dependencies [txns ^HashMap all-writers after]
  (let [edges (EdgeList.)
        why (HashMap.)
        readers (HashMap.)
        node (fn [k v] (let [[writer] (.get all-writers [k v])] (when (and writer (>= (long writer) 0)) writer)))
        add (fn [a b type words]
              (.add edges (long a) (long b) (long type))
              (.putIfAbsent why [a b type] words))]
    (dotimes [i (count txns)]
      (doseq [[k v] (external-reads (nth txns i))]
        (.put readers [k v] (conj (or (.get readers [k v]) []) i))
        (when-let [writer (and (some? v) (node k v))]
          (add writer i cycles/wr [k v]))))
    (doseq [[k of] after
            [a bs] of b (keys bs)
            :let [writer (node k b)] :when writer]
      (when-let [before (and (some? a) (node k a))]
        (add before writer cycles/ww [k a b]))
      (doseq [reader (.get readers [k a])]
        (add reader writer cycles/rw [k a b])))
    {:edges edges
     :why (fn [a b type la lb]
            (let [[k x y] (.get why [a b type])]
              (condp = type
                cycles/ww (str la " wrote " (pr-str k) " = " (pr-str x) ", and " lb " wrote " (pr-str y) " later")
                cycles/wr (str lb " read " (pr-str k) " = " (pr-str x) ", which " la " wrote")
                cycles/rw (str la " read " (pr-str k) " = " (pr-str x) ", before " lb " wrote " (pr-str y)))))}))

(defn check-history
  "Checks a history under a model, :strict-serializable unless said otherwise."
  [history model]
  (let [{:keys [txns failed]} (append/transactions (history/indexed history))
        all-writers (writers txns failed)
        [after cyclic] (versions-after txns (contains? #{:strict-serializable :strong-snapshot-isolation} model))
        {:keys [edges why]} (dependencies txns all-writers after)
        listed (fn [kind found] (when (seq found) {kind found}))
        anomalies (merge-with into
                              (listed :internal (internal-errors txns))
                              (read-errors txns failed all-writers)
                              (listed :lost-update (lost-updates txns))
                              (listed :cyclic-versions (vec (take 10 cyclic)))
                              (cycles/find-cycles txns edges why))]
    (assoc (cycles/verdict model (or anomalies {})) :txn-count (count txns))))

(defn checker
  "A checker of transactions over registers; options: :model."
  ([] (checker {}))
  ([{:keys [model] :or {model :strict-serializable}}]
   (reify checker/Checker
     (check [_ _ history _] (check-history history model)))))
