(ns kvasir.jepsen.checker.append
  "Transactions that append unique elements to lists and read lists: [[:append k v] [:r k [v …]] …]. A list shows the
  order of its versions, so that nearly every dependency between transactions can be told from what was read.

  A history of 100,000 transactions is a matter of seconds: versions are compared with the longest one read of each
  key, of which all others must be prefixes, and cycles are searched in arrays of integers."
  (:require [kvasir.jepsen.checker :as checker]
            [kvasir.jepsen.checker.cycles :as cycles]
            [kvasir.jepsen.history :as history])
  (:import (io.kvasir.jepsen.graph EdgeList)
           (java.util ArrayList HashMap HashSet List Map)))

(set! *warn-on-reflection* true)

(defn- lists
  "Makes vectors of lists read, which other writers of histories may give as lists."
  [mops]
  (if (some #(let [v (nth % 2)] (and (sequential? v) (not (vector? v)))) mops)
    (mapv (fn [[f k v]] [f k (if (sequential? v) (vec v) v)]) mops)
    mops))

(defn transactions
  "Returns {:txns [those that took effect or may have], :failed [those that did not]}, in the order of their
  invocations."
  [history]
  (loop [pairs (seq (history/pairs history)) txns (transient []) failed (transient [])]
    (if-let [[[invocation completion] & more] pairs]
      (let [ok? (= :ok (:type completion))
            txn {:op (if ok? completion (or completion (assoc invocation :type :info)))
                 :mops (lists (:value (if ok? completion invocation)))
                 :ok? ok?
                 :process (:process invocation)
                 :invoked (:index invocation)
                 :completed (when ok? (:index completion))}]
        (if (= :fail (:type completion))
          (recur more txns (conj! failed txn))
          (recur more (conj! txns txn) failed)))
      {:txns (persistent! txns) :failed (persistent! failed)})))

(defn- key-map ^HashMap [^Map of key]
  (or (.get of key)
      (let [made (HashMap.)] (.put of key made) made)))

(defn- writers
  "Returns {key {element [txn final?]}}; txn is a place in txns, or -1 - place in failed. final? is whether it is the
  transaction's last element of the key."
  [txns failed]
  (let [all (HashMap.)
        add (fn [number txn]
              (let [last-of (HashMap.)]
                (doseq [[f k v] (:mops txn) :when (= :append f)] (.put last-of k v))
                (doseq [[f k v] (:mops txn) :when (= :append f)]
                  (when (.put (key-map all k) v [number (= v (.get last-of k))])
                    (throw (ex-info "an element is appended twice, so that the history says nothing"
                                    {:key k :element v}))))))]
    (dotimes [i (count txns)] (add i (nth txns i)))
    (dotimes [i (count failed)] (add (- -1 i) (nth failed i)))
    all))

(defn- external-reads
  "The reads of a transaction that show what others did: the first of each key, before it appends to it itself."
  [txn]
  (when (:ok? txn)
    (loop [mops (seq (:mops txn)) seen #{} found []]
      (if-let [[[f k v] & more] mops]
        (if (contains? seen k)
          (recur more seen found)
          (recur more (conj seen k) (if (= :r f) (conj found [k (or v [])]) found)))
        found))))

(defn- longest-reads
  "Returns {key [elements txn]} of the longest list that a transaction which took effect read."
  ^Map [txns]
  (let [longest (HashMap.)]
    (dotimes [i (count txns)]
      (let [txn (nth txns i)]
        (when (:ok? txn)
          (doseq [[f k v] (:mops txn) :when (= :r f)]
            (let [best (.get longest k)]
              (when (or (nil? best) (> (count v) (count (nth best 0))))
                (.put longest k [(or v []) i])))))))
    longest))

(defn- prefix? [^List a ^List b]
  (let [n (count a)]
    (and (<= n (count b))
         (loop [i (dec n)]
           (cond (neg? i) true
                 (.equals ^Object (.get a i) (.get b i)) (recur (dec i))
                 :else false)))))

(defn- internal-error
  "The first operation of a transaction that contradicts what it did before, nil if none does."
  [txn]
  (loop [mops (seq (:mops txn)) known {}]
    (when-let [[[f k v :as mop] & more] mops]
      (let [{:keys [base own] :or {own []}} (known k)
            v (when (= :r f) (or v []))]
        (cond
          (= :append f) (recur more (assoc known k {:base base :own (conj own (nth mop 2))}))
          (and base (not= v (into base own))) {:op (:op txn) :mop mop :expected (into base own)}
          (and (not base) (not= own (vec (take-last (count own) v))))
          {:op (:op txn) :mop mop :expected (into ['...] own)}
          :else (recur more (assoc known k {:base (vec v) :own []})))))))

(defn- internal-errors [txns]
  (into [] (comp (filter #(and (:ok? %) (not (apply distinct? nil (map second (:mops %))))))
                 (keep internal-error)
                 (map #(assoc % :explanation (str "A transaction contradicts itself: " (pr-str (:mop %))
                                                  " should have read " (pr-str (:expected %))
                                                  " after what it did before")))
                 (take 10))
        txns))

(defn- duplicates [elements]
  (let [seen (HashSet.)]
    (into [] (comp (remove #(.add seen %)) (distinct)) elements)))

(defn- read-errors
  "Anomalies of one list that was read: elements twice, that nobody appended, or that a failed transaction did."
  [k elements txn ^Map writers-of failed]
  (let [op (:op txn)
        twice (duplicates elements)
        unknown (into [] (remove #(.containsKey writers-of %)) elements)
        aborted (into [] (filter #(when-let [[writer] (.get writers-of %)] (neg? (long writer)))) elements)]
    (cond-> {}
      (seq twice) (assoc :duplicate-elements
                         [{:op op :key k :elements twice
                           :explanation (str "The list " (pr-str k) " was read with " (pr-str twice)
                                             " more than once, though each element was appended once at most: "
                                             (pr-str elements))}])
      (seq unknown) (assoc :unexpected-element
                           [{:op op :key k :elements unknown
                             :explanation (str "The list " (pr-str k) " was read with " (pr-str unknown)
                                               ", which nobody appended")}])
      (seq aborted) (assoc :G1a
                           (vec (for [element aborted]
                                  (let [writer (:op (nth failed (- -1 (long (first (.get writers-of element))))))]
                                    {:op op :key k :element element :writer writer
                                     :explanation (str "The list " (pr-str k) " was read with " (pr-str element)
                                                       ", but the transaction that appended it failed: "
                                                       (pr-str writer))})))))))

(defn- merge-anomalies [a b]
  (merge-with #(vec (take 10 (into %1 %2))) a b))

(defn- order-errors
  "Reads that are no prefix of the longest one of their key, and what is wrong with lists at all."
  [txns failed ^Map all-writers ^Map longest]
  (let [found (ArrayList.)]
    (doseq [[k [elements i]] longest]
      (.add found (read-errors k elements (nth txns i) (key-map all-writers k) failed)))
    (doseq [txn txns :when (:ok? txn)
            [f k v] (:mops txn) :when (and (= :r f) v)]
      (let [[best i] (.get longest k)]
        (when-not (or (identical? v best) (prefix? v best))
          (.add found (read-errors k v txn (key-map all-writers k) failed))
          (.add found {:incompatible-order
                       [{:key k :values [v best] :ops [(:op txn) (:op (nth txns i))]
                         :explanation (str "Two reads of the list " (pr-str k) " have no order of appends in common: "
                                           (pr-str v) " and " (pr-str best))}]}))))
    (reduce merge-anomalies {} found)))

(defn- intermediate-errors
  "G1b: reads that end with an element after which the transaction that appended it appended another one."
  [txns ^Map all-writers]
  (into []
        (comp (mapcat (fn [i] (map #(conj % i) (external-reads (nth txns i)))))
              (keep (fn [[k v i]]
                      (when (seq v)
                        (let [[writer final?] (.get (key-map all-writers k) (peek v))]
                          (when (and writer (not= writer i) (not final?))
                            {:op (:op (nth txns i)) :key k :element (peek v)
                             :explanation (str "The list " (pr-str k) " was read up to " (pr-str (peek v))
                                               ", which is not the last element its transaction appended")})))))
              (take 10))
        (range (count txns))))

(defn- lost-updates
  "Transactions that read the same version of a list and both appended to it."
  [txns]
  (let [readers (HashMap.)]
    (doseq [txn txns :when (:ok? txn)]
      (let [appended (into #{} (comp (filter #(= :append (first %))) (map second)) (:mops txn))]
        (when (seq appended)
          (doseq [[k v] (external-reads txn) :when (appended k)]
            (let [version [k (count v)]]
              (.put readers version (conj (or (.get readers version) []) txn)))))))
    (into []
          (comp (filter #(> (count (val %)) 1))
                (map (fn [[[k n] txns]]
                       {:key k :ops (mapv :op txns)
                        :explanation (str (count txns) " transactions read the list " (pr-str k) " with its first " n
                                          " elements, and each of them appended to that: "
                                          (pr-str (mapv (comp :value :op) txns)))}))
                (take 10))
          readers)))

(defn- dependencies
  "Returns {:edges EdgeList, :why function} by the versions of each list."
  [txns ^Map all-writers ^Map longest]
  (let [edges (EdgeList.)
        writer-of (fn [k element] (first (.get (key-map all-writers k) element)))
        node (fn [k element] (let [w (writer-of k element)] (when (and w (>= (long w) 0)) w)))
        ;; nil after the last one, and after a version that is none of the order's
        next-element (fn [k version]
                       (let [order (nth (.get longest k) 0) n (count version)]
                         (when (and (< n (count order)) (or (zero? n) (= (peek version) (nth order (dec n)))))
                           (nth order n))))]
    (doseq [[k [order _]] longest]
      (reduce (fn [before element]
                (let [writer (node k element)]
                  (when (and before writer) (.add edges (long before) (long writer) cycles/ww))
                  (or writer before)))
              nil order))
    (dotimes [i (count txns)]
      (doseq [[k v] (external-reads (nth txns i))]
        (when-let [writer (and (seq v) (node k (peek v)))]
          (.add edges (long writer) i cycles/wr))
        (when-let [element (next-element k v)]
          (when-let [writer (node k element)]
            (.add edges i (long writer) cycles/rw)))))
    {:edges edges
     :why (fn [a b type la lb]
            (condp = type
              cycles/ww (or (first (for [[k [order _]] longest
                                         [x y] (partition 2 1 order)
                                         :when (and (= a (node k x)) (= b (node k y)))]
                                     (str la " appended " (pr-str x) " to " (pr-str k) " right before " lb " appended "
                                          (pr-str y))))
                            "its appends come first")
              cycles/wr (first (for [[k v] (external-reads (nth txns b)) :when (and (seq v) (= a (node k (peek v))))]
                                 (str lb " read " (pr-str k) " up to " (pr-str (peek v)) ", which " la " appended")))
              cycles/rw (first (for [[k v] (external-reads (nth txns a))
                                     :let [element (next-element k v)]
                                     :when (and element (= b (node k element)))]
                                 (str la " read " (pr-str k) (if (seq v) (str " up to " (pr-str (peek v))) " empty")
                                      ", without " (pr-str element) ", which " lb " appended next")))))}))

(defn check-history
  "Checks a history under a model, :strict-serializable unless said otherwise."
  [history model]
  (let [{:keys [txns failed]} (transactions (history/indexed history))
        all-writers (writers txns failed)
        longest (longest-reads txns)
        {:keys [edges why]} (dependencies txns all-writers longest)
        listed (fn [kind found] (when (seq found) {kind found}))
        anomalies (reduce merge-anomalies {}
                          [(listed :internal (internal-errors txns))
                           (order-errors txns failed all-writers longest)
                           (listed :G1b (intermediate-errors txns all-writers))
                           (listed :lost-update (lost-updates txns))
                           (cycles/find-cycles txns edges why)])]
    (assoc (cycles/verdict model anomalies)
           :txn-count (count txns)
           :keys-read (count longest))))

(defn checker
  "A checker of list-append transactions; options: :model."
  ([] (checker {}))
  ([{:keys [model] :or {model :strict-serializable}}]
   (reify checker/Checker
     (check [_ _ history _] (check-history history model)))))
