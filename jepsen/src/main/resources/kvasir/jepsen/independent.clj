(ns kvasir.jepsen.independent
  "Many small tests in one: values are tuples of a key and a value, and each key has a history of its own. What is
  linearizable for each key is so altogether."
  (:require [kvasir.jepsen.checker :as checker]
            [kvasir.jepsen.generator :as generator]
            [kvasir.jepsen.history :as history]))

(set! *warn-on-reflection* true)

(defn tuple [k v] (clojure.lang.MapEntry/create k v))

(defn tuple? [value] (instance? clojure.lang.MapEntry value))

(defrecord Keyed [k gen]
  generator/Generator
  (op [_ test ctx]
    (when-let [[op gen] (generator/op gen test ctx)]
      [(if (= :pending op) op (assoc op :value (tuple k (:value op)))) (->Keyed k gen)]))
  (update [this _ _ _] this))

(defn concurrent
  "lanes keys at once; a key is given up for a new one after its generator, (gen-of key), has ended."
  [lanes gen-of]
  (apply generator/mix
         (for [lane (range lanes)]
           ((fn endless [k]
              (lazy-seq (cons (->Keyed k (gen-of k)) (endless (+ (long k) (long lanes))))))
            lane))))

(defn by-key
  "{key history}; operations of the nemesis are in none."
  [history]
  (update-vals (group-by (comp key :value) (filter #(and (history/client-op? %) (tuple? (:value %))) history))
               (fn [ops] (mapv #(assoc % :value (val (:value %))) ops))))

(defn checker
  "Checks each key's history by another checker."
  [of]
  (reify checker/Checker
    (check [_ test history opts]
      (let [results (into (sorted-map)
                          (pmap (fn [[k ops]] [k (checker/check-safe of test ops (assoc opts :key k))])
                                (by-key history)))
            failures (into [] (comp (remove (comp true? :valid? val)) (map key)) results)]
        {:valid? (if (empty? results) :unknown (checker/merge-valid (map :valid? (vals results))))
         :key-count (count results)
         :failures failures
         :results (select-keys results failures)
         :explanation (some #(when-let [words (:explanation (results %))] (str "Key " (pr-str %) ". " words))
                            failures)}))))
