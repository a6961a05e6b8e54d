(ns kvasir.jepsen.random-history-test
  "Checkers against definitions: small random histories, of which every order is tried; and large ones that a store
  made, in which something is changed."
  (:require [clojure.test :refer [deftest is testing]]
            [kvasir.jepsen.checker-test :refer [expanded]]
            [kvasir.jepsen.checker.append :as append]
            [kvasir.jepsen.checker.register :as register]
            [kvasir.jepsen.checker.rw-register :as rw-register]
            [kvasir.jepsen.history :as history])
  (:import (java.util Random)))

(defn- draw [^Random random n] (long (.nextInt random (int n))))
(defn- pick [random coll] (nth (vec coll) (draw random (count coll))))

;; --- Every order ---

(defn- orders?
  "Whether some order of operations, of which those that are not :must may be left out, agrees with real time and is
  legal by (step state operation), which returns the next state or nil."
  [operations state step]
  (letfn [(go [left state]
            (or (every? (complement :must) left)
                (some (fn [o]
                        (when (every? #(or (identical? % o) (not (< (:completed %) (:invoked o)))) left)
                          (when-let [state (step state o)]
                            (go (remove #(identical? % o) left) state))))
                      left)))]
    (boolean (go operations state))))

(defn- operations [history]
  (for [[invocation completion] (history/pairs history)
        :let [type (:type completion :info)]
        :when (not= :fail type)]
    {:must (= :ok type) :f (:f invocation)
     :value (:value (if (= :ok type) completion invocation))
     :invoked (:index invocation)
     :completed (if (= :ok type) (:index completion) Long/MAX_VALUE)}))

(defn- interleaved
  "Random invocations and completions; (run state invocation) returns [state value] at some time between the two."
  [random processes steps f invocation run state]
  (loop [steps steps state state open {} next-process processes live (vec (range processes)) history []]
    (if (zero? steps)
      history
      (let [slot (draw random processes)
            process (nth live slot)
            {:keys [stage value result] :as doing} (open process)]
        (cond
          (nil? doing)
          (let [value (invocation)]
            (recur (dec steps) state (assoc open process {:stage :invoked :value value}) next-process live
                   (conj history [process :invoke f value])))

          (and (= :invoked stage) (zero? (draw random 12)))
          (let [[state _] (if (zero? (draw random 2)) (run state value) [state nil])]
            (recur (dec steps) state (dissoc open process) (inc next-process) (assoc live slot next-process)
                   (conj history [process :info f value])))

          (= :invoked stage)
          (let [[state result] (run state value)]
            (recur (dec steps) state (assoc open process {:stage :done :value value :result result}) next-process live
                   history))

          :else
          (recur (dec steps) state (dissoc open process) next-process live
                 (conj history (if (= ::fail result) [process :fail f value] [process :ok f result]))))))))

(defn- register-history [random]
  (let [run (fn [{:keys [now before] :as state} [kind a b]]
              (let [seen (if (zero? (draw random 2)) before now)]
                (case kind
                  :read [state [:read seen]]
                  :write [{:now a :before now} [:write a]]
                  :cas (if (= a seen) [{:now b :before now} [:cas a b]] [state ::fail]))))
        raw (interleaved random 3 20 :any
                         #(pick random [[:read nil] [:write (draw random 3)] [:cas (draw random 3) (draw random 3)]])
                         run {:now nil :before nil})]
    (expanded (for [[process type _ value] raw]
                (let [[kind a b] value]
                  [process type kind (if (= :cas kind) [a b] a)])))))

(defn- register-step [{:keys [value]} {:keys [f] v :value}]
  (case f
    :read (when (= v value) {:value value})
    :write {:value v}
    :cas (when (= (first v) value) {:value (second v)})))

(deftest registers-are-judged-as-by-every-order
  (let [verdicts (for [seed (range 1000)
                       :let [history (register-history (Random. seed))
                             expected (orders? (remove #(and (= :read (:f %)) (not (:must %))) (operations history))
                                               {:value nil} register-step)
                             result (register/check-history history)]]
                   (do (is (= expected (:valid? result)) (str "seed " seed " " (pr-str history)))
                       (when-not expected
                         (is (seq (:minimal result)) (str "seed " seed)))
                       expected))
        counts (frequencies verdicts)]
    (is (< 100 (counts true)) (pr-str counts))
    (is (< 100 (counts false)) (pr-str counts))))

(defn- txn-history
  "Transactions over two keys at a store that reads stale now and then, and one in the end that reads all. write is
  :append or :w."
  [random write]
  (let [value (volatile! 0)
        newest (volatile! {})
        mop (fn [] (if (zero? (draw random 2)) [:r (draw random 2) nil] [write (draw random 2) (vswap! value inc)]))
        run (fn [states mops]
              (let [now (peek states)
                    seen (if (zero? (draw random 2)) (pick random states) now)
                    result (reduce (fn [[seen now done] [f k v]]
                                     (condp = f
                                       :r [seen now (conj done [:r k (seen k)])]
                                       :append [(update seen k (fnil conj []) v) (update now k (fnil conj []) v)
                                                (conj done [f k v])]
                                       :w [(assoc seen k v) (assoc now k v) (conj done [f k v])]))
                                   [seen now []] mops)]
                (vreset! newest (nth result 1))
                [(conj states (nth result 1)) (nth result 2)]))]
    (into (interleaved random 3 16 :txn #(vec (repeatedly (inc (draw random 2)) mop)) run [{}])
          [[100 :invoke :txn [[:r 0 nil] [:r 1 nil]]]
           [100 :ok :txn [[:r 0 (@newest 0)] [:r 1 (@newest 1)]]]])))

(defn- txn-step [state {:keys [value must]}]
  (reduce (fn [state [f k v]]
            (case f
              :append (update state k (fnil conj []) v)
              :w (assoc state k v)
              :r (if (or (not must) (= v (state k))) state (reduced nil))))
          state value))

(defn- strictly-serializable? [history]
  (orders? (operations history) {} txn-step))

(deftest appends-are-judged-as-by-every-order
  (let [verdicts (for [seed (range 1000)
                       :let [history (expanded (txn-history (Random. seed) :append))
                             result (append/check-history history :strict-serializable)]]
                   (do (when-not (:valid? result)
                         (is (not (strictly-serializable? history))
                             (str "seed " seed " " (:explanation result) (pr-str history))))
                       [(:valid? result) (strictly-serializable? history)]))
        counts (frequencies verdicts)]
    (is (< 60 (counts [false false])) (pr-str counts))
    (is (< 200 (counts [true true])) (pr-str counts))
    (testing "nothing is missed when everything is read in the end"
      (is (zero? (counts [true false] 0)) (pr-str counts)))))

(deftest what-is-found-in-registers-has-no-order
  (let [verdicts (for [seed (range 1000)
                       :let [history (expanded (txn-history (Random. seed) :w))
                             result (rw-register/check-history history :strict-serializable)]]
                   (do (when-not (:valid? result)
                         (is (not (strictly-serializable? history))
                             (str "seed " seed " " (:explanation result) (pr-str history))))
                       [(:valid? result) (strictly-serializable? history)]))
        counts (frequencies verdicts)]
    (is (< 60 (counts [false false])) (pr-str counts))
    (is (< 200 (counts [true true])) (pr-str counts))))

;; --- Large histories ---

(defn- store-history
  "Transactions of a store that does one at a time, over keys that are given up after some appends; n invocations."
  [^Random random n processes write]
  (let [value (volatile! 0)
        mop (fn [] (let [k (+ (quot (long @value) 200) (draw random 6))]
                     (if (zero? (draw random 2)) [:r k nil] [write k (vswap! value inc)])))
        run (fn [state mops]
              (reduce (fn [[state done] [f k v]]
                        (condp = f
                          :r [state (conj done [:r k (state k)])]
                          :append [(update state k (fnil conj []) v) (conj done [f k v])]
                          :w [(assoc state k v) (conj done [f k v])]))
                      [state []] mops))]
    (expanded (interleaved random processes n :txn #(vec (repeatedly (inc (draw random 3)) mop)) run {}))))

(defn- ok-reads
  "[index of an operation, place of a read in it] of reads with at least n elements."
  [history n]
  (for [op history :when (= :ok (:type op))
        [place [f _ v]] (map-indexed vector (:value op)) :when (and (= :r f) (>= (count v) n))]
    [(:index op) place]))

(deftest what-a-correct-store-did-is-valid
  (doseq [seed (range 4)]
    (is (true? (:valid? (append/check-history (store-history (Random. seed) 4000 8 :append) :strict-serializable))))
    (is (true? (:valid? (rw-register/check-history (store-history (Random. seed) 4000 8 :w) :strict-serializable))))))

(def ^:private mutations
  "What is changed in a read, and one of the anomalies that must be found then."
  {"an element twice" [(fn [v] (conj v (first v))) #{:duplicate-elements}]
   "an element of nobody" [(fn [v] (conj v -1)) #{:unexpected-element}]
   "two elements swapped" [(fn [v] (into [(second v) (first v)] (drop 2 v))) #{:incompatible-order}]
   "an element lost within" [(fn [v] (vec (rest v))) #{:incompatible-order}]
   "stale by all but one" [(fn [v] (subvec v 0 1)) #{:G-single-realtime :G-single-process :G-single :internal}]})

(deftest a-change-in-a-large-history-is-found
  (doseq [[name [change expected]] mutations seed (range 3)]
    (testing (str name ", seed " seed)
      (let [random (Random. seed)
            history (store-history random 3000 8 :append)
            [index place] (pick random (ok-reads history 10))
            result (append/check-history (update-in history [index :value place 2] change) :strict-serializable)]
        (is (false? (:valid? result)))
        (is (some expected (:anomaly-types result)) (pr-str (:anomaly-types result)))))))

(deftest a-transaction-that-is-said-to-have-failed-is-found
  (doseq [seed (range 4)]
    (let [random (Random. seed)
          history (store-history random 4000 8 :append)
          seen (into #{} (comp (filter #(= :ok (:type %))) (mapcat :value) (filter #(= :r (first %))) (mapcat peek))
                     history)
          appended (for [op history :when (= :ok (:type op))
                         [f _ v] (:value op) :when (and (= :append f) (seen v))] (:index op))
          result (append/check-history (assoc-in history [(pick random appended) :type] :fail) :strict-serializable)]
      (is (some #{:G1a} (:anomaly-types result))))))
