(ns kvasir.jepsen.checker-test
  "Every checker on histories that are valid and on such that are not, written by hand."
  (:require [clojure.edn :as edn]
            [clojure.java.io :as io]
            [clojure.string :as string]
            [clojure.test :refer [deftest is testing]]
            [kvasir.jepsen.checker :as checker]
            [kvasir.jepsen.checker.append :as append]
            [kvasir.jepsen.checker.bank :as bank]
            [kvasir.jepsen.checker.counter :as counter]
            [kvasir.jepsen.checker.cycles :as cycles]
            [kvasir.jepsen.checker.register :as register]
            [kvasir.jepsen.checker.rw-register :as rw-register]
            [kvasir.jepsen.checker.set :as set-checker]
            [kvasir.jepsen.history :as history]))

(defn- corpus [name]
  (edn/read-string (slurp (io/resource (str "kvasir/jepsen/corpus/" name ".edn")))))

(defn expanded [compact]
  (history/indexed (for [[process type f value more] compact]
                     (merge {:process process :type type :f f :value value} more))))

(defn- each [name check]
  (doseq [{:keys [history valid? anomalies minimal] :as case} (corpus name)]
    (testing (:name case)
      (let [result (check (expanded history) case)]
        (is (= valid? (:valid? result)) (pr-str result))
        (when (or anomalies (:anomaly-types result))
          (is (= (or anomalies #{}) (set (:anomaly-types result))) (:explanation result)))
        (when (false? valid?)
          (is (not (string/blank? (str (:explanation result) (:error result)))) "explained in words"))
        (when minimal
          (is (= minimal (count (:minimal result))) (:explanation result)))))))

(deftest lists-that-are-appended-to
  (each "append" #(append/check-history %1 (:model %2 :strict-serializable))))

(deftest registers-in-transactions
  (each "rw_register" #(rw-register/check-history %1 (:model %2 :strict-serializable))))

(deftest registers-that-are-linearizable
  (each "register" (fn [history _] (register/check-history history))))

(deftest sets-that-are-added-to
  (each "set" (fn [history _] (set-checker/check-history history))))

(deftest counters-that-grow
  (each "counter" (fn [history _] (counter/check-history history))))

(deftest money-in-accounts
  (each "bank" (fn [history _] (bank/check-history {:accounts [0 1] :total-amount 100} history))))

(deftest a-cycle-is-named-by-its-edges
  (let [{:keys [ww wr rw process realtime]} {:ww cycles/ww :wr cycles/wr :rw cycles/rw :process cycles/process
                                             :realtime cycles/realtime}]
    (is (= :G0 (cycles/kind-of [ww ww])))
    (is (= :G1c (cycles/kind-of [ww wr])))
    (is (= :G-single-realtime (cycles/kind-of [rw realtime])))
    (is (= :G-nonadjacent (cycles/kind-of [rw ww rw wr])))
    (is (= :G2-item (cycles/kind-of [rw wr rw])) "the last edge is a neighbour of the first")
    (is (= :G2-item-process (cycles/kind-of [rw rw process])))))

(deftest an-explanation-has-the-transactions-and-why-they-depend
  (let [result (append/check-history
                (expanded [[0 :invoke :txn [[:append :x 1]]] [0 :ok :txn [[:append :x 1]]]
                           [1 :invoke :txn [[:r :x nil]]] [1 :ok :txn [[:r :x nil]]]
                           [2 :invoke :txn [[:r :x nil]]] [2 :ok :txn [[:r :x [1]]]]])
                :strict-serializable)]
    (is (= #{:serializable :snapshot-isolation :read-committed}
           (set (remove (:not result) (keys cycles/forbidden))) ) "what it may still be")
    (is (string/includes? (:explanation result) "was complete (index 1) before"))
    (is (string/includes? (:explanation result) "read :x empty, without 1, which"))))

(deftest only-true-passes
  (is (true? (checker/merge-valid [true true])))
  (is (= :unknown (checker/merge-valid [true :unknown])))
  (is (false? (checker/merge-valid [true :unknown false])))
  (let [broken (reify checker/Checker (check [_ _ _ _] (throw (IllegalStateException. "no"))))
        result (checker/check (checker/compose {:a broken :b (checker/unbridled-optimism)}) {} [] {})]
    (is (= :unknown (:valid? result)))
    (is (true? (get-in result [:b :valid?])))))

(deftest a-history-in-which-nothing-happened-proves-nothing
  (is (not (true? (:valid? (checker/check (checker/stats) {} [] {})))))
  (is (not (true? (:valid? (checker/check (checker/stats) {} (expanded [[0 :invoke :add 1] [0 :fail :add 1]]) {})))))
  (is (true? (:valid? (checker/check (checker/stats) {} (expanded [[0 :invoke :add 1] [0 :ok :add 1]]) {})))))

(deftest what-was-cut-short-is-completed
  (let [history (history/completed (expanded [[0 :invoke :add 1]]))]
    (is (= [:invoke :info] (mapv :type history)))
    (is (= [0 1] (mapv :index history)))))

(deftest a-process-does-one-thing-at-a-time
  (is (thrown? clojure.lang.ExceptionInfo (history/pairs (expanded [[0 :invoke :add 1] [0 :invoke :add 2]])))))
