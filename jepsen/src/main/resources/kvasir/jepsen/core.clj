(ns kvasir.jepsen.core
  "Runs a test: a map with :name, :nodes, :concurrency, :db, :client, :nemesis, :generator and :checker, as Jepsen's."
  (:refer-clojure :exclude [run!])
  (:require [clojure.java.io :as io]
            [kvasir.jepsen.checker :as checker]
            [kvasir.jepsen.client :as client]
            [kvasir.jepsen.db :as db]
            [kvasir.jepsen.generator :as generator]
            [kvasir.jepsen.history :as history]
            [kvasir.jepsen.interpreter :as interpreter]
            [kvasir.jepsen.nemesis :as nemesis]
            [kvasir.jepsen.plot :as plot]
            [kvasir.jepsen.random :as random]
            [kvasir.jepsen.store :as store])
  (:import (java.time Instant)
           (java.util Random)))

(set! *warn-on-reflection* true)

(def ^:private serving-millis-max 120000)

(defn faults-checker
  "Valid if each fault that was asked for really happened."
  []
  (reify checker/Checker
    (check [_ test history _]
      (let [happened (nemesis/happened history)
            missing (remove #(pos? (long (get happened % 0))) (:faults test))]
        {:valid? (if (empty? missing) true :unknown) :happened happened :missing (vec missing)}))))

;; Another nemesis, and what is asked of all nodes when its faults are over.
(defrecord Healing [nemesis]
  nemesis/Nemesis
  (setup! [this test] (assoc this :nemesis (nemesis/setup! nemesis test)))
  (invoke! [_ test op]
    (case (:f op)
      :await-serving (let [missing (db/await-serving (:db test) test serving-millis-max)]
                       (assoc op :value (if (empty? missing) :all-serve {:do-not-serve missing})))
      :compare-replicas (assoc op :value (db/compare-replicas (:db test) test))
      (nemesis/invoke! nemesis test op)))
  (teardown! [_ test] (nemesis/teardown! nemesis test)))

(defn healing-checker
  "Valid if all nodes served again after the last fault, and in the end all replicas were equal."
  []
  (reify checker/Checker
    (check [_ _ history _]
      (let [last-of (fn [f] (:value (last (filter #(and (= f (:f %)) (:value %)) history))))
            serving (last-of :await-serving)
            replicas (last-of :compare-replicas)]
        {:valid? (cond (= :different replicas) false
                       (and (= :all-serve serving) (= :equal replicas)) true
                       :else :unknown)
         :serving serving
         :replicas replicas}))))

(defn generator
  "A workload for some seconds beside faults; then everything is healed, and each thread reads what is there."
  [{:keys [seconds rate package workload]}]
  (generator/phases
   (generator/time-limit seconds
                         (generator/clients (generator/stagger (/ 1.0 (double rate)) (:generator workload))
                                            (:generator package)))
   (generator/nemesis (conj (:final-generator package) {:type :info :f :await-serving}))
   (when-let [final (:final-generator workload)]
     (generator/clients (generator/each-thread (generator/once final))))
   (generator/nemesis {:type :info :f :compare-replicas})))

(defn analyze
  "Checks a history and writes results.edn; returns the results."
  [test history]
  (let [results (checker/check-safe (:checker test) test history {})]
    (store/write-edn! test "results.edn" results)
    results))

(defn- with-clients [test f]
  (doseq [node (:nodes test)]
    (let [client (client/open! (:client test) test node)]
      (try (f client) (finally (client/close! client test))))))

(defn- run-cluster
  "Brings everything up, runs the generator, takes everything down; returns the history."
  [test]
  (let [{:keys [db nodes]} test]
    (try
      (doseq [node nodes] (db/setup! db test node))
      (db/setup-primary! db test (first nodes))
      (when-let [missing (seq (db/await-serving db test serving-millis-max))]
        (throw (ex-info "nodes do not serve" {:nodes missing})))
      (let [test (update test :nemesis nemesis/setup! test)]
        (with-clients test #(client/setup! % test))
        (try
          (interpreter/run! test)
          (finally
            (store/close! (:journal test))
            (nemesis/teardown! (:nemesis test) test))))
      (finally
        (doseq [node nodes] (store/copy-logs! test node (db/log-files db test node)))
        (when-not (:leave-db-running? test)
          (doseq [node nodes] (db/teardown! db test node)))))))

(defn run!
  "Runs a test and returns it with its :history and :results."
  [test]
  (let [start (Instant/now)
        directory (store/make-directory! (:store test) (:name test) start)
        test (assoc test :directory directory :start-time (str start))]
    (with-open [log (io/writer (io/file directory "jepsen.log"))]
      (binding [store/*log* log
                random/*random* (Random. (long (:seed test)))]
        (store/log (str (:name test) ", seed " (:seed test) ", in " directory))
        (store/write-edn! test "test.edn" (apply dissoc test store/not-serialized))
        (let [test (assoc test :journal (store/journal test))
              history (history/completed (run-cluster test))
              _ (store/log (str (count history) " operations, checking"))
              results (analyze test history)]
          (plot/draw! test history)
          (store/log (str (:name test) ": valid? " (pr-str (:valid? results))))
          (assoc test :history history :results results))))))
